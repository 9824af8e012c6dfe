"""Tasks to try deferring with; and, run as a program, a worker process that knows them.

`python -m tests.probe_tasks` takes its settings from the environment, as `python -m server worker` does.
"""

import asyncio
import sys
from types import ModuleType
from typing import Literal

import uvloop
from tortoise import connections

from models.errors import Conflict
from server.compose.domains import MODULES
from server.compose.settings import Settings
from server.compose.worker import Worker
from server.kernel.rpc import Ctx, Lane, Params, View, command, task, user
from server.kernel.tasks import TaskCtx
from tests.support_kernel import note

GATES: dict[str, asyncio.Event] = {}
"""What `test.gated` waits for, in the test's own process."""


@task("test.note")
async def take_note(ctx: TaskCtx, name: str) -> None:
    """Leave a trace that shows how often it ran."""
    assert ctx.attempt
    await note(name)


@task("test.fail", tries=3)
async def fail(_ctx: TaskCtx, name: str) -> None:
    """Leave a trace that is rolled back."""
    await note(name)
    raise ValueError(f"{name} never works")


@task("test.gated", lease_seconds=0.3)
async def gated(_ctx: TaskCtx, name: str) -> None:
    """Take as long as the test wants."""
    await note(name)
    await GATES[name].wait()


@task("test.stream", external=True, lane=Lane.STREAMS)
async def stream(ctx: TaskCtx, name: str) -> None:
    """Begin, wait as long as the test wants, and end."""
    await ctx.transact(lambda _work: note(f"{name} begun"))
    await GATES[name].wait()
    await ctx.transact(lambda _work: note(name))


@task("test.slow", lease_seconds=0.6)
async def slow(_ctx: TaskCtx, name: str) -> None:
    """Take a while."""
    await asyncio.sleep(1.5)
    await note(name)


@task("test.idle")
async def idle(_ctx: TaskCtx, name: str) -> None:
    """Leave the transaction alone for longer than it may be."""
    await note(name)
    connection = connections.get("default")
    # The test makes a few hundredths of a second of the five.
    await connection.execute_query("SET LOCAL idle_in_transaction_session_timeout = '20ms'")
    await asyncio.sleep(0.2)
    await note(name)


@task("test.periodic", every_seconds=60)
async def periodic(_ctx: TaskCtx) -> None:
    """Come by itself."""


class Deferral(Params):
    """What is to be done."""

    task: str = "test.note"
    args: list[str]
    delay_seconds: float = 0
    then: Literal["commit", "refuse", "break"] = "commit"


class Done(View):
    """It is queued."""

    queued: bool


@command("test.defer", access=user)
async def defer(ctx: Ctx, params: Deferral) -> Done:
    """Queue a task, then commit or not."""
    at = ctx.now.fromtimestamp(ctx.now.timestamp() + params.delay_seconds, ctx.now.tzinfo)
    ctx.work.defer(params.task, *params.args, at=at)
    if params.then == "refuse":
        raise Conflict
    if params.then == "break":
        raise RuntimeError("as asked")
    return Done(queued=True)


MODULE = ModuleType("probe_tasks")
for declared in (stream, take_note, fail, gated, slow, idle, periodic, defer):
    setattr(MODULE, declared.name, declared)


async def main() -> None:
    """Work until a signal comes."""
    settings = Settings()
    await Worker(settings, settings.database_url, settings.redis_url, [*MODULES, MODULE]).run()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
    sys.exit(0)
