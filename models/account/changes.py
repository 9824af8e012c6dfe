"""What people change about their own account. Each takes the lock of the person's row first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.account import rules
from models.account.users import ACTIVE, User, username_taken
from models.base import changed
from models.contacts import relation
from models.errors import Invalid, StaleRevision
from models.presence import OFFLINE, change
from models.work import Work

NAMES = ("first_name", "last_name")
PRIVACY = frozenset({"email_visible_to", "profile_visible_to", "presence_visible"})
PREFERENCES = PRIVACY | {"locale", "theme"}
UNSHOWN = PRIVACY | {"theme", "username_canonical"}
"""What the profile does not show."""
SEEN_IN_CONVERSATIONS = frozenset({"full_name", "email_visible_to"})


async def update_profile(work: Work, user_id: UUID, values: Mapping[str, Any], if_rev: int | None = None) -> User:
    """Change the given members of a profile; what is as it was before changes nothing, not even `rev`.

    Raises StaleRevision when `if_rev` is given and not the present one, Invalid when the names together make no name,
    Conflict when the username is somebody's already.
    """
    user = await User.locked().get(id=user_id)
    if if_rev is not None and if_rev != user.rev:
        raise StaleRevision(current_rev=user.rev)
    columns = dict(values)
    _join_names(user, columns)
    if "username" in columns:
        await _take_username(user, columns)
    await _save(work, user, columns)
    return user


async def update_preferences(work: Work, user_id: UUID, values: Mapping[str, Any]) -> User:
    """Change how somebody sees this and how they are seen; returns the person."""
    user = await User.locked().get(id=user_id)
    await _save(work, user, values)
    return user


async def grant_role(work: Work, user_id: UUID, role: str) -> User:
    """Give somebody a role beside those that they have; who has it already keeps what they have."""
    user = await User.locked().get(id=user_id)
    if role not in user.roles:
        before, after = user.roles, sorted({*user.roles, role})
        work.audit(user.topic, before={"roles": before}, after={"roles": after})
        await _save(work, user, {"roles": after})
    return user


def _join_names(user: User, columns: dict[str, Any]) -> None:
    """Put `full_name` in the place of the first and last names that are given; the other one stays as it is."""
    given = {name: columns.pop(name) for name in NAMES if name in columns}
    if given:
        parts = {name: given.get(name, getattr(user, name)) for name in NAMES}
        columns["full_name"] = rules.clean_name(" ".join(parts.values()))
    if faults := rules.name_faults(columns.get("full_name", user.full_name)) if given else []:
        raise Invalid(dict.fromkeys(given, faults))


async def _take_username(user: User, columns: dict[str, Any]) -> None:
    username = columns["username"]
    canonical = rules.canonical_username(username) if username is not None else None
    columns["username_canonical"] = canonical
    if canonical is not None and await User.filter(username_canonical=canonical).exclude(id=user.id).exists():
        raise username_taken()


async def _save(work: Work, user: User, values: Mapping[str, Any]) -> None:
    """Write what differs, and tell of it; what only the preferences show does not raise `rev`."""
    columns = {name: value for name, value in values.items() if getattr(user, name) != value}
    shown = [name for name in columns if name not in UNSHOWN]
    names_before = {name: getattr(user, name) for name in NAMES}
    if shown:
        await user.change(**columns)
    elif columns:
        await user.save(update_fields=[*changed(user, columns), "updated_at"])
    shown += [name for name in NAMES if getattr(user, name) != names_before[name]]
    _tell(work, user, columns, shown)


def _tell(work: Work, user: User, columns: Iterable[str], shown: list[str]) -> None:
    if shown:
        user.tell(work, *shown)
    if not PREFERENCES.isdisjoint(columns):
        work.emit(user.topic, "account.preferences_updated", preferences(user))
    if not SEEN_IN_CONVERSATIONS.isdisjoint(columns):
        work.defer("conversation.tell_contacts", user.id, None, "full_name" in columns)
    if "presence_visible" in columns:
        _tell_presence(work, user)


def _tell_presence(work: Work, user: User) -> None:
    if user.presence_visible:
        work.defer("presence.announce", user.id)
    else:
        work.emit(*change(user.id, OFFLINE, None))


def preferences(user: User) -> dict[str, Any]:
    """The preferences as they are told."""
    privacy = {"email": user.email_visible_to, "profile": user.profile_visible_to, "presence": user.presence_visible}
    return {"privacy": privacy, "locale": user.locale, "theme": user.theme}


@dataclass(frozen=True, slots=True)
class Seen:
    """A person in the eyes of another: what those may not see is None, or empty."""

    id: UUID
    full_name: str
    first_name: str
    last_name: str
    username: str | None
    headline: str | None
    bio: str | None
    location: str | None
    timezone: str | None
    avatar_file_id: UUID | None
    links: list[dict[str, Any]]
    email: str | None


async def seen_person(viewer_id: UUID, user_id: UUID) -> Seen:
    """How somebody is seen by a viewer. Raises NotFound when there is no such person, or they are suspended."""
    user = await User.get_or_not_found(id=user_id, status=ACTIVE)
    stands = await relation(viewer_id, user_id)
    profile = stands.sees(user.profile_visible_to)
    return Seen(
        id=user.id,
        full_name=user.full_name,
        first_name=user.first_name,
        last_name=user.last_name,
        username=user.username if profile else None,
        headline=user.headline if profile else None,
        bio=user.bio if profile else None,
        location=user.location if profile else None,
        timezone=user.timezone if profile else None,
        avatar_file_id=user.avatar_file_id if profile else None,
        links=user.links if profile else [],
        email=user.email if stands.sees(user.email_visible_to) else None,
    )
