"""The assistant's answers: each is written by one task, which streams from Gemini to whoever reads."""

from uuid import UUID

from clients.ports import Away
from models.assistant import Attachment, Charge, KnownModel, Run, Thread
from models.assistant.attachment import GIVEN_UP, GONE, MOST_TRIES
from models.assistant.prompt import prompt_of
from server.kernel.rpc import Lane, task
from server.kernel.tasks import TaskCtx
from workers.assistant.answer import Answer

MODELS_SECONDS = 600
PATIENCE_SECONDS = 120.0
THREADS_AT_ONCE = 100


# A run has an end of its own after three attempts; the tries are those of a task that cannot even say so.
@task("assistant.answer", tries=50, lease_seconds=10, external=True, lane=Lane.STREAMS)
async def answer(ctx: TaskCtx, run_id: UUID) -> None:
    """Write one answer; after a worker that died, anew from its beginning."""
    lost = {attempt: await _written(ctx, run_id, attempt) for attempt in await Charge.unsettled(run_id)}
    begun = await ctx.transact(lambda work: Run.begin(work, run_id, lost))
    if begun is None:
        return
    prompt = await prompt_of(begun.thread_id, begun.prompt_id)
    if not await Charge.open(begun.run_id, begun.attempt, begun.thread_id, prompt.characters):
        return
    outcome = await Answer(ctx, begun, prompt).write()
    if outcome is not None:
        await ctx.transact(lambda work: Run.finish(work, begun, outcome), patience_seconds=PATIENCE_SECONDS)


async def _written(ctx: TaskCtx, run_id: UUID, attempt: int) -> int:
    """How many characters of an attempt have come, as far as that is known."""
    try:
        return len(await ctx.ports.runs.read(run_id, attempt) or "")
    except Away:
        return 0


@task("assistant.list_models", every_seconds=MODELS_SECONDS, external=True)
async def list_models(ctx: TaskCtx) -> None:
    """Learn which models there are."""
    listed = await ctx.ports.gemini.models()
    await KnownModel.keep(listed, ctx.now)


@task("assistant.remove_temporary", every_seconds=3600)
async def remove_temporary(ctx: TaskCtx) -> None:
    """Delete temporary threads in which nothing was asked for a day."""
    if await Thread.remove_temporary(ctx.work, THREADS_AT_ONCE) == THREADS_AT_ONCE:
        ctx.work.defer("assistant.remove_temporary")


@task("assistant.release_files")
async def release_files(_ctx: TaskCtx, file_ids: list[UUID]) -> None:
    """A thread is gone that had these files."""
    await Attachment.let_go(file_ids)


@task("assistant.read_attachment", external=True)
async def read_attachment(ctx: TaskCtx, attachment_id: UUID) -> None:
    """Read the text of a file; what cannot be read is said to its owner, and to the model."""
    unread = await Attachment.unread(attachment_id)
    if unread is None:
        return
    attachment, file = unread
    if file is None or ctx.attempt > MOST_TRIES:
        reason = GONE if file is None else GIVEN_UP
        await ctx.transact(lambda work: Attachment.settle(work, attachment_id, reason=reason))
        return
    content = b"".join([piece async for piece in ctx.ports.storage.read(file.storage_key, 0, file.size)])
    read = await ctx.ports.extractor.read(content, attachment.media_type)
    await ctx.transact(
        lambda work: Attachment.settle(
            work, attachment_id, text=read.text, truncated=read.truncated, reason=read.reason
        )
    )
