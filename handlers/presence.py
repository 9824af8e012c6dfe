"""Who is there, for people who know each other."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from clients.ports import Presence, Seen
from models.contacts import contacts_among
from models.kit.scope import Scope
from models.presence import ORDINARY, PresenceWish, Shown, change, shown
from server.kernel.context import Services
from server.kernel.errors import DATABASE_AWAY, database_cause
from server.kernel.rpc import Ctx, Params, View, live_event, own, query, signal, topic, user

Wanted = Literal["online", "away", "invisible"]


class GetParams(Params):
    """Whose presence is wanted."""

    user_ids: Annotated[list[UUID], Field(max_length=100)]


class SetParams(Params):
    """As what one wants to be seen."""

    status: Wanted


class PresenceView(View):
    """How somebody is seen; `last_seen_at` is null while they are there."""

    status: str
    last_seen_at: datetime | None


class PresenceChanged(PresenceView):
    """How somebody is seen from now on."""

    user_id: UUID


class PresenceSet(View):
    """As what one wants to be seen."""

    status: Wanted


LEASE = timedelta(seconds=15)
"""For how long somebody is there without a sign of life."""
HIDDEN = PresenceView(status="offline", last_seen_at=None)
"""How everybody else sees somebody who does not show their presence."""


async def state_of(services: Services, user_id: UUID) -> PresenceView:
    """The state of a presence topic, for who begins to follow it."""
    wish = (await shown([user_id])).get(user_id, ORDINARY)
    return _view((await services.ports.presence.read([user_id]))[user_id], wish) if wish.visible else HIDDEN


presence_changed = live_event("presence.changed", "presence", PresenceChanged, "Somebody came, went, or is away.")


async def _may_see(scope: Scope, user_id: UUID) -> bool:
    """Whether it is their own, or a contact's."""
    return user_id == scope.user_id or bool(await contacts_among(scope.user_id, [user_id]))


presence_topic = topic(
    "presence", logged=False, audience="their contacts, and themselves", readers={own: _may_see}, state=state_of
)


@query("presence.get", access=user)
async def get(ctx: Ctx, params: GetParams) -> dict[UUID, PresenceView]:
    """Say how people are seen; whose presence one may not see is left out."""
    known = await contacts_among(ctx.user_id, params.user_ids)
    wanted = [one for one in params.user_ids if one in known or one == ctx.user_id]
    wishes = await shown(wanted)
    views = {}
    for one, seen in (await ctx.ports.presence.read(wanted)).items():
        wish = wishes.get(one, ORDINARY)
        views[one] = _view(seen, wish) if wish.visible or one == ctx.user_id else HIDDEN
    return views


@signal("presence.set", access=user)
async def set_status(ctx: Ctx, params: SetParams) -> PresenceSet:
    """Be seen as online, away, or not at all, until one's last socket has been gone for 15 seconds."""
    await PresenceWish.keep(ctx.user_id, params.status, ctx.now)
    await ctx.ports.presence.come(ctx.user_id, ctx.now)
    for event in await announcements(ctx.ports.presence, [ctx.user_id]):
        ctx.work.emit(*event)
    return PresenceSet(status=params.status)


async def announcements(presence: Presence, users: Sequence[UUID]) -> list[tuple[str, str, Any]]:
    """Return the live events about people who came or went: topic, name and data.

    Nothing of those who hide their presence, and of nobody while the database cannot say who they are.
    """
    if not users:
        return []
    wishes = await _shown(users)
    if wishes is None:
        return []
    visible = [one for one in users if wishes.get(one, ORDINARY).visible]
    found = await presence.read(visible)
    return [
        change(one, *wishes.get(one, ORDINARY).as_seen(there=seen.there, last_seen_at=seen.last_seen_at))
        for one, seen in found.items()
    ]


async def left(presence: Presence, due: Sequence[tuple[UUID, datetime]]) -> list[UUID]:
    """End leases that have run out; returns those whose end others shall hear of.

    Not those of people who were invisible: to others they went when they said so. Of several processes one alone is
    told of each. While the database cannot say who is invisible nothing ends.
    """
    wishes = await _shown([one for one, _ in due])
    if not due or wishes is None:
        return []
    gone = []
    for one, at in due:
        wish = wishes.get(one, ORDINARY)
        if await presence.end(one, wish.since if wish.invisible and wish.since else at - LEASE):
            gone.append((one, at))
    if wished := [(one, at) for one, at in gone if one in wishes]:
        await PresenceWish.end(wished)
    return [one for one, _ in gone if not wishes.get(one, ORDINARY).invisible]


async def _shown(users: Sequence[UUID]) -> dict[UUID, Shown] | None:
    """How people show that they are there; None while the database cannot say."""
    if not users:
        return {}
    try:
        return await shown(users)
    except Exception as error:
        if not isinstance(database_cause(error), DATABASE_AWAY):
            raise
        return None


def _view(seen: Seen, wish: Shown) -> PresenceView:
    status, last_seen_at = wish.as_seen(there=seen.there, last_seen_at=seen.last_seen_at)
    return PresenceView(status=status, last_seen_at=last_seen_at)
