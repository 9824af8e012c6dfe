"""The account of the calling user, and how others see it."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from handlers.account.params import Audience, UpdatePreferences, UpdateProfile
from models.account import User
from models.account.changes import preferences, seen_person, update_preferences, update_profile
from models.errors import Invalid
from models.kit.scope import Scope
from server.kernel.identity import ROLES
from server.kernel.rpc import Ctx, Params, View, command, logged_event, own, query, topic, user


class Suspended(View):
    """Why somebody may not come in, and until when; null: until somebody lifts it."""

    reason: str
    until: datetime | None


class AccountUpdated(View):
    """Which members of the account are others now, and its revision since."""

    fields: list[str]
    rev: int


class LinkView(View):
    """A page of the person's elsewhere."""

    label: str
    url: str


class ProfileView(View):
    """The calling user's own profile. `avatar` is a signed address of the picture."""

    id: UUID
    email: str
    full_name: str
    first_name: str
    last_name: str
    username: str | None
    role: str
    roles: list[str]
    date_of_birth: date | None
    headline: str | None
    bio: str | None
    phone: str | None
    location: str | None
    timezone: str
    locale: str
    avatar: str | None
    links: list[LinkView]
    created_at: datetime
    updated_at: datetime
    rev: int

    @classmethod
    def of_user(cls, ctx: Ctx, row: User) -> "ProfileView":
        """The view of a row."""
        roles = sorted(row.roles, key=ROLES.index)
        shown = {name: getattr(row, name) for name in cls.model_fields if name not in {"role", "roles", "avatar"}}
        return cls.of({**shown, "role": roles[-1], "roles": roles, "avatar": _address(ctx, row.avatar_file_id)})


class PersonView(View):
    """Somebody as the caller may see them: what they do not show is null, or empty."""

    id: UUID
    full_name: str
    first_name: str
    last_name: str
    username: str | None
    headline: str | None
    bio: str | None
    location: str | None
    timezone: str | None
    avatar: str | None
    links: list[LinkView]
    email: str | None


class RightsChanged(View):
    """Nothing: neither whose doing it was nor whom it concerns."""


class PrivacyView(View):
    """To whom the address and the profile are shown, and whether contacts see when somebody is there."""

    email: Audience
    profile: Audience
    presence: bool


class PreferencesView(View):
    """How somebody wants to see this, and to be seen."""

    privacy: PrivacyView
    locale: str
    theme: Literal["system", "light", "dark"]


account_suspended = logged_event(
    "account.suspended", "user", Suspended, "The account is suspended; all its sockets are closed with 4404."
)
account_updated = logged_event(
    "account.updated", "user", AccountUpdated, "Something of the account has changed; what it shows is to be read anew."
)
rights_changed = logged_event(
    "account.rights_changed",
    "user",
    RightsChanged,
    "What one may follow is not what it was; each topic that is lost by it is named by `session.unsubscribed`.",
)
preferences_updated = logged_event(
    "account.preferences_updated", "user", PreferencesView, "The preferences are others now: these."
)


async def _is_oneself(scope: Scope, user_id: UUID) -> bool:
    return scope.user_id == user_id


user_topic = topic("user", logged=True, audience="that user", readers={own: _is_oneself})


@query("account.profile.get", access=user)
async def get_profile(ctx: Ctx) -> ProfileView:
    """The caller's own profile."""
    return ProfileView.of_user(ctx, await User.get(id=ctx.user_id))


@command("account.profile.update", access=user)
async def update(ctx: Ctx, params: UpdateProfile) -> ProfileView:
    """Change the given members of the caller's own profile; neither the e-mail address nor a role.

    Raises Invalid where a member is wrong, StaleRevision when `if_rev` is not the present `rev`, Conflict when the
    username is somebody's already.
    """
    given = params.given()
    if "full_name" in given and not given.keys().isdisjoint({"first_name", "last_name"}):
        raise Invalid({"full_name": ["Give either the full name or its parts."]})
    return ProfileView.of_user(ctx, await update_profile(ctx.work, ctx.user_id, given, params.if_rev))


class PersonParams(Params):
    """Whom."""

    user_id: UUID


@query("account.user.get", access=user)
async def get_person(ctx: Ctx, params: PersonParams) -> PersonView:
    """Somebody's profile, as much of it as they show to the caller: their name is shown to everybody.

    Contacts are two people who have both written to each other. Where either has blocked the other, only the name is
    shown. Raises NotFound for somebody unknown or suspended.
    """
    seen = await seen_person(ctx.user_id, params.user_id)
    shown = {name: getattr(seen, name) for name in PersonView.model_fields if name != "avatar"}
    return PersonView.of({**shown, "avatar": _address(ctx, seen.avatar_file_id)})


def _address(ctx: Ctx, file_id: UUID | None) -> str | None:
    """Where a picture is, for a while."""
    return ctx.services.file_links.to(file_id, ctx.now).url if file_id is not None else None


@query("account.preferences.get", access=user)
async def get_preferences(ctx: Ctx) -> PreferencesView:
    """How the caller wants to see this, and to be seen."""
    return PreferencesView.of(preferences(await User.get(id=ctx.user_id)))


@command("account.preferences.update", access=user)
async def change_preferences(ctx: Ctx, params: UpdatePreferences) -> PreferencesView:
    """Change the given preferences. Who hides their presence is seen as offline by everybody else."""
    return PreferencesView.of(preferences(await update_preferences(ctx.work, ctx.user_id, params.given())))
