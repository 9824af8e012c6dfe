"""Who is there, for people who know each other."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from models.account import User
from models.messaging import Conversation
from server.kernel.context import Presence, Seen, Services
from server.kernel.errors import DATABASE_AWAY, database_cause
from server.kernel.identity import Identity
from server.kernel.rpc import Ctx, Params, View, live_event, query, signal, topic, user

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


HIDDEN = PresenceView(status="offline", last_seen_at=None)
"""How everybody else sees somebody who does not show their presence."""


async def state_of(services: Services, user_id: UUID) -> PresenceView:
    """The state of a presence topic, for who begins to follow it."""
    return HIDDEN if await _hidden([user_id]) else _view((await services.presence.read([user_id]))[user_id])


presence_changed = live_event("presence.changed", "presence", PresenceChanged, "Somebody came, went, or is away.")


@topic("presence", logged=False, audience="who has talked with them", state=state_of)
async def presence_topic(identity: Identity | None, id_: UUID | None) -> bool:
    """One may see oneself, and with whom one has talked unless one of the two has blocked the other."""
    if identity is None or id_ is None:
        return False
    return id_ == identity.user_id or bool(await Conversation.acquaintances(identity.user_id, [id_]))


@query("presence.get", access=user)
async def get(ctx: Ctx, params: GetParams) -> dict[UUID, PresenceView]:
    """Say how people are seen; whose presence one may not see is left out."""
    known = await Conversation.acquaintances(ctx.user_id, params.user_ids)
    wanted = [one for one in params.user_ids if one in known or one == ctx.user_id]
    found = await ctx.services.presence.read(wanted)
    hidden = await _hidden(wanted) - {ctx.user_id}
    return {one: HIDDEN if one in hidden else _view(seen) for one, seen in found.items()}


@signal("presence.set", access=user)
async def set_status(ctx: Ctx, params: SetParams) -> PresenceSet:
    """Be seen as online, away, or not at all, until one's last socket has been gone for 15 seconds."""
    await ctx.services.presence.want(ctx.user_id, params.status, ctx.now)
    for name, data in await announcements(ctx.services.presence, [ctx.user_id]):
        ctx.work.emit(name, "presence.changed", data)
    return PresenceSet(status=params.status)


async def announcements(presence: Presence, users: Sequence[UUID]) -> list[tuple[str, PresenceChanged]]:
    """What to tell of people who came or went: the topics with their events' data.

    Nothing of those who hide their presence, and of nobody while the database cannot say who they are.
    """
    if not users:
        return []
    try:
        hidden = await _hidden(users)
    except Exception as error:
        if not isinstance(database_cause(error), DATABASE_AWAY):
            raise
        return []
    found = await presence.read([one for one in users if one not in hidden])
    return [(f"presence:{one}", _changed(one, seen)) for one, seen in found.items()]


async def _hidden(users: Sequence[UUID]) -> set[UUID]:
    """Those who do not show whether they are there."""
    rows: list[Any] = await User.filter(id__in=list(users), presence_visible=False).values_list("id", flat=True)
    return set(rows)


def _view(seen: Seen) -> PresenceView:
    return PresenceView(status=seen.status, last_seen_at=seen.last_seen_at)


def _changed(user_id: UUID, seen: Seen) -> PresenceChanged:
    return PresenceChanged(user_id=user_id, status=seen.status, last_seen_at=seen.last_seen_at)
