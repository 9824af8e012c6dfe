"""Messages between two people."""

from collections import deque
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from models.errors import Invalid
from models.kit.text import is_blank
from models.messaging import Block, Conversation, DirectMessage
from models.messaging.limits import MessageLimits
from server.kernel.rpc import (
    PAGE_BYTES,
    Ctx,
    Deleted,
    LongText,
    OptionalText,
    Params,
    View,
    at_most_one_of,
    command,
    exactly_one_of,
    logged_event,
    own,
    own_unless,
    query,
    signal,
    user,
)


class AttachedView(View):
    """A file that went with a message. This much stays when its owner deletes the file."""

    file_id: UUID
    name: str
    size: int
    media_type: str


class MessageView(View):
    """One message. A deleted one has an empty `content`, no `files` and a `deleted_at`."""

    id: UUID
    conversation_id: UUID
    number: int
    sender_id: UUID
    receiver_id: UUID
    content: str
    files: list[AttachedView]
    reply_to: UUID | None
    edited_at: datetime | None
    deleted_at: datetime | None
    created_at: datetime


class MessageCreated(MessageView):
    """The message, and beside it what the person who is told has unread in the conversation after it."""

    unread_count: int


message_created = logged_event(
    "message.created", "user", MessageCreated, "A message was sent; it is the last one of its conversation now."
)
message_updated = logged_event("message.updated", "user", MessageView, "A message has another text.")
message_deleted = logged_event("message.deleted", "user", MessageView, "A message is a tombstone now.")


MOST_FILES = 10


class ListMessages(Params):
    """Exactly one of `conversation_id`, `user_id`; at most one of `before`, `after`, `around`, which are messages."""

    conversation_id: UUID | None = None
    user_id: UUID | None = None
    before: UUID | None = None
    after: UUID | None = None
    around: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        exactly_one_of(self, "conversation_id", "user_id")
        at_most_one_of(self, "before", "after", "around")
        return self


class MessageSlice(View):
    """Messages in a row, oldest first, and whether there are more on either side."""

    items: list[MessageView]
    more_before: bool
    more_after: bool


@query("message.list", access=own)
async def list_messages(ctx: Ctx, params: ListMessages) -> MessageSlice:
    """The newest messages of a conversation, or those before, after or around one of them; oldest first.

    Empty where the caller and the user have no conversation. Raises NotFound for a conversation that is not the
    caller's and for a message that is not of the conversation.
    """
    conversation = await _wanted(ctx.user_id, params)
    if conversation is None:
        return MessageSlice(items=[], more_before=False, more_after=False)
    page = await DirectMessage.page(
        conversation, params.limit, before=params.before, after=params.after, around=params.around
    )
    return _fitting(MessageSlice.of(page), params)


def _fitting(found: MessageSlice, params: ListMessages) -> MessageSlice:
    """Leave out what is farthest from where the reading began, until the rest fits into one reply."""
    items = deque(found.items)
    sizes = deque(len(one.model_dump_json().encode()) for one in items)
    size, more_before, more_after = sum(sizes), found.more_before, found.more_after
    middle = next((index for index, one in enumerate(items) if one.id == params.around), None)
    while size > PAGE_BYTES and len(items) > 1:
        if params.after is not None or (middle is not None and middle < len(items) - 1 - middle):
            items.pop()
            size -= sizes.pop()
            more_after = True
        else:
            items.popleft()
            size -= sizes.popleft()
            more_before = True
            middle = None if middle is None else middle - 1
    return MessageSlice(items=list(items), more_before=more_before, more_after=more_after)


async def _wanted(user_id: UUID, params: ListMessages) -> Conversation | None:
    if params.conversation_id is not None:
        return await Conversation.of(user_id, params.conversation_id)
    return await Conversation.between(user_id, params.user_id) if params.user_id else None


