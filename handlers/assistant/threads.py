"""Threads: the list, beginning, changing and deleting one, and what is in it."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from handlers.assistant.views import ActiveRun, AttachmentView, Context, Node, ThreadView, Turn
from models.assistant import Attachment, KnownModel, Message, Run, Thread
from models.assistant.limits import AssistantLimits
from models.assistant.reading import nodes, turns
from server.kernel.rpc import (
    Ctx,
    Deleted,
    ListParams,
    Page,
    Params,
    Tag,
    Text,
    Title,
    command,
    keyset,
    own,
    page_of,
    query,
    user,
)


def _one_line(text: str) -> str:
    return " ".join(text.split())


OneLine = Annotated[Title, AfterValidator(_one_line)]
Label = Annotated[Tag, AfterValidator(_one_line)]
Labels = Annotated[list[Label], Field(max_length=20)]
ModelName = Annotated[str, Text(max=100, min=1)]


class ThreadFilter(Params):
    """Which threads; what is left out does not matter."""

    archived: bool | None = None
    pinned: bool | None = None
    tag: Label | None = None


class ListThreads(ListParams):
    """Which part of the list."""

    filter: ThreadFilter = ThreadFilter()


class OneThread(Params):
    """Which thread."""

    thread_id: UUID


class CreateThread(Params):
    """Without a title it gets one from the first prompt; a `temporary` thread is in no list and ends after a day."""

    title: OneLine | None = None
    model: ModelName | None = None
    context: Context = Context()
    temporary: bool = False


class UpdateThread(OneThread):
    """What to change; what is left out stays."""

    title: OneLine | None = None
    pinned: bool | None = None
    archived: bool | None = None
    tags: Labels | None = None
    model: ModelName | None = None


class WholeThread(ThreadView):
    """A thread with what is in it.

    `conversations` are the turns of the branch that is shown, oldest first; where they are more than 256 KiB, the
    newest of them, and `more_before` is true. `messages` is the whole tree.
    """

    conversations: list[Turn]
    more_before: bool
    messages: list[Node]
    active_run: ActiveRun | None


@query("assistant.thread.list", access=own)
async def list_threads(ctx: Ctx, params: ListThreads) -> Page[ThreadView]:
    """The caller's threads, where something was asked last first; temporary ones are left out."""
    wanted = params.filter
    rows = Thread.listed(ctx.user_id, archived=wanted.archived, pinned=wanted.pinned, tag=wanted.tag)
    found = await keyset(rows, params, by="active_at")
    return page_of(found, [ThreadView.of(row) for row in found.rows])


@command("assistant.thread.create", access=user, limit="60/minute")
async def create(ctx: Ctx, params: CreateThread) -> ThreadView:
    """Begin a thread. Raises Invalid for a model that is not offered."""
    await KnownModel.check(params.model, ctx.limits(AssistantLimits).default_model)
    context = params.context.model_dump(mode="json", exclude_none=True)
    thread = await Thread.start(
        ctx.work, ctx.user_id, title=params.title, model=params.model, context=context, temporary=params.temporary
    )
    return ThreadView.of(thread)


@query("assistant.thread.get", access=own)
async def get(ctx: Ctx, params: OneThread) -> WholeThread:
    """A thread with the turns of the branch that is shown, its tree, and the run that is under way.

    Raises NotFound when it is not the caller's.
    """
    thread = await Thread.of(ctx.user_id, params.thread_id)
    branch = await Message.branch(thread.id, thread.active_leaf)
    shown, more = await turns(branch)
    run = await Run.active_in(thread.id)
    active = None
    if run is not None:
        active = ActiveRun(
            run_id=run.id,
            message_id=run.prompt_id,
            reply_id=run.reply_id,
            status=run.status,
            attempt=run.attempt,
            model=run.model,
        )
    return WholeThread(
        **ThreadView.of(thread).model_dump(),
        conversations=[Turn(prompt=prompt, response=response) for prompt, response in shown],
        more_before=more,
        messages=[Node.of(row) for row in await nodes(thread.id)],
        active_run=active,
    )


@command("assistant.thread.update", access=own)
async def update(ctx: Ctx, params: UpdateThread) -> ThreadView:
    """Rename, pin, archive or tag a thread, or have another model answer in it.

    Raises NotFound when it is not the caller's, Invalid for a model that is not offered.
    """
    await KnownModel.check(params.model, ctx.limits(AssistantLimits).default_model)
    values = params.model_dump(exclude={"thread_id"}, exclude_none=True)
    return ThreadView.of(await Thread.change(ctx.work, ctx.user_id, params.thread_id, values))


@command("assistant.thread.delete", access=own)
async def delete(ctx: Ctx, params: OneThread) -> Deleted:
    """Delete a thread with all that is in it; an answer that is being written ends. Raises NotFound."""
    await Thread.remove(ctx.work, ctx.user_id, params.thread_id)
    return Deleted(deleted=True)


@query("assistant.attachment.list", access=own)
async def list_attachments(ctx: Ctx, params: OneThread) -> Page[AttachmentView]:
    """The files of a thread, on whichever branch, and whether they could be read; oldest first. Raises NotFound."""
    thread = await Thread.of(ctx.user_id, params.thread_id)
    return Page(items=[AttachmentView.of(one) for one in await Attachment.in_thread(thread.id)])
