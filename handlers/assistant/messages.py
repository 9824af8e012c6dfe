"""Prompts and replies: asking, asking again, branches."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from handlers.assistant.threads import ModelName, OneThread
from handlers.assistant.views import ThreadMessage
from models.assistant import Thread
from models.assistant.asking import Asking
from models.assistant.limits import AssistantLimits
from models.assistant.reading import page
from models.errors import Invalid
from models.kit.text import is_blank
from server.kernel.rpc import (
    Ctx,
    Deleted,
    ListParams,
    LongText,
    OptionalText,
    Page,
    Params,
    Slice,
    View,
    command,
    cursor_value,
    decode_cursor,
    encode_cursor,
    own,
    page_of,
    query,
)

MOST_FILES = 10
NOTHING = "Write something, or attach a file."


class Asked(View):
    """The prompt, the place of its reply, and the run that writes it."""

    message_id: UUID
    reply_id: UUID
    run_id: UUID


class AskedAgain(View):
    """The place of another reply, and the run that writes it."""

    reply_id: UUID
    run_id: UUID


class OneMessage(Params):
    """Which message."""

    message_id: UUID


class ListThreadMessages(ListParams):
    """Of which thread; `branch` is any message, and stands for the branch that ends with it."""

    thread_id: UUID
    branch: UUID | None = None


class SendPrompt(Params):
    """What to ask: a text, or files, or both. Files are the caller's own: PDF, DOCX or plain text, ready."""

    thread_id: UUID
    text: OptionalText = ""
    file_ids: Annotated[list[UUID], Field(default_factory=list, max_length=MOST_FILES)]
    model: ModelName | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.file_ids and is_blank(self.text):
            raise Invalid({"text": [NOTHING], "file_ids": [NOTHING]})
        if len(set(self.file_ids)) < len(self.file_ids):
            raise Invalid({"file_ids": ["Name each file once."]})
        return self


class Regenerate(OneMessage):
    """A reply, or its prompt; and what shall answer this time."""

    model: ModelName | None = None


class EditPrompt(OneMessage):
    """An own prompt, and its other text."""

    text: LongText


class SelectBranch(OneThread):
    """Any message of the branch that shall be shown."""

    message_id: UUID


class Selected(View):
    """The last message of the branch that is shown now."""

    active_leaf: UUID


@query("assistant.message.list", access=own)
async def list_messages(ctx: Ctx, params: ListThreadMessages) -> Page[ThreadMessage]:
    """The messages of a branch, newest first; without `branch`, of the one that is shown. Raises NotFound."""
    thread = await Thread.of(ctx.user_id, params.thread_id)
    after = None if params.cursor is None else _place(params.cursor)
    shown, following = await page(thread, params.branch, params.limit, after)
    found = Slice(shown, [encode_cursor(one["id"]) for one in shown], more=following is not None)
    return page_of(found, [ThreadMessage.of(one) for one in shown])


def _place(cursor: str) -> UUID:
    (id_,) = decode_cursor(cursor, 1)
    place: UUID = cursor_value(UUID, id_)
    return place


@command("assistant.message.send", access=own, limit="30/minute")
async def send(ctx: Ctx, params: SendPrompt) -> Asked:
    """Ask at the end of the branch that is shown. The answer comes as events of `thread:<id>`.

    Raises NotFound when the thread is not the caller's, InvalidState (`streaming`) while an answer is written in it and
    (`full`) when it holds 1,000 messages, Invalid for files and models that cannot be used, QuotaExceeded when a budget
    is used up, RateLimited while too many answers are written for the caller.
    """
    asked = await _asking(ctx).send(ctx.work, params.thread_id, params.text, params.file_ids, params.model)
    return Asked.of(asked)


@command("assistant.message.regenerate", access=own, limit="30/minute")
async def regenerate(ctx: Ctx, params: Regenerate) -> AskedAgain:
    """Ask again: another reply beside those that there are, which becomes the one that is shown.

    Raises as `assistant.message.send` does.
    """
    return AskedAgain.of(await _asking(ctx).regenerate(ctx.work, params.message_id, params.model))


@command("assistant.message.edit", access=own, limit="30/minute")
async def edit(ctx: Ctx, params: EditPrompt) -> Asked:
    """Ask otherwise: a new branch beside an own prompt, with the same files. What there was stays.

    Raises as `assistant.message.send` does, InvalidState (`reply`) for a reply.
    """
    return Asked.of(await _asking(ctx).edit(ctx.work, params.message_id, params.text))


@command("assistant.message.delete", access=own)
async def delete(ctx: Ctx, params: OneMessage) -> Deleted:
    """Delete a message with all that follows on it, on every branch.

    Raises NotFound for another's, InvalidState (`streaming`) while an answer is written in the thread.
    """
    await _asking(ctx).delete(ctx.work, params.message_id)
    return Deleted(deleted=True)


@command("assistant.branch.select", access=own)
async def select(ctx: Ctx, params: SelectBranch) -> Selected:
    """Show the branch that a message is on, down to its newest end. Raises NotFound."""
    leaf = await _asking(ctx).select(ctx.work, params.thread_id, params.message_id)
    return Selected(active_leaf=leaf)


def _asking(ctx: Ctx) -> Asking:
    limits = ctx.limits(AssistantLimits)
    return Asking(ctx.user_id, limits.budget, limits.default_model)
