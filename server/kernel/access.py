"""Who may call a method. The registry's declaration is also what the documentation and the access tests read."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models.errors import EmailUnverified, Forbidden, ReauthenticationRequired, Unauthenticated
from models.kit.scope import Scope
from server.kernel.identity import Identity


@dataclass(frozen=True, slots=True)
class Access:
    """One rule of access.

    Attributes:
        name: How the documentation calls it.
        guest: A caller without a user may call.
        roles: The user needs one of these; empty means every user.
        verified: The user's e-mail address has to be confirmed.
        own: The method reaches only rows of the caller; another's row is not found.
        unless: Who has one of these roles reaches everybody's rows all the same.
        reauth: The password or the second factor was given in the last ten minutes.
        internal: Only our own routes may call; the socket and `/api/v1/rpc` do not show it.
    """

    name: str
    guest: bool = False
    roles: frozenset[str] = frozenset()
    verified: bool = False
    own: bool = False
    unless: frozenset[str] = frozenset()
    internal: bool = False
    reauth: bool = False

    def check(self, identity: Identity | None, now: datetime) -> None:
        """Let the caller pass, or raise Unauthenticated, Forbidden, EmailUnverified or ReauthenticationRequired."""
        if self.guest:
            return
        if identity is None:
            raise Unauthenticated
        if self.roles and not self.roles & identity.roles:
            raise Forbidden
        if self.verified and not identity.email_verified:
            raise EmailUnverified
        if self.reauth and (identity.authenticated_at is None or now - identity.authenticated_at > CONFIRMED_FOR):
            raise ReauthenticationRequired

    def scope(self, identity: Identity | None) -> Scope | None:
        """Return whose rows the caller reaches under this rule; None where their roles do not admit them, or a guest.

        A role that opens everybody's rows is named in `unless`; no rule opens them without naming one.
        """
        if identity is None or (self.roles and not self.roles & identity.roles):
            return None
        return Scope(identity.user_id, everything=bool(self.unless & identity.roles))

    def depends_on_roles(self, identity: Identity) -> bool:
        """Whether this rule allows the caller something for a role that they hold."""
        return not identity.roles.isdisjoint(self.roles | self.unless)


public = Access("public", guest=True)
internal = Access("internal", guest=True, internal=True)
user = Access("user")
own = replace(user, name="user own", own=True)
verified = Access("user verified", verified=True)
CONFIRMED_FOR = timedelta(minutes=10)


def reauth(access: Access) -> Access:
    """The same, and the password or the second factor was given in the last ten minutes."""
    return replace(access, name=f"{access.name} reauth", reauth=True)


def own_unless(*names: str) -> Access:
    """Users reach their own rows, those that have one of the roles everybody's."""
    return Access(f"user own | {' | '.join(names)}", own=True, unless=frozenset(names))


def role(*names: str, own: bool = False, unless: Collection[str] = ()) -> Access:
    """Users that have one of the roles; with `own` they reach their own rows, those of `unless` everybody's."""
    name = " | ".join(f"{one} own" if own and one not in unless else one for one in names)
    return Access(name, roles=frozenset(names), own=own, unless=frozenset(unless))