class SendMessage(Params):
    """To whom: exactly one of `receiver_id`, `conversation_id`. With `file_ids`, `content` may be empty.

    Files are the caller's own, ready, and of the purpose `attachment` or `resume`.
    """

    receiver_id: UUID | None = None
    conversation_id: UUID | None = None
    content: OptionalText = ""
    reply_to: UUID | None = None
    file_ids: Annotated[list[UUID], Field(default_factory=list, max_length=MOST_FILES)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        exactly_one_of(self, "receiver_id", "conversation_id")
        if not self.file_ids and is_blank(self.content):
            raise Invalid({"content": ["A message cannot be empty."]})
        if len(set(self.file_ids)) < len(self.file_ids):
            raise Invalid({"file_ids": ["Name each file once."]})
        return self


@command("message.send", access=user)
async def send(ctx: Ctx, params: SendMessage) -> MessageView:
    """Send a message to a user, or into one of the caller's conversations.

    Who it is sent to may read its files from then on. Raises Invalid for oneself, for a `reply_to` from elsewhere and
    for a file that is not the caller's or cannot be sent, NotFound when the user is unknown or suspended or the
    conversation not the caller's, Forbidden when either of the two has blocked the other. Somebody who has not written
    to the caller may only be written to by a verified account, and by it only to so many in an hour: raises
    EmailUnverified and RateLimited.
    """
    message = await DirectMessage.send(
        ctx.work,
        ctx.user_id,
        params.content,
        receiver_id=params.receiver_id,
        conversation_id=params.conversation_id,
        reply_to=params.reply_to,
        file_ids=params.file_ids,
        limits=ctx.limits(MessageLimits),
    )
    return MessageView.of(message)


class EditMessage(Params):
    """Which message, and its new text."""

    message_id: UUID
    content: LongText


@command("message.edit", access=own)
async def edit(ctx: Ctx, params: EditMessage) -> MessageView:
    """Change the text of an own message.

    Raises NotFound for another's message, InvalidState (`deleted`) for a deleted one, Forbidden when either of the two
    has blocked the other.
    """
    return MessageView.of(await DirectMessage.edit(ctx.work, ctx.user_id, params.message_id, params.content))


class DeleteMessage(Params):
    """Which message."""

    message_id: UUID


@command("message.delete", access=own_unless("admin"))
async def delete(ctx: Ctx, params: DeleteMessage) -> Deleted:
    """Delete an own message, an admin anybody's, for both people; a tombstone without text stays.

    Raises NotFound for another's message, InvalidState (`deleted`) for one that is deleted already.
    """
    await DirectMessage.retract(ctx.work, ctx.user_id, params.message_id, any_sender=ctx.scope.everything)
    return Deleted(deleted=True)


class ReadMessages(Params):
    """Up to which message, itself included."""

    conversation_id: UUID
    up_to_message_id: UUID


class UnreadMessages(View):
    """How many messages to the caller are left."""

    unread_count: int


@command("message.read", access=own)
async def read(ctx: Ctx, params: ReadMessages) -> UnreadMessages:
    """Mark what the caller got up to a message as read. Reading never goes backward.

    Raises NotFound when the conversation is not the caller's, or the message not of the conversation.
    """
    left = await Conversation.read(ctx.work, ctx.user_id, params.conversation_id, params.up_to_message_id)
    return UnreadMessages(unread_count=left)


class SetTyping(Params):
    """Where, and whether it begins or ends."""

    conversation_id: UUID
    typing: bool


class Empty(View):
    """An empty object."""


@signal("message.typing", access=own)
async def typing(ctx: Ctx, params: SetTyping) -> Empty:
    """Tell who follows the conversation that the caller begins or ends typing; nothing is kept.

    Raises NotFound when the conversation is not the caller's, Forbidden when either of the two has blocked the other.
    """
    await Block.refuse_in(ctx.user_id, params.conversation_id)
    told = {"conversation_id": params.conversation_id, "user_id": ctx.user_id, "typing": params.typing}
    ctx.work.emit(f"conversation:{params.conversation_id}", "conversation.typing", told)
    return Empty()
