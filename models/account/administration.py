"""What admins do to the accounts of others.

Whoever takes a right away locks all active admins with the person, in one order: of two admins who dismiss each other
at once one is no admin any more when their turn comes, and the last one stays.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise.expressions import Q

from models.account.changes import grant_role
from models.account.security import warn
from models.account.sessions import Session
from models.account.users import ACTIVE, SUSPENDED, NewUser, User
from models.errors import Forbidden, Invalid, InvalidState, NotFound
from models.kit.mail import Mail
from models.work import Work

ADMIN = "admin"
ONESELF = "Nobody does this to themselves."
LONGEST = timedelta(days=3660)


async def suspend(work: Work, by: UUID | None, user_id: UUID, reason: str, until: datetime | None) -> User:
    """Keep somebody out until a moment, or until it is lifted; also one who is suspended already, anew.

    Args:
        work: The unit of work.
        by: The admin; None: the operator at the command line.
        user_id: Whom.
        reason: What they are told.
        until: When it ends by the clock.

    Raises:
        Invalid: For oneself, and for an end that has passed or is more than ten years away.
        NotFound: There is no such person.
        Forbidden: Who does it is no admin any more.
        InvalidState: No active admin would be left.
    """
    if until is not None and not work.now < until <= work.now + LONGEST:
        raise Invalid({"until": ["This is a moment to come, within ten years."]})
    user = await _taken_from(by, user_id, keeps_admin=False)
    await user.suspend(work, reason, until)
    ends = f"{until.astimezone(UTC):%d %B %Y, %H:%M} UTC" if until is not None else "an administrator lifts it"
    _mail(work, user, "account_suspended", reason=reason, until=ends)
    return user


async def reinstate(work: Work, by: UUID | None, user_id: UUID, reason: str) -> User:
    """Let somebody in again; who is not suspended stays as they are. Raises what `suspend` raises."""
    user = await _taken_from(by, user_id, keeps_admin=True)
    if user.status == SUSPENDED:
        await user.reinstate(work, reason)
    return user


async def end_suspension(work: Work, user_id: UUID, until: datetime) -> None:
    """The clock has come to the end of a suspension; one that was lifted or given another end meanwhile is not it."""
    user = await User.locked().get_or_none(id=user_id, status=SUSPENDED, suspended_until=until)
    if user is not None:
        await user.reinstate(work)


async def set_roles(work: Work, by: UUID | None, user_id: UUID, roles: Iterable[str]) -> User:
    """Give somebody these roles and no others; `user` everybody has.

    Raises what `suspend` raises, Invalid but for one's own roles.
    """
    after = sorted({*roles, "user"})
    user = await _taken_from(by, user_id, keeps_admin=ADMIN in after)
    before = user.roles
    if after == before:
        return user
    await user.change(roles=after)
    work.audit(user.topic, before={"roles": before}, after={"roles": after})
    user.tell(work, "roles")
    work.emit("admin", "admin.user_changed", user)
    await warn(work, user.id, "Your roles were changed", roles=", ".join(after))
    _mail(work, user, "roles_changed", roles=", ".join(after))
    return user


async def create_admin(work: Work, new: NewUser) -> User:
    """Open an admin's account, on the operator's word, who vouches for the address too. Raises Conflict."""
    user = await User.sign_up(new)
    await user.change(email_verified_at=work.now)
    work.audit(user.topic, after={"roles": user.roles})
    work.emit("admin", "admin.user_changed", user)
    return user


async def make_admin(work: Work, user_id: UUID) -> User:
    """Give somebody the role beside those that they have, on the operator's word."""
    user = await grant_role(work, user_id, ADMIN)
    work.emit("admin", "admin.user_changed", user)
    return user


async def end_sessions(work: Work, by: UUID, user_id: UUID) -> int:
    """Log somebody else out everywhere; returns how many sessions have ended. Raises NotFound, Invalid for oneself."""
    if by == user_id:
        raise Invalid({"user_id": [ONESELF]})
    user = await User.get_or_not_found(User.locked(), id=user_id)
    count = await Session.revoke_all(work, user.id)
    work.audit(user.topic, after={"revoked": count})
    return count


async def _taken_from(by: UUID | None, user_id: UUID, *, keeps_admin: bool) -> User:
    """The person, locked, when it may be done to them."""
    if by == user_id:
        raise Invalid({"user_id": [ONESELF]})
    wanted = Q(id=user_id) | Q(roles__contains=[ADMIN], status=ACTIVE)
    people = {row.id: row for row in await User.locked().filter(wanted).order_by("id")}
    admins = {row.id for row in people.values() if ADMIN in row.roles and row.status == ACTIVE}
    if by is not None and by not in admins:
        raise Forbidden
    if user_id not in people:
        raise NotFound
    if not keeps_admin and admins == {user_id}:
        raise InvalidState("The last active admin stays.", state="last_admin")
    return people[user_id]


def _mail(work: Work, user: User, template: str, **shown: str) -> None:
    Mail(template, user.email, {"name": user.full_name, **shown}).queue(work)
