"""Messages: sending, changing, deleting, and reading them page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from tortoise import fields
from tortoise.expressions import F
from uuid_utils.compat import uuid7

from models.base import Row
from models.errors import EmailUnverified, Invalid, InvalidState, NotFound
from models.kit.text import is_blank
from models.kit.topics import user_topic
from models.messaging.attachment import MessageFile
from models.messaging.block import Block, refuse
from models.messaging.conversation import Conversation, Participant
from models.messaging.limits import MessageLimits
from models.messaging.sql import fetch
from models.messaging.strangers import admit_first_message
from models.work import Work

DEFAULT_LIMITS = MessageLimits()
NOTICE_AFTER = timedelta(seconds=30)
"""When somebody looks whether the receiver is there; longer than a lease of presence."""

# Sending is one round trip, but for the first message of a conversation, which has to be admitted ($9). `raised` locks
# the conversation, and so orders everybody who sends here; `seats` locks both seats and thereby reads what is committed
# now, not what the statement's snapshot says, so the counters are exact.
_SEND = """
WITH place AS MATERIALIZED (
    SELECT c.id, o.id AS receiver_id, o.status = 'active' AS active,
        EXISTS (SELECT FROM block WHERE blocker_id = $1 AND blocked_id = o.id) AS blocked_by_self,
        EXISTS (SELECT FROM block WHERE blocker_id = o.id AND blocked_id = $1) AS blocked_by_other,
        $6::uuid IS NULL OR EXISTS (
            SELECT FROM direct_message WHERE id = $6 AND conversation_id = c.id) AS answerable,
        c.started_by IS NOT NULL AS begun,
        NOT $10 OR c.answered_number IS NOT NULL OR COALESCE(c.started_by = o.id, false) OR EXISTS (
            SELECT FROM "user" WHERE id = $1 AND email_verified_at IS NOT NULL) AS trusted
    FROM conversation c
    JOIN "user" o ON o.id = CASE c.user_lo_id WHEN $1 THEN c.user_hi_id ELSE c.user_lo_id END
    WHERE {where}
), raised AS (
    UPDATE conversation c SET last_number = c.last_number + 1, last_message_content = $11,
        last_message_time = GREATEST(c.last_message_time, $5), updated_at = $5,
        started_by = COALESCE(c.started_by, $1), started_at = COALESCE(c.started_at, $5),
        answered_number = COALESCE(c.answered_number, CASE WHEN c.started_by <> $1 THEN c.last_number + 1 END)
    FROM place p
    WHERE c.id = p.id AND p.active AND p.answerable AND NOT p.blocked_by_self AND NOT p.blocked_by_other
        AND p.trusted AND (p.begun OR $9)
    RETURNING c.id, p.receiver_id, c.last_number AS number, c.last_message_time AS created_at, c.answered_number
), seats AS MATERIALIZED (
    SELECT s.id, s.user_id, s.unread_count, s.archived OR NOT s.visible AS hidden,
        s.notice_at IS NULL AND NOT s.muted AS unnoticed
    FROM raised r JOIN participant s ON s.conversation_id = r.id FOR NO KEY UPDATE OF s
), counted AS (
    UPDATE participant s SET visible = true, archived = false, updated_at = $5,
        unread_count = s.unread_count + (s.user_id <> $1)::int,
        notice_at = CASE WHEN seats.unnoticed AND s.user_id <> $1 THEN $8 ELSE s.notice_at END
    FROM seats WHERE s.id = seats.id AND (seats.hidden OR s.user_id <> $1)
), sent AS (
    INSERT INTO direct_message
        (id, conversation_id, number, sender_id, receiver_id, content, reply_to, file_count, created_at, updated_at)
    SELECT $3, r.id, r.number, $1, r.receiver_id, $4, $6, $7, r.created_at, r.created_at FROM raised r
)
SELECT p.id AS conversation_id, p.receiver_id, p.active, p.answerable, p.blocked_by_self, p.blocked_by_other, p.trusted,
    r.number, r.created_at, r.answered_number, mine.unread_count AS sender_unread, mine.hidden AS sender_hidden,
    theirs.unread_count + 1 AS receiver_unread, theirs.hidden AS receiver_hidden, theirs.unnoticed
