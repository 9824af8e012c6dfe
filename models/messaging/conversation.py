"""A conversation of two people, and the seat that each of them has in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from tortoise import fields
from tortoise.expressions import Q
from tortoise.queryset import QuerySet
from uuid_utils.compat import uuid7

from models.base import Row
from models.contacts import BLOCKED, shown_to_other
from models.errors import Invalid, NotFound
from models.kit.topics import user_topic
from models.messaging.sql import fetch
from models.notification import Notification
from models.work import Work

# Whoever loses the race for the pair waits here for the winner's commit, and finds its row with the next statement.
_FOUND = """
WITH made AS (
    INSERT INTO conversation (id, user_lo_id, user_hi_id, last_number, created_at, updated_at)
    SELECT $1, LEAST($2::uuid, id), GREATEST($2::uuid, id), 0, $6, $6 FROM "user" WHERE id = $3 AND status = 'active'
    ON CONFLICT (user_lo_id, user_hi_id) DO NOTHING RETURNING id
), seated AS (
    INSERT INTO participant
        (id, conversation_id, user_id, unread_count, last_read_number, muted, archived, visible, created_at, updated_at)
    SELECT seat.id, made.id, seat.user_id, 0, 0, false, false, false, $6, $6
    FROM made CROSS JOIN (VALUES ($4::uuid, $2::uuid), ($5::uuid, $3::uuid)) AS seat (id, user_id)
)
SELECT EXISTS (SELECT FROM "user" WHERE id = $3 AND status = 'active') AS active
"""

_SEEN = f"""
SELECT c.id AS conversation_id, s.user_id AS viewer_id, o.id AS user_id, o.full_name,
    CASE WHEN {shown_to_other("o.email_visible_to")} THEN o.email END AS email,
    c.last_message_content, c.last_message_time, s.unread_count, s.muted, s.archived,
    COALESCE(c.last_message_time, c.created_at) AS active_at
FROM participant s
JOIN conversation c ON c.id = s.conversation_id
JOIN "user" o ON o.id = CASE c.user_lo_id WHEN s.user_id THEN c.user_hi_id ELSE c.user_lo_id END
"""  # noqa: S608 - put together from constants

_LISTED = f"""{_SEEN}
WHERE s.user_id = $1 AND s.visible
    AND ($3::bool IS NULL OR s.archived = $3)
    AND ($4::bool IS NULL OR (s.unread_count > 0) = $4)
    AND ($5::timestamptz IS NULL OR (COALESCE(c.last_message_time, c.created_at), c.id) < ($5, $6::uuid))
ORDER BY active_at DESC, c.id DESC LIMIT $2
"""

# An event may only tell columns of locked rows; the names are those of the other person's row.
_TOLD = f"{_SEEN} WHERE c.id = $1 AND s.user_id = ANY($2::uuid[]) ORDER BY o.id FOR SHARE OF o"

_READ = f"""
WITH target AS (
    SELECT number FROM direct_message WHERE id = $3 AND conversation_id = $1
), moved AS (
    UPDATE participant s SET last_read_number = t.number, updated_at = $4, notice_at = NULL, notice_id = NULL,
        unread_count = (
        SELECT count(*) FROM direct_message m WHERE m.conversation_id = $1 AND m.number > t.number
            AND m.receiver_id = $2 AND m.deleted_at IS NULL)
    FROM target t WHERE s.conversation_id = $1 AND s.user_id = $2 AND s.last_read_number < t.number
    RETURNING s.unread_count
)
SELECT t.number, moved.unread_count IS NOT NULL AS moved, COALESCE(moved.unread_count, s.unread_count) AS unread_count,
    s.notice_id, {BLOCKED} AS blocked
FROM target t
JOIN conversation c ON c.id = $1
JOIN participant s ON s.conversation_id = $1 AND s.user_id = $2
LEFT JOIN moved ON true
"""  # noqa: S608 - put together from constants


@dataclass(frozen=True, slots=True)
class Seen:
    """A conversation as one of its two people, the viewer, sees it; `user_id` and the names are the other's."""

    conversation_id: UUID
    viewer_id: UUID
    user_id: UUID
    full_name: str
    email: str | None
    last_message_content: str | None
    last_message_time: datetime | None
    unread_count: int
    muted: bool
    archived: bool
    active_at: datetime


