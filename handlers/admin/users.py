"""The accounts of others: who there is, who may come in, and what they may do."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from models.account import Identity, RecoveryCode, SecondFactor, Session, User
from models.account.administration import end_sessions, reinstate, set_roles, suspend
from models.account.users import ACTIVE, REASON_MAX
from models.errors import Invalid
from models.file import File
from models.messaging import Participant
from models.notification import Inbox
from server.kernel.identity import ROLES
from server.kernel.rpc import (
    Ctx,
    ListParams,
    Moment,
    Page,
    Params,
    Search,
    Text,
    View,
    command,
    keyset,
    live_event,
    page_of,
    query,
    reauth,
    role,
)

Role = Literal["user", "job_seeker", "employer", "instructor", "consultant", "admin"]
Status = Literal["active", "suspended"]
Sort = Literal["created_at", "-created_at", "full_name", "-full_name", "email", "-email"]
SESSIONS_SHOWN = 50
COLUMNS = {"created_at": "id", "full_name": "full_name", "email": "email_canonical"}
"""By what a list is sorted. Ids rise with time."""


class UserView(View):
    """Somebody's account, as admins see it in lists and events."""

    id: UUID
    email: str
    email_verified: bool
    full_name: str
    username: str | None
    role: str
    roles: list[str]
    status: Status
    suspension_reason: str | None
    suspended_until: datetime | None
    courses_completed_count: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, source: object) -> Self:
        """The view of a row."""
        return super().of(_shown(source, UserView) if isinstance(source, User) else source)


class UserSession(View):
    """One device on which they are logged in."""

    id: UUID
    device: str
    ip: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class UserIdentity(View):
    """One account elsewhere by which they may come in."""

    provider: str
    email: str | None


class UserCounts(View):
    """How much there is of what is theirs."""

    sessions: int
    conversations: int
    files: int
    unread_notifications: int
    recovery_codes_left: int


class UserRecord(UserView):
    """All that admins see of an account. Of the sessions the 50 newest are shown."""

    first_name: str
    last_name: str
    email_verified_at: datetime | None
    date_of_birth: date | None
    headline: str | None
    bio: str | None
    phone: str | None
    location: str | None
    timezone: str
    locale: str
    rev: int
    has_password: bool
    second_factor: bool
    identities: list[UserIdentity]
    sessions: list[UserSession]
    counts: UserCounts


def _shown(user: User, view: type[UserView]) -> dict[str, object]:
    """The members of a view that a row has itself."""
    roles = sorted(user.roles, key=ROLES.index)
    shown = {name: getattr(user, name) for name in view.model_fields if hasattr(user, name)}
    return {**shown, "role": roles[-1], "roles": roles}


user_changed = live_event(
    "admin.user_changed", "admin", UserView, "An admin, or the clock, has changed somebody's status or roles."
)


class UserFilter(Params):
    """Which accounts: those that have a role among others, a status, a confirmed address or none."""

    role: Role | None = None
    status: Status | None = None
    verified: bool | None = None


class UserListParams(ListParams):
    """A page of the accounts. `search` finds parts of names and addresses, however they are capitalised."""

    search: Search | None = None
    filter: UserFilter = UserFilter()
    sort: Sort = "-created_at"


class UserParams(Params):
    """Whom."""

    user_id: UUID


Reason = Annotated[str, Text(max=REASON_MAX, blank=False), AfterValidator(str.strip)]


class StatusParams(UserParams):
    """The status that somebody shall have. Whoever is suspended is told the reason; without `until` it has no end."""

    status: Status
    reason: Reason
    until: Moment | None = None


class RolesParams(UserParams):
    """All the roles that somebody shall have; `user` everybody has."""

    roles: Annotated[list[Role], Field(max_length=len(ROLES))]


class SessionsRevoked(View):
    """How many sessions have ended."""

    revoked: int


