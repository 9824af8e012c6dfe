"""Threads: conversations of one person with the assistant."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.queryset import QuerySet
from uuid_utils.compat import uuid7

from models.assistant.sql import fetch
from models.base import Row, changed
from models.errors import InvalidState
from models.kit.topics import user_topic
from models.work import Work

UNTITLED = "New conversation"
TITLE_CHARACTERS = 60
TEMPORARY_FOR = timedelta(hours=24)
BUSY = "The assistant is still answering in this conversation. Wait for it, or stop it."

_FILES = """
SELECT DISTINCT a.file_id FROM assistant_attachment a JOIN assistant_message m ON m.id = a.message_id
WHERE m.thread_id = $1
"""


class Thread(Row):
    """One conversation with the assistant.

    Attributes:
        named: Whether its owner has given it its title; otherwise it is taken from the first prompt.
        model: What answers here when a prompt does not say; null: the installation's default.
        context: Ids of what it is about: `resume_id`, `job_id`, `course_id`.
        temporary: Not in the list, and removed a day after the last prompt.
        active_leaf: The last message of the branch that is shown; null while there is none.
        active_at: When the last prompt came; the order of the list.
    """

    user: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.User", related_name=False, on_delete=fields.CASCADE
    )
    user_id: UUID
    title = fields.CharField(max_length=200, default=UNTITLED)
    named = fields.BooleanField(default=False)
    model = fields.CharField(max_length=100, null=True)
    context: Any = fields.JSONField(default=dict)
    temporary = fields.BooleanField(default=False)
    pinned = fields.BooleanField(default=False)
    archived = fields.BooleanField(default=False)
    tags: Any = ArrayField(element_type="text", default=list)
    active_leaf: UUID | None = fields.UUIDField(null=True)
    active_at: datetime = fields.DatetimeField()

    class Meta:
        table = "assistant_thread"

    @property
    def topic(self) -> str:
        """Where its answers are followed."""
        return f"thread:{self.id}"

    @classmethod
    async def start(
        cls,
        work: Work,
        user_id: UUID,
        *,
        title: str | None,
        model: str | None,
        context: Mapping[str, Any],
        temporary: bool,
    ) -> Self:
        """Begin a conversation."""
        thread = cls(id=uuid7(), user_id=user_id, model=model, context=dict(context), temporary=temporary)
        if title is not None:
            thread.title, thread.named = title, True
        thread.active_at = thread.created_at = work.now
        await thread.save(force_create=True)
        thread.tell(work, "assistant.thread_created")
        return thread

    @classmethod
    def listed(cls, user_id: UUID, *, archived: bool | None, pinned: bool | None, tag: str | None) -> QuerySet[Self]:
        """A person's threads but for temporary ones; None does not matter."""
        wanted: dict[str, Any] = {"archived": archived, "pinned": pinned, "tags__contains": [tag] if tag else None}
        given = {name: value for name, value in wanted.items() if value is not None}
        return cls.filter(user_id=user_id, temporary=False, **given)

    @classmethod
    async def of(cls, user_id: UUID, thread_id: UUID) -> Self:
        """A thread of this person; raises NotFound for any other."""
        return await cls.get_or_not_found(user_id=user_id, id=thread_id)

    @classmethod
    async def hold(cls, user_id: UUID, thread_id: UUID) -> Self:
        """The same, locked until the commit."""
        return await cls.get_or_not_found(cls.locked(), user_id=user_id, id=thread_id)

    @classmethod
    async def change(cls, work: Work, user_id: UUID, thread_id: UUID, values: Mapping[str, Any]) -> Self:
        """Change what is given; raises NotFound."""
        thread = await cls.hold(user_id, thread_id)
        names = changed(thread, {**values, **({"named": True} if "title" in values else {})})
        if names:
            await thread.save(update_fields=[*names, "updated_at"])
            thread.tell(work, "assistant.thread_updated")
        return thread

    @classmethod
    async def remove(cls, work: Work, user_id: UUID, thread_id: UUID) -> None:
        """Delete it with all that hangs on it; an answer that is being written ends. Raises NotFound."""
        thread = await cls.get_or_not_found(cls.all().select_for_update(), user_id=user_id, id=thread_id)
        await thread.erase(work)

    @classmethod
    async def remove_temporary(cls, work: Work, at_once: int) -> int:
        """Delete temporary threads in which nothing was asked for a day; returns how many."""
        rows = cls.filter(temporary=True, active_at__lt=work.now - TEMPORARY_FOR).select_for_update(skip_locked=True)
        old: Sequence[Thread] = await rows.limit(at_once)
        for thread in old:
            await thread.erase(work)
        return len(old)

    async def erase(self, work: Work) -> None:
        """Delete this row, which is locked, with all that hangs on it."""
        files = [row["file_id"] for row in await fetch(_FILES, self.id)]
        await self.delete()
        work.defer("assistant.release_files", files)
        self.tell(work, "assistant.thread_deleted")

    async def turn_to(self, work: Work, leaf: UUID | None, prompt: str | None = None) -> None:
        """Show the branch that ends with a message; a prompt makes it the latest thread, and names one without name."""
        self.active_leaf = leaf
        if prompt is not None:
            self.active_at = work.now
            if not self.named and self.title == UNTITLED:
                self.title = title_of(prompt)
        await self.save(update_fields=["active_leaf", "active_at", "title", "updated_at"])
        self.tell(work, "assistant.thread_updated")

    def tell(self, work: Work, event: str) -> None:
        """Tell its owner, on all devices."""
        work.emit(user_topic(self.user_id), event, self)


def title_of(prompt: str) -> str:
    """A title made of the first words of a prompt."""
    words = " ".join(prompt.split())
    if len(words) <= TITLE_CHARACTERS:
        return words or UNTITLED
    kept = words[:TITLE_CHARACTERS].rsplit(" ", 1)[0]
    return f"{kept}…"


def busy() -> InvalidState:
    """What is answered while a run is under way."""
    return InvalidState(BUSY, state="streaming")