class Conversation(Row):
    """Two people, their ids in order, and the counter that numbers their messages without gaps.

    Attributes:
        started_by: Who sent the first message.
        started_at: When.
        answered_number: The first message of the other; since then both have written.
    """

    user_lo: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.User", related_name=False, on_delete=fields.RESTRICT
    )
    user_lo_id: UUID
    user_hi: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.User", related_name=False, on_delete=fields.RESTRICT, db_index=True
    )
    user_hi_id: UUID
    last_number: int = fields.BigIntField(default=0)
    last_message_content: str | None = fields.TextField(null=True)
    last_message_time: datetime | None = fields.DatetimeField(null=True)
    started_by: UUID | None = fields.UUIDField(null=True)
    started_at: datetime | None = fields.DatetimeField(null=True)
    answered_number: int | None = fields.BigIntField(null=True)

    class Meta:
        table = "conversation"
        unique_together = (("user_lo_id", "user_hi_id"),)
        indexes = (("started_by", "started_at"),)

    def other(self, user_id: UUID) -> UUID:
        """The one whom a participant talks with."""
        return self.user_hi_id if user_id == self.user_lo_id else self.user_lo_id

    @property
    def people(self) -> tuple[UUID, UUID]:
        """Both participants."""
        return self.user_lo_id, self.user_hi_id

    @classmethod
    async def between(cls, one_id: UUID, other_id: UUID) -> Self | None:
        """The conversation of two people, None where they have none."""
        lo, hi = sorted((one_id, other_id))
        return await cls.filter(user_lo_id=lo, user_hi_id=hi).first()

    @classmethod
    async def of(cls, user_id: UUID, conversation_id: UUID, rows: "QuerySet[Self] | None" = None) -> Self:
        """A conversation of this person; raises NotFound for any other."""
        own = (cls.all() if rows is None else rows).filter(Q(user_lo_id=user_id) | Q(user_hi_id=user_id))
        return await cls.get_or_not_found(own, id=conversation_id)

    @classmethod
    async def found(cls, work: Work, user_id: UUID, other_id: UUID) -> None:
        """See to it that two people have a conversation, which neither sees yet.

        Raises NotFound when the other person does not exist or is suspended.
        """
        rows = await fetch(_FOUND, uuid7(), user_id, other_id, uuid7(), uuid7(), work.now)
        if not rows[0]["active"]:
            raise NotFound

    @classmethod
    async def open(cls, work: Work, user_id: UUID, other_id: UUID) -> Seen:
        """Show a conversation in the list of who opens it; the other sees it with the first message.

        Raises Invalid for oneself, NotFound for somebody unknown or suspended.
        """
        if user_id == other_id:
            raise Invalid({"user_id": ["You cannot talk to yourself here."]})
        await cls.found(work, user_id, other_id)
        lo, hi = sorted((user_id, other_id))
        conversation = await cls.get_or_not_found(cls.locked(), user_lo_id=lo, user_hi_id=hi)
        seats = Participant.filter(conversation_id=conversation.id, user_id=user_id)
        if await seats.filter(visible=False).update(visible=True):
            return await conversation.tell(work, user_id)
        return await conversation.seen_by(user_id)

    @classmethod
    async def change(
        cls, work: Work, user_id: UUID, conversation_id: UUID, *, muted: bool | None, archived: bool | None
    ) -> Seen:
        """Mute or archive a conversation for one of its people; None leaves as it is."""
        conversation = await cls.of(user_id, conversation_id, cls.locked())
        seat = await Participant.get_or_not_found(conversation_id=conversation_id, user_id=user_id, visible=True)
        wanted = {"muted": muted, "archived": archived}
        changes = {name: value for name, value in wanted.items() if value not in (None, getattr(seat, name))}
        if not changes:
            return await conversation.seen_by(user_id)
        await Participant.filter(id=seat.id).update(**changes)
        return await conversation.tell(work, user_id)

    @classmethod
    async def read(cls, work: Work, user_id: UUID, conversation_id: UUID, message_id: UUID) -> int:
        """Mark everything up to a message as read, never backward; returns what is unread after it.

        The other person is sent a receipt unless one of the two has blocked the other.
        Raises NotFound when the conversation is not this person's, or the message not of the conversation.
        """
        conversation = await cls.of(user_id, conversation_id, cls.locked())
        rows = await fetch(_READ, conversation_id, user_id, message_id, work.now)
        if not rows:
            raise NotFound
        unread: int = rows[0]["unread_count"]
        if rows[0]["moved"]:
            told = {"conversation_id": conversation_id, "user_id": user_id, "up_to_message_id": message_id}
            told["up_to_number"] = rows[0]["number"]
            work.emit(user_topic(user_id), "conversation.read", {**told, "unread_count": unread})
            if not rows[0]["blocked"]:
                other = user_topic(conversation.other(user_id))
                work.emit(other, "conversation.read", {**told, "unread_count": None})
            if rows[0]["notice_id"] is not None:
                await Notification.read(work, user_id, [rows[0]["notice_id"]])
        return unread

    async def seen_by(self, user_id: UUID) -> Seen:
        """This conversation as one of its two sees it."""
        return (await _seen_by(self.id, [user_id]))[0]

    async def shown(self) -> list[Seen]:
        """This conversation as those see it who have it in their list; its row has to be locked."""
        seats = Participant.filter(conversation_id=self.id, visible=True)
        return await _seen_by(self.id, [seat.user_id for seat in await seats])

    async def tell(self, work: Work, user_id: UUID) -> Seen:
        """Send one of its two people the conversation as they see it now."""
        return (await self.tell_each(work, self.id, [user_id]))[0]

    @staticmethod
    async def tell_each(work: Work, conversation_id: UUID, user_ids: Iterable[UUID]) -> list[Seen]:
        """Send each of these people the conversation as they see it now; its row has to be locked."""
        seen = await _seen_by(conversation_id, user_ids)
        for one in seen:
            work.emit(user_topic(one.viewer_id), "conversation.updated", one)
        return seen

    @staticmethod
    async def listed(
        user_id: UUID, limit: int, *, archived: bool | None, unread: bool | None, after: tuple[datetime, UUID] | None
    ) -> list[Seen]:
        """What a person sees, the latest activity first, after a place in the list: `active_at`, `conversation_id`."""
        at, id_ = after or (None, None)
        return [Seen(**row) for row in await fetch(_LISTED, user_id, limit, archived, unread, at, id_)]


