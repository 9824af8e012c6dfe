"""Who is there, for people who know each other."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from models.messaging import Conversation
from server.kernel.context import Presence, Seen, Services
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


async def state_of(services: Services, user_id: UUID) -> PresenceView:
    """The state of a presence topic, for who begins to follow it."""
    return _view((await services.presence.read([user_id]))[user_id])


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
    return {one: _view(seen) for one, seen in found.items()}


@signal("presence.set", access=user)
async def set_status(ctx: Ctx, params: SetParams) -> PresenceSet:
    """Be seen as online, away, or not at all, until one's last socket has been gone for 15 seconds."""
    await ctx.services.presence.want(ctx.user_id, params.status)
    for one, seen in (await ctx.services.presence.read([ctx.user_id])).items():
        ctx.work.emit(f"presence:{one}", "presence.changed", _changed(one, seen))
    return PresenceSet(status=params.status)


async def announcements(presence: Presence, users: Sequence[UUID]) -> list[tuple[str, PresenceChanged]]:
    """What to tell of people who came or went: the topics with their events' data."""
    found = await presence.read(users)
    return [(f"presence:{one}", _changed(one, seen)) for one, seen in found.items()]


def _view(seen: Seen) -> PresenceView:
    return PresenceView(status=seen.status, last_seen_at=seen.last_seen_at)


def _changed(user_id: UUID, seen: Seen) -> PresenceChanged:
    return PresenceChanged(user_id=user_id, status=seen.status, last_seen_at=seen.last_seen_at)