FROM place p
LEFT JOIN raised r ON true
LEFT JOIN seats mine ON mine.user_id = $1
LEFT JOIN seats theirs ON theirs.user_id = p.receiver_id
"""

_SEND_TO_PERSON = _SEND.format(where="c.user_lo_id = LEAST($1, $2::uuid) AND c.user_hi_id = GREATEST($1, $2::uuid)")
_SEND_INTO = _SEND.format(where="c.id = $2 AND $1 IN (c.user_lo_id, c.user_hi_id)")


@dataclass(frozen=True, slots=True)
class Slice:
    """Messages in a row, oldest first, and whether there are more on either side."""

    items: Sequence["DirectMessage"] = ()
    more_before: bool = False
    more_after: bool = False


class DirectMessage(Row):
    """One message. A deleted one stays as a tombstone without text, so the numbers of a conversation have no gaps.

    `sender_id`, `receiver_id` and `reply_to` are no foreign keys: they are people and messages of the conversation,
    which is one, and whose users cannot be removed; each key would cost every message another look-up and lock.

    Attributes:
        file_count: How many files go with it, so that most messages need no further look.
        files: These files, where they were read with it.
    """

    conversation: fields.ForeignKeyRelation[Conversation] = fields.ForeignKeyField(
        "models.Conversation", related_name="messages", on_delete=fields.CASCADE
    )
    conversation_id: UUID
    number: int = fields.BigIntField()
    sender_id: UUID = fields.UUIDField()
    receiver_id: UUID = fields.UUIDField()
    content: str = fields.TextField()
    reply_to: UUID | None = fields.UUIDField(null=True)
    edited_at: datetime | None = fields.DatetimeField(null=True)
    deleted_at: datetime | None = fields.DatetimeField(null=True)
    file_count: int = fields.SmallIntField(default=0)
    files: Sequence[object] = ()

    class Meta:
        table = "direct_message"
        unique_together = (("conversation_id", "number"),)

    @classmethod
    async def send(
        cls,
        work: Work,
        sender_id: UUID,
        content: str,
        *,
        receiver_id: UUID | None = None,
        conversation_id: UUID | None = None,
        reply_to: UUID | None = None,
        file_ids: Sequence[UUID] = (),
        limits: MessageLimits = DEFAULT_LIMITS,
    ) -> Mapping[str, Any]:
        """Send to a person, or into a conversation; returns the members of the message.

        Its `created_at` is never before that of the message before it, also when two processes' clocks differ.
        Raises Invalid for oneself, an answer to a message from elsewhere or a file that the sender cannot send,
        NotFound when the receiver is unknown or suspended or the conversation not the sender's, Forbidden when either
        has blocked the other. Somebody who has not written to the sender may be written to within `limits`: raises
        EmailUnverified and RateLimited.
        """
        if receiver_id == sender_id:
            raise Invalid({"receiver_id": ["You cannot write to yourself."]})
        message: dict[str, Any] = {"id": uuid7(), "sender_id": sender_id, "content": content, "reply_to": reply_to}
        due = work.now + NOTICE_AFTER
        place = receiver_id or conversation_id
        values = (sender_id, place, message["id"], content, work.now, reply_to, len(file_ids), due)
        preview = preview_of(content, len(file_ids))
        statement = _SEND_TO_PERSON if receiver_id else _SEND_INTO
        rows = await fetch(statement, *values, False, limits.strangers_verified, preview)
        if not rows and receiver_id:
            await Conversation.found(work, sender_id, receiver_id)
            rows = await fetch(statement, *values, False, limits.strangers_verified, preview)
        sent = _admitted(rows)
        if sent["number"] is None:
            await admit_first_message(work, sender_id, sent["conversation_id"], limits)
            sent = _admitted(await fetch(statement, *values, True, limits.strangers_verified, preview))
        message |= {name: sent[name] for name in ("conversation_id", "receiver_id", "number", "created_at")}
        # After the conversation, which everybody else locks first too.
        files = await MessageFile.attach(work, sender_id, message["id"], file_ids) if file_ids else []
        message |= {"edited_at": None, "deleted_at": None, "files": files}
        await _tell_sent(work, message, sent)
        if sent["unnoticed"]:
            work.defer("message.notice", message["conversation_id"], message["receiver_id"], due, at=due)
        return message

    @classmethod
    async def edit(cls, work: Work, user_id: UUID, message_id: UUID, content: str) -> Self:
        """Change the text of an own message.

        Raises NotFound for another's, InvalidState for a deleted one, Forbidden when either has blocked the other.
        """
        message, conversation = await cls._own(message_id, user_id)
        await Block.refuse_between(user_id, message.receiver_id)
        message.content = content
        message.edited_at = work.now
        await message.save(update_fields=["content", "edited_at", "updated_at"])
        _tell(work, message, "message.updated")
        if await _shown(message, conversation):
            await conversation.tell_each(work, conversation.id, conversation.people)
        return message

    @classmethod
    async def retract(cls, work: Work, user_id: UUID, message_id: UUID, *, any_sender: bool = False) -> None:
        """Delete an own message, or as an admin anybody's: its text is gone, its place stays.

        Raises NotFound for another's, InvalidState when it is deleted already.
        """
        message, conversation = await cls._own(message_id, None if any_sender else user_id)
        if message.file_count:
            await MessageFile.detach(message.id)
        message.content, message.file_count, message.files = "", 0, ()
        message.deleted_at = work.now
        await message.save(update_fields=["content", "deleted_at", "file_count", "updated_at"])
        _tell(work, message, "message.deleted")
        counted = await _uncounted(message)
        if await _shown(message, conversation):
            await conversation.tell_each(work, conversation.id, conversation.people)
        elif counted:
            await conversation.tell(work, message.receiver_id)

    @classmethod
    async def page(
        cls,
        conversation: Conversation,
        limit: int,
        *,
        before: UUID | None = None,
        after: UUID | None = None,
        around: UUID | None = None,
    ) -> Slice:
        """The messages before, after or around one of them, at most one of which may be given; else the newest.

        Raises NotFound when that message is not of this conversation.
        """
        numbers = [await cls._number(conversation, anchor) for anchor in (before, after, around)]
        low, high = window(conversation.last_number, limit, *numbers)
        rows = await cls.filter(conversation_id=conversation.id, number__gte=low, number__lte=high).order_by("number")
        await cls._with_files(rows)
        return Slice(rows, more_before=low > 1, more_after=high < conversation.last_number)

    @staticmethod
    async def _with_files(messages: Sequence["DirectMessage"]) -> None:
        """Read the files of those messages that have some."""
        having = [message.id for message in messages if message.file_count]
        files = await MessageFile.of(having) if having else {}
        for message in messages:
            message.files = files.get(message.id, ())

    @classmethod
    async def _number(cls, conversation: Conversation, message_id: UUID | None) -> int | None:
        if message_id is None:
            return None
        return (await cls.get_or_not_found(conversation_id=conversation.id, id=message_id)).number

    @classmethod
    async def _own(cls, message_id: UUID, sender_id: UUID | None) -> tuple[Self, Conversation]:
        """A message with its conversation, which is locked first; `sender_id` None: whoever sent it."""
        own = cls.all() if sender_id is None else cls.filter(sender_id=sender_id)
        known = await cls.get_or_not_found(own, id=message_id)
        conversation = await Conversation.get_or_not_found(Conversation.locked(), id=known.conversation_id)
        message = await cls.get_or_not_found(id=message_id)
        if message.deleted_at is not None:
            raise InvalidState("This message has been deleted.", state="deleted")
        await cls._with_files([message])
        return message, conversation


def _admitted(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    if not rows or not rows[0]["active"]:
        raise NotFound
    refuse(by_self=rows[0]["blocked_by_self"], by_other=rows[0]["blocked_by_other"])
    if not rows[0]["answerable"]:
        raise Invalid({"reply_to": ["There is no such message in this conversation."]})
    if not rows[0]["trusted"]:
        raise EmailUnverified("Please confirm your e-mail address before you write to somebody new.")
    return rows[0]


def preview_of(content: str, files: int) -> str:
    """Return what lists show of a message: its text, or how many files it has where it has no text."""
    if files and is_blank(content):
        return "1 file" if files == 1 else f"{files} files"
    return content


def _tell(work: Work, message: DirectMessage, event: str) -> None:
    for user_id in (message.sender_id, message.receiver_id):
        work.emit(user_topic(user_id), event, message)


async def _uncounted(message: DirectMessage) -> bool:
    """Take a message out of what its receiver has not read; False when it was read."""
    unread = Participant.filter(
        conversation_id=message.conversation_id, user_id=message.receiver_id, last_read_number__lt=message.number
    )
    return await unread.update(unread_count=F("unread_count") - 1) > 0


async def _shown(message: DirectMessage, conversation: Conversation) -> bool:
    """Show the text as it is now in the lists, if this is the last message; whether it is."""
    if message.number != conversation.last_number:
        return False
    conversation.last_message_content = preview_of(message.content, message.file_count)
    await conversation.save(update_fields=["last_message_content", "updated_at"])
    return True


async def _tell_sent(work: Work, message: Mapping[str, Any], sent: Mapping[str, Any]) -> None:
    people = (("sender", message["sender_id"]), ("receiver", message["receiver_id"]))
    # The first answer makes the two contacts, who may see more of each other.
    answered = message["number"] == sent["answered_number"]
    appeared = [user_id for role, user_id in people if sent[f"{role}_hidden"] or answered]
    if appeared:
        await Conversation.tell_each(work, message["conversation_id"], appeared)
    for role, user_id in people:
        work.emit(user_topic(user_id), "message.created", {**message, "unread_count": sent[f"{role}_unread"]})


def window(
    last: int, limit: int, before: int | None = None, after: int | None = None, around: int | None = None
) -> tuple[int, int]:
    """From which to which number a page reaches, of `last` messages; an empty page ends before it begins."""
    if before is not None:
        return max(1, before - limit), before - 1
    if after is not None:
        return after + 1, min(last, after + limit)
    if around is not None:
        high = min(last, max(1, around - limit // 2) + limit - 1)
        return max(1, high - limit + 1), high
    return max(1, last - limit + 1), last
