"""Runs: how far an answer is, and stopping it."""

import asyncio
from typing import Annotated
from uuid import UUID

from pydantic import Field

from handlers.assistant.views import RunError, RunView, Usage
from models.assistant import Message, Run
from models.kit.text import utf16_length
from server.kernel.rpc import Ctx, Params, View, command, own, query

LONGEST_WAIT = 30
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
LOOKS = 3


class OneRun(Params):
    """Which run."""

    run_id: UUID


class GetRun(OneRun):
    """Which run, and how long to wait until it has ended."""

    wait_seconds: Annotated[int, Field(ge=0, le=LONGEST_WAIT)] = 0


class Stopping(View):
    """Whether it is being stopped; false where it has ended already."""

    stopping: bool


@query("assistant.run.get", access=own, timeout_seconds=LONGEST_WAIT + 5)
async def get(ctx: Ctx, params: GetRun) -> RunView:
    """How far an answer is.

    `offset` is the length of `text`: subscribe to the thread first, ask this then, and drop deltas of the same
    `attempt` that begin before it.

    With `wait_seconds` the answer comes when the run has ended, or after that time; together with `as_of` at once.
    Raises NotFound when it is not the caller's, Unavailable while nobody knows how far it is.
    """
    run = await _settled(ctx, params)
    for _ in range(LOOKS):
        if not run.active:
            return _view(run, (await Message.get_or_not_found(id=run.reply_id)).text)
        text = await ctx.ports.runs.read(run.id, run.attempt)
        if text is not None:
            return _view(run, text)
        # It may have begun anew, or ended, since it was looked at.
        run, before = await Run.of(ctx.user_id, params.run_id), run
        if (run.status, run.attempt) == (before.status, before.attempt):
            break
    return _view(run, "")


async def _settled(ctx: Ctx, params: GetRun) -> Run:
    """Look again and again; between two looks nothing of the database is held."""
    loop = asyncio.get_running_loop()
    waiting = 0 if ctx.pinned else params.wait_seconds
    until, pause = loop.time() + waiting, FIRST_PAUSE
    while (run := await Run.of(ctx.user_id, params.run_id)).active and (left := until - loop.time()) > 0:
        await asyncio.sleep(min(pause, left))
        pause = min(2 * pause, LONGEST_PAUSE)
    return run


def _view(run: Run, text: str) -> RunView:
    error = None
    if run.error_kind is not None:
        error = RunError(kind=run.error_kind, message=run.error_message or "", retryable=run.retryable)
    return RunView(
        run_id=run.id,
        thread_id=run.thread_id,
        reply_id=run.reply_id,
        status=run.status,
        attempt=run.attempt,
        text=text,
        offset=utf16_length(text),
        finish_reason=run.finish_reason,
        usage=Usage.of(run.usage),
        error=error,
    )


@command("assistant.run.stop", access=own)
async def stop(ctx: Ctx, params: OneRun) -> Stopping:
    """Stop an answer: what was written so far stays, and comes with `assistant.run_stopped`.

    Stopping again changes nothing. Raises NotFound when it is not the caller's.
    """
    return Stopping(stopping=await Run.stop(ctx.work, ctx.user_id, params.run_id))
