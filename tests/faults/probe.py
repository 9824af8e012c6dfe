"""A task whose effect can be counted: it happens once for every answered command, however often it is begun."""

import asyncio
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import asyncpg
from pydantic import Field
from tortoise import connections

from server.kernel.rpc import Ctx, Params, View, command, logged_event, task, user
from server.kernel.tasks import TaskCtx

_TABLE = """
CREATE TABLE IF NOT EXISTS probe_effect (user_id uuid, number bigint, runs int NOT NULL, PRIMARY KEY (user_id, number))
"""
_COUNT = """
INSERT INTO probe_effect VALUES ($1, $2, 1)
ON CONFLICT (user_id, number) DO UPDATE SET runs = probe_effect.runs + 1
"""


class Effect(View):
    """Which one it is, and at which attempt it was done."""

    number: int
    attempt: int


class Defer(Params):
    """What to do, after how long, and how long that shall take."""

    number: int
    delay: Annotated[float, Field(ge=0, le=60)] = 0
    seconds: Annotated[float, Field(ge=0, le=4)] = 0


effected = logged_event("probe.effected", "user", Effect)


@task("probe.effect", lease_seconds=3)
async def effect(ctx: TaskCtx, user_id: UUID, number: int, seconds: float) -> None:
    """Count, take so long, and tell."""
    await connections.get("default").execute_query(_COUNT, [user_id, number])
    await asyncio.sleep(seconds)
    ctx.work.emit(f"user:{user_id}", "probe.effected", {"number": number, "attempt": ctx.attempt})


@command("probe.defer", access=user)
async def defer(ctx: Ctx, params: Defer) -> Effect:
    """Have it done."""
    due_at = ctx.now + timedelta(seconds=params.delay) if params.delay else None
    ctx.work.defer("probe.effect", ctx.user_id, params.number, params.seconds, at=due_at)
    return Effect(number=params.number, attempt=0)


async def make_table(url: str) -> None:
    """Make the table of effects, which no migration knows."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_TABLE)
    finally:
        await connection.close()
