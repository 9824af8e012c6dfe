"""Messages as a tree: each but the first has a parent, and a branch is the way from a leaf to the root."""

from collections.abc import Sequence
from typing import Any, Self
from uuid import UUID

from tortoise import fields
from uuid_utils.compat import uuid7

from models.assistant.sql import fetch
from models.base import Row
from models.work import Work

USER, MODEL = "user", "model"

_BRANCH = """
WITH RECURSIVE branch AS (
    SELECT id, parent_id, 1 AS depth FROM assistant_message WHERE id = $1 AND thread_id = $2
    UNION ALL
    SELECT m.id, m.parent_id, b.depth + 1 FROM assistant_message m JOIN branch b ON m.id = b.parent_id
)
SELECT id FROM branch ORDER BY depth
"""

_LEAF = """
WITH RECURSIVE way AS (
    SELECT id, 1 AS depth FROM assistant_message WHERE id = $1 AND thread_id = $2
    UNION ALL
    SELECT n.id, w.depth + 1 FROM way w CROSS JOIN LATERAL (
        SELECT id FROM assistant_message WHERE parent_id = w.id ORDER BY id DESC LIMIT 1
    ) n
)
SELECT id FROM way ORDER BY depth DESC LIMIT 1
"""


class Message(Row):
    """One prompt or one reply. A reply is empty until its run has ended.

    Attributes:
        role: `user` or `model`.
        model: What wrote a reply; null for a prompt.
    """

    thread: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.Thread", related_name=False, on_delete=fields.CASCADE
    )
    thread_id: UUID
    parent_id: UUID | None = fields.UUIDField(null=True, db_index=True)
    role = fields.CharField(max_length=8)
    text: str = fields.TextField(default="")
    model = fields.CharField(max_length=100, null=True)

    class Meta:
        table = "assistant_message"

    @classmethod
    async def add(
        cls, work: Work, thread_id: UUID, parent_id: UUID | None, role: str, text: str = "", model: str | None = None
    ) -> Self:
        """Put a message below another one."""
        message = cls(id=uuid7(), thread_id=thread_id, parent_id=parent_id, role=role, text=text, model=model)
        message.created_at = work.now
        await message.save(force_create=True)
        return message

    @classmethod
    async def branch(cls, thread_id: UUID, leaf_id: UUID | None) -> list[UUID]:
        """The ids from a leaf up to the root; empty where there is no such message in the thread."""
        return [] if leaf_id is None else [row["id"] for row in await fetch(_BRANCH, leaf_id, thread_id)]

    @classmethod
    async def below(cls, thread_id: UUID, message_id: UUID) -> UUID | None:
        """The leaf that is reached from a message by always taking the newest child; None where it is not there."""
        rows = await fetch(_LEAF, message_id, thread_id)
        return rows[0]["id"] if rows else None

    @classmethod
    async def in_order(cls, ids: Sequence[UUID]) -> list[Self]:
        """These messages, as the ids are ordered."""
        found = {message.id: message for message in await cls.filter(id__in=list(ids))}
        return [found[id_] for id_ in ids if id_ in found]

    @classmethod
    async def newest_leaf(cls, thread_id: UUID) -> UUID | None:
        """The end of the newest branch of a thread; None where there is no message left."""
        root = await cls.filter(thread_id=thread_id, parent_id=None).order_by("-created_at", "-id").first()
        return None if root is None else await cls.below(thread_id, root.id)
