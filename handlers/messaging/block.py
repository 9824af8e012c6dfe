"""Blocking: who may not write to whom."""

from datetime import datetime
from typing import Self
from uuid import UUID

from models.messaging import Block
from server.kernel.rpc import Ctx, ListParams, Page, Params, View, command, keyset, own, page_of, query, user


class BlockedUser(View):
    """Somebody whom the caller has blocked."""

    user_id: UUID
    full_name: str
    blocked_at: datetime

    @classmethod
    def of(cls, source: Block) -> Self:  # type: ignore[override]
        """The view of a row whose `blocked` was fetched with it."""
        return cls(user_id=source.blocked_id, full_name=source.blocked.full_name, blocked_at=source.created_at)


class BlockParams(Params):
    """Whom."""

    user_id: UUID


class Blocked(View):
    """They are blocked now."""

    blocked: bool


class Unblocked(View):
    """Whether they were blocked until now."""

    unblocked: bool


@query("block.list", access=own)
async def list_blocked(ctx: Ctx, params: ListParams) -> Page[BlockedUser]:
    """Whom the caller has blocked, the latest first."""
    found = await keyset(Block.filter(blocker_id=ctx.user_id).select_related("blocked"), params)
    return page_of(found, [BlockedUser.of(row) for row in found.rows])


@command("block.add", access=user)
async def add(ctx: Ctx, params: BlockParams) -> Blocked:
    """Block a user: until it is removed neither can write to the other, or see more of the other than the name.

    Blocking again changes nothing. Raises Invalid for oneself, NotFound for an unknown user.
    """
    await Block.add(ctx.work, ctx.user_id, params.user_id)
    return Blocked(blocked=True)


@command("block.remove", access=user)
async def remove(ctx: Ctx, params: BlockParams) -> Unblocked:
    """Unblock a user; `unblocked` is false when they were not blocked."""
    return Unblocked(unblocked=await Block.remove(ctx.work, ctx.user_id, params.user_id))