@query("admin.user.list", access=role("admin"))
async def list_users(ctx: Ctx, params: UserListParams) -> Page[UserView]:  # noqa: ARG001 - every handler takes it
    """List the accounts, the newest first if not sorted otherwise."""
    sign, name = params.sort.startswith("-"), params.sort.removeprefix("-")
    rows = _matching(params.filter)
    if params.search:
        rows = rows.filter(_found_by(params.search))
    found = await keyset(rows, params, by=COLUMNS[name], direction="desc" if sign else "asc")
    return page_of(found, [UserView.of(row) for row in found.rows])


def _matching(wanted: UserFilter) -> QuerySet[User]:
    rows = User.all()
    if wanted.role is not None:
        rows = rows.filter(roles__contains=[wanted.role])
    if wanted.status is not None:
        rows = rows.filter(status=wanted.status)
    if wanted.verified is not None:
        rows = rows.filter(email_verified_at__isnull=not wanted.verified)
    return rows


def _found_by(text: str) -> Q:
    return Q(full_name__icontains=text) | Q(email_canonical__icontains=text) | Q(username_canonical__icontains=text)


@query("admin.user.get", access=role("admin"))
async def get(ctx: Ctx, params: UserParams) -> UserRecord:
    """All of one account, with the devices on which its owner is logged in. Raises NotFound."""
    person = await User.get_or_not_found(id=params.user_id)
    alive = Session.alive_of(person.id, ctx.now)
    counts = UserCounts(
        sessions=await alive.count(),
        conversations=await Participant.filter(user_id=person.id).count(),
        files=await File.filter(owner_id=person.id).count(),
        unread_notifications=(await Inbox.of(person.id)).unread_count,
        recovery_codes_left=await RecoveryCode.left(person.id),
    )
    beside = {
        "has_password": person.password_hash is not None,
        "second_factor": await SecondFactor.of(person.id) is not None,
        "identities": await Identity.filter(user_id=person.id).order_by("id"),
        "sessions": await alive.order_by("-id").limit(SESSIONS_SHOWN),
        "counts": counts,
    }
    return UserRecord.of({**_shown(person, UserRecord), **beside})


@command("admin.user.status.set", access=reauth(role("admin")), audit=True)
async def set_status(ctx: Ctx, params: StatusParams) -> UserView:
    """Suspend somebody, until a moment or until it is lifted, or let them in again.

    While they are suspended their sockets are closed with 4404, and logging in and refreshing are refused (`forbidden`,
    with `reason` and `until`). Their sessions live on and can be used afterwards. Suspending again gives another reason
    and end. Raises NotFound, Invalid for oneself and for an end that is not to come within ten years, InvalidState
    (`last_admin`) when no active admin would be left.
    """
    if params.status == ACTIVE and params.until is not None:
        raise Invalid({"until": ["Only a suspension has an end."]})
    if params.status == ACTIVE:
        return UserView.of(await reinstate(ctx.work, ctx.user_id, params.user_id, params.reason))
    person = await suspend(ctx.work, ctx.user_id, params.user_id, params.reason, params.until)
    return UserView.of(person)


@command("admin.user.role.set", access=reauth(role("admin")), audit=True)
async def set_role(ctx: Ctx, params: RolesParams) -> UserView:
    """Give somebody these roles and no others; what they may not do any more is out of reach on open sockets too.

    Raises NotFound, Invalid for one's own roles, InvalidState (`last_admin`) when no active admin would be left.
    """
    return UserView.of(await set_roles(ctx.work, ctx.user_id, params.user_id, params.roles))


@command("admin.user.sessions.revoke", access=role("admin"), audit=True)
async def revoke_sessions(ctx: Ctx, params: UserParams) -> SessionsRevoked:
    """Log somebody out on all devices; their sockets are closed with 4403. Raises NotFound, Invalid for oneself."""
    return SessionsRevoked(revoked=await end_sessions(ctx.work, ctx.user_id, params.user_id))
