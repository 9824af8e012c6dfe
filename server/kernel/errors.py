"""The one table from exceptions to the wire (PROTOCOL.md, section 7)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from tortoise.exceptions import BaseORMException, DBConnectionError

from clients.ports import Away
from models import errors as domain


class ParseError(domain.DomainError):
    """What came is not JSON."""

    message = "This is not valid JSON."


class InvalidRequest(domain.DomainError):
    """What came is JSON, but not a JSON-RPC 2.0 request."""

    message = "This is not a valid JSON-RPC 2.0 request."


class MethodNotFound(domain.DomainError):
    """There is no such method, or this way in does not show it."""

    message = "There is no such method."


class TimedOut(domain.DomainError):
    """Took longer than the method's limit."""

    message = "This took too long and was given up."


class Cancelled(domain.DomainError):
    """Given up by `rpc.cancel`."""

    message = "Cancelled."


class OutcomeUnknownError(Exception):
    """The connection broke during the COMMIT: nobody knows whether it happened, so there must be no reply (4011)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of error looks on the wire."""

    code: int
    name: str
    status: int
    title: str
    retryable: bool = False


INTERNAL = Kind(-32603, "internal_error", 500, "Internal server error", retryable=True)

KINDS: Mapping[type[domain.DomainError], Kind] = {
    ParseError: Kind(-32700, "parse_error", 400, "Parse error"),
    InvalidRequest: Kind(-32600, "invalid_request", 400, "Invalid request"),
    MethodNotFound: Kind(-32601, "method_not_found", 404, "Method not found"),
    domain.Invalid: Kind(-32602, "validation_failed", 400, "Validation failed"),
    domain.Unauthenticated: Kind(-32001, "unauthenticated", 401, "Unauthenticated"),
    domain.ReauthenticationRequired: Kind(-32002, "reauthentication_required", 401, "Reauthentication required"),
    domain.Forbidden: Kind(-32003, "forbidden", 403, "Forbidden"),
    domain.NotFound: Kind(-32004, "not_found", 404, "Not found"),
    domain.EmailUnverified: Kind(-32005, "email_unverified", 403, "E-mail not confirmed"),
    domain.MfaRequired: Kind(-32006, "mfa_required", 401, "Second factor required"),
    TimedOut: Kind(-32008, "timeout", 504, "Timeout", retryable=True),
    domain.Conflict: Kind(-32009, "conflict", 409, "Conflict"),
    domain.StaleRevision: Kind(-32012, "stale_revision", 412, "Stale revision"),
    domain.TooLarge: Kind(-32013, "too_large", 413, "Too large"),
    domain.InvalidState: Kind(-32022, "invalid_state", 422, "Invalid state"),
    domain.RateLimited: Kind(-32029, "rate_limited", 429, "Too many requests", retryable=True),
    domain.PaymentRequired: Kind(-32040, "payment_required", 402, "Payment required"),
    domain.QuotaExceeded: Kind(-32030, "quota_exceeded", 429, "Quota exceeded"),
    domain.Unavailable: Kind(-32051, "unavailable", 503, "Unavailable", retryable=True),
    Cancelled: Kind(-32099, "cancelled", 499, "Cancelled"),
}


@dataclass(frozen=True, slots=True)
class WireError:
    """An error as the wire carries it, whichever way in was used."""

    kind: Kind
    message: str
    data: Mapping[str, Any] = field(default_factory=dict)
    title: str | None = None
    detail: str | None = None

    def rpc(self, request_id: str) -> dict[str, Any]:
        """The `error` member of a JSON-RPC response."""
        data = {"kind": self.kind.name, "request_id": request_id, "retryable": self.kind.retryable, **self.data}
        return {"code": self.kind.code, "message": self.message, "data": data}

    def rest(self, request_id: str) -> dict[str, Any]:
        """The body of a REST answer; its status is `kind.status`."""
        return {
            "code": self.kind.name,
            "error": self.title or self.kind.title,
            "message": self.message,
            "detail": self.detail or self.message,
            "request_id": request_id,
            **self.data,
        }


def kind_of(error: domain.DomainError) -> Kind:
    """The kind of an error: its own class's, or the nearest parent's that has one."""
    return next((KINDS[cls] for cls in type(error).__mro__ if cls in KINDS), INTERNAL)


def to_wire(error: BaseException) -> WireError:
    """Map any exception to what the wire may show; of a fault of ours nothing leaks."""
    if isinstance(error, domain.DomainError):
        return WireError(kind_of(error), error.message, error.data, error.title, error.detail)
    if isinstance(error, Away):
        return to_wire(domain.Unavailable(retry_after=1))
    cause = database_cause(error)
    if isinstance(cause, UNIQUE_VIOLATIONS):
        return to_wire(domain.Conflict())
    if isinstance(cause, DATABASE_AWAY):
        return to_wire(domain.Unavailable(retry_after=1))
    return WireError(INTERNAL, "An unexpected error occurred")


UNIQUE_VIOLATIONS = (asyncpg.UniqueViolationError, asyncpg.ExclusionViolationError)

CONNECTION_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    DBConnectionError,
    ConnectionError,
    OSError,
)
"""The connection broke, or could not be made. Built-in types come through asyncpg as they are.

An InternalClientError is what asyncpg raises for a connection that PostgreSQL has ended and that is not closed yet.
"""

DATABASE_AWAY = (
    *CONNECTION_LOST,
    asyncpg.TooManyConnectionsError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncio.TimeoutError,
)
"""The database did not do it in time; the same call may succeed later."""

_BEGIN_ANEW = (*CONNECTION_LOST, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


def worth_another_try(cause: BaseException) -> bool:
    """Whether nothing was committed and the same transaction may well succeed when it is begun anew.

    A time-out (which Python counts among the OSErrors) is not: the next try would only wait as long again.
    """
    return isinstance(cause, _BEGIN_ANEW) and not isinstance(cause, TimeoutError)


def database_cause(error: BaseException) -> BaseException:
    """What the driver raised, out of what the ORM wrapped around it."""
    if isinstance(error, BaseORMException) and isinstance(error.__cause__, Exception):
        return error.__cause__
    return error
