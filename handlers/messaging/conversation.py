"""Conversations as a person sees them: the list, opening one, muting and archiving."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator

from models.kit.scope import Scope
from models.kit.text import cut
from models.messaging import Conversation, Participant
from server.kernel.rpc import (
    Ctx,
    ListParams,
    Moment,
    Page,
    Params,
    Slice,
    View,
    command,
    cursor_value,
    decode_cursor,
    encode_cursor,
    live_event,
    logged_event,
    own,
    page_of,
    query,
    topic,
    user,
)


def _preview(text: str | None) -> str | None:
    return None if text is None else cut(text, PREVIEW)


PREVIEW = 200
Preview = Annotated[str | None, AfterValidator(_preview)]
"""The beginning of a message (PROTOCOL.md, section 12)."""


class ConversationView(View):
    """A conversation as one of its two people sees it: `user_id`, `full_name` and `email` are the other's.

    `last_message_content` is empty where the last message was deleted, and null where there is none yet.
    """

    conversation_id: UUID
    user_id: UUID
    full_name: str
    email: str | None
    last_message_content: Preview
    last_message_time: datetime | None
    unread_count: int
    muted: bool
    archived: bool


class ConversationRead(View):
    """How far somebody has read. `unread_count` is what they have left, null when they are not the one who is told."""

    conversation_id: UUID
    user_id: UUID
    up_to_message_id: UUID
    up_to_number: int
    unread_count: int | None


class Typing(View):
    """Somebody begins or ends typing."""

    conversation_id: UUID
    user_id: UUID
    typing: bool


conversation_updated = logged_event(
    "conversation.updated",
    "user",
    ConversationView,
    "A conversation appeared in the list or is another one now; it takes the place of what was there.",
)
conversation_read = logged_event("conversation.read", "user", ConversationRead, "One of the two has read on.")
conversation_typing = live_event("conversation.typing", "conversation", Typing, "One of the two is typing.")


async def _takes_part(scope: Scope, id_: UUID) -> bool:
    return await Participant.exists(conversation_id=id_, user_id=scope.user_id)


conversation_topic = topic("conversation", logged=False, audience="its two participants", readers={own: _takes_part})


class ConversationFilter(Params):
    """Which conversations; what is left out does not matter."""

    archived: bool | None = None
    unread: bool | None = None


class ListConversations(ListParams):
    """Which part of the list."""

    filter: ConversationFilter = ConversationFilter()

    def after(self) -> tuple[datetime, UUID] | None:
        """The place in the list that the cursor stands for; raises Invalid when it is none."""
        if self.cursor is None:
            return None
        at, id_ = decode_cursor(self.cursor, 2)
        return cursor_value(Moment, at), cursor_value(UUID, id_)


@query("conversation.list", access=own)
async def list_conversations(ctx: Ctx, params: ListConversations) -> Page[ConversationView]:
    """The caller's conversations, the latest message first; an empty one counts from when it was opened.

    `filter.archived` and `filter.unread` show only those that are, or with false only those that are not.
    """
    wanted, after = params.filter, params.after()
    rows = await Conversation.listed(
        ctx.user_id, params.limit + 1, archived=wanted.archived, unread=wanted.unread, after=after
    )
    page = rows[: params.limit]
    cursors = [encode_cursor(row.active_at, row.conversation_id) for row in page]
    found = Slice(page, cursors, more=len(rows) > params.limit)
    return page_of(found, [ConversationView.of(row) for row in page])


class OpenConversation(Params):
    """With whom."""

    user_id: UUID


@command("conversation.open", access=user)
async def open_conversation(ctx: Ctx, params: OpenConversation) -> ConversationView:
    """The conversation with a user, which appears in the caller's list; the other sees it with the first message.

    Raises Invalid for oneself, NotFound for somebody unknown or suspended.
    """
    return ConversationView.of(await Conversation.open(ctx.work, ctx.user_id, params.user_id))


class UpdateConversation(Params):
    """What to change."""

    conversation_id: UUID
    muted: bool | None = None
    archived: bool | None = None


@command("conversation.update", access=own)
async def update(ctx: Ctx, params: UpdateConversation) -> ConversationView:
    """Mute or archive a conversation for the caller alone; the next message takes it out of the archive.

    Raises NotFound when it is not in the caller's list.
    """
    seen = await Conversation.change(
        ctx.work, ctx.user_id, params.conversation_id, muted=params.muted, archived=params.archived
    )
    return ConversationView.of(seen)