async def _seen_by(conversation_id: UUID, user_ids: Iterable[UUID]) -> list[Seen]:
    return [Seen(**row) for row in await fetch(_TOLD, conversation_id, list(user_ids))]


class Participant(Row):
    """The seat of one person in a conversation: what they have read, and how they keep it.

    `unread_count` is the number of messages to this person beyond `last_read_number` that are not deleted. What is not
    `visible` is not in the person's list: they have neither opened the conversation nor got a message in it.

    Attributes:
        notice_at: Set from a message on until the person reads, or turns out to be there: when somebody looks for them.
        notice_id: The notification that told them then, if there was one.
    """

    conversation: fields.ForeignKeyRelation[Conversation] = fields.ForeignKeyField(
        "models.Conversation", related_name="seats", on_delete=fields.CASCADE
    )
    conversation_id: UUID
    user: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.User", related_name=False, on_delete=fields.RESTRICT, db_index=True
    )
    user_id: UUID
    unread_count: int = fields.IntField(default=0)
    last_read_number: int = fields.BigIntField(default=0)
    muted = fields.BooleanField(default=False)
    archived = fields.BooleanField(default=False)
    visible = fields.BooleanField(default=False)
    notice_at: datetime | None = fields.DatetimeField(null=True)
    notice_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "participant"
        unique_together = (("conversation_id", "user_id"),)
