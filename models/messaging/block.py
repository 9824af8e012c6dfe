"""Who does not want to hear from whom."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.expressions import Q
from uuid_utils.compat import uuid7

from models.base import Row
from models.contacts import contacts_among
from models.errors import Forbidden, Invalid, NotFound
from models.kit.topics import user_topic
from models.messaging.conversation import Conversation
from models.messaging.sql import fetch
from models.work import Work

BLOCKED_BY_OTHER = "This person does not accept messages from you."
BLOCKED_BY_SELF = "You have blocked this person. Unblock them to write to them."

_ADD = """
WITH added AS (
    INSERT INTO block (id, blocker_id, blocked_id, created_at, updated_at)
    SELECT $1, $2, id, $4, $4 FROM "user" WHERE id = $3
    ON CONFLICT (blocker_id, blocked_id) DO NOTHING RETURNING true
)
SELECT EXISTS (SELECT FROM "user" WHERE id = $3) AS known, EXISTS (SELECT FROM added) AS added
"""


_BETWEEN = """
SELECT EXISTS (SELECT FROM block WHERE blocker_id = $1 AND blocked_id = o.id) AS by_self,
    EXISTS (SELECT FROM block WHERE blocker_id = o.id AND blocked_id = $1) AS by_other
FROM conversation c
CROSS JOIN LATERAL (SELECT CASE $1::uuid WHEN c.user_lo_id THEN c.user_hi_id ELSE c.user_lo_id END AS id) AS o
WHERE c.id = $2 AND $1 IN (c.user_lo_id, c.user_hi_id)
"""


class Block(Row):
    """One person has blocked another: neither can write to the other until it is removed."""

    blocker: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.User", related_name=False, on_delete=fields.CASCADE
    )
    blocker_id: UUID
    blocked: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.User", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    blocked_id: UUID

    class Meta:
        table = "block"
        unique_together = (("blocker_id", "blocked_id"),)

    @classmethod
    async def add(cls, work: Work, blocker_id: UUID, blocked_id: UUID) -> None:
        """Block somebody, also again; raises Invalid for oneself and NotFound for nobody.

        Contacts lose sight of each other: each is sent the conversation as it is shown now, and their rights are
        checked anew. Strangers see no change, and nothing is sent.
        """
        if blocker_id == blocked_id:
            raise Invalid({"user_id": ["You cannot block yourself."]})
        async with _telling(work, blocker_id, blocked_id):
            rows = await fetch(_ADD, uuid7(), blocker_id, blocked_id, work.now)
        if not rows[0]["known"]:
            raise NotFound

    @classmethod
    async def remove(cls, work: Work, blocker_id: UUID, blocked_id: UUID) -> bool:
        """Unblock somebody, who may be a contact again; False when they were not blocked."""
        async with _telling(work, blocker_id, blocked_id):
            return await cls.filter(blocker_id=blocker_id, blocked_id=blocked_id).delete() > 0

    @classmethod
    async def refuse_between(cls, user_id: UUID, other_id: UUID) -> None:
        """Raise Forbidden, in the eyes of `user_id`, when either of the two has blocked the other."""
        pair = Q(blocker_id=user_id, blocked_id=other_id) | Q(blocker_id=other_id, blocked_id=user_id)
        blockers = {row.blocker_id for row in await cls.filter(pair)}
        refuse(by_self=user_id in blockers, by_other=other_id in blockers)

    @classmethod
    async def refuse_in(cls, user_id: UUID, conversation_id: UUID) -> None:
        """The same for the two of a conversation, in one statement; raises NotFound when it is not this person's."""
        rows = await fetch(_BETWEEN, user_id, conversation_id)
        if not rows:
            raise NotFound
        refuse(by_self=rows[0]["by_self"], by_other=rows[0]["by_other"])


@asynccontextmanager
async def _telling(work: Work, one_id: UUID, other_id: UUID) -> AsyncIterator[None]:
    """Send two people what a change between them changes in what they see of each other."""
    lo, hi = sorted((one_id, other_id))
    conversation = await Conversation.locked().get_or_none(user_lo_id=lo, user_hi_id=hi)
    if conversation is None:
        yield
        return
    before, were_contacts = await conversation.shown(), await contacts_among(lo, [hi])
    yield
    for seen in await conversation.shown():
        if seen not in before:
            work.emit(user_topic(seen.viewer_id), "conversation.updated", seen)
    if await contacts_among(lo, [hi]) != were_contacts:
        for user_id in conversation.people:
            work.emit(user_topic(user_id), "account.rights_changed", {})


def refuse(*, by_self: bool, by_other: bool) -> None:
    """Raise Forbidden with the sentence that fits; who has blocked does not learn of being blocked."""
    if by_self:
        raise Forbidden(BLOCKED_BY_SELF)
    if by_other:
        raise Forbidden(BLOCKED_BY_OTHER)
