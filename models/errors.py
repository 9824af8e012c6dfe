"""What can go wrong in the business. Codes and HTTP statuses are given to these in one table of the kernel."""

from collections.abc import Mapping
from typing import Any


class DomainError(Exception):
    """A refusal that the caller may read.

    Args:
        message: A sentence for an end user; the class's own one when left out.
        title: The short heading of the REST body, where a route fixes one.
        detail: The REST body's `detail`, where it differs from `message`.
        commit: Commit what the command has written so far, then answer this error. For what must stay even though
            the command fails: a counted wrong password, a late save that finished its attempt.
        data: Further members of the wire's `error.data`.
    """

    message = "The request cannot be carried out."

    def __init__(
        self,
        message: str | None = None,
        *,
        title: str | None = None,
        detail: str | None = None,
        commit: bool = False,
        **data: Any,
    ) -> None:
        self.message = message or type(self).message
        self.title = title
        self.detail = detail
        self.commit = commit
        self.data: Mapping[str, Any] = data
        super().__init__(self.message)


class Invalid(DomainError):
    """Fields are wrong; `details` maps each to its texts."""

    message = "Some fields are not valid."

    def __init__(self, details: Mapping[str, list[str]], message: str | None = None, **options: Any) -> None:
        super().__init__(message, details=details, **options)


class NotFound(DomainError):
    """The thing is absent, or not the caller's: the two look the same."""

    message = "Not found."


class Forbidden(DomainError):
    """The caller's role, or the other person, does not allow it."""

    message = "You are not allowed to do this."


class Conflict(DomainError):
    """A duplicate, a slot taken, a key used otherwise."""

    message = "This conflicts with what is already there."


class InvalidState(DomainError):
    """The thing is in a state in which this cannot be done; `state` names it."""

    message = "This cannot be done in the present state."


class StaleRevision(DomainError):
    """`if_rev` does not match; `current_rev` is the one that would."""

    message = "Somebody else has changed this in the meantime."


class TooLarge(DomainError):
    """Larger than `limit`."""

    message = "This is too large."


class Unauthenticated(DomainError):
    """Nobody is logged in, or the token has run out."""

    message = "Please log in."


class ReauthenticationRequired(DomainError):
    """Sensitive: the password or the second factor has to be confirmed first."""

    message = "Please confirm your password first."


class MfaRequired(DomainError):
    """The password was right, and a second factor is wanted; `challenge` goes with its code."""

    message = "Please enter the code of your second factor."


class EmailUnverified(DomainError):
    """The e-mail address is not confirmed."""

    message = "Please confirm your e-mail address first."


class PaymentRequired(DomainError):
    """It has not been bought yet; `product_id` names what has to be."""

    message = "This has to be bought first."


class RateLimited(DomainError):
    """Too many; `retry_after` says in seconds when to come again."""

    message = "Too many requests. Please wait a moment."


class QuotaExceeded(DomainError):
    """A budget is used up: `used` of `limit`; `retry_after` says in seconds when it is filled again."""

    message = "Your budget is used up."


class Unavailable(DomainError):
    """The database is away, or the process is going down; `retry_after` in seconds."""

    message = "The service is not available at the moment. Please try again."
