"""Files that go with prompts, and the text that was read out of them."""

from collections.abc import Mapping, Sequence
from typing import Self
from uuid import UUID

from tortoise import fields
from uuid_utils.compat import uuid7

from models.assistant.message import Message
from models.assistant.run import QUEUED, Run
from models.assistant.sql import fetch
from models.assistant.thread import Thread
from models.base import Row
from models.errors import Invalid
from models.file import ATTACHMENT, READY, RESUME, File
from models.work import Work

WAITING, READ, UNREADABLE = "pending", "ready", "failed"
NOT_YOURS = "This is not a file of yours that can be read here."
UNREAD = "Only PDF, DOCX and plain text can be read."
MOST_TRIES = 3
GONE = "This file was deleted before it was read."
GIVEN_UP = "This file could not be read."

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_KEPT = ("file_id", "position", "name", "size", "media_type", "status", "reason", "text", "truncated")
READABLE = {"application/pdf", DOCX_TYPE, "text/plain"}


class Attachment(Row):
    """One file of one prompt. When its owner deletes the file, this much stays.

    Attributes:
        status: `pending` until its text was read, then `ready` or `failed`.
        reason: Why it failed, for its owner to read.
        text: What was read; empty until then.
        truncated: Whether the file holds more than was kept.
    """

    message: fields.ForeignKeyRelation[Message] = fields.ForeignKeyField(
        "models.Message", related_name=False, on_delete=fields.CASCADE
    )
    message_id: UUID
    file_id: UUID = fields.UUIDField(db_index=True)
    position: int = fields.SmallIntField()
    name = fields.CharField(max_length=255)
    size: int = fields.BigIntField()
    media_type = fields.CharField(max_length=100)
    status = fields.CharField(max_length=16, default=WAITING)
    reason: str | None = fields.TextField(null=True)
    text: str = fields.TextField(default="")
    truncated = fields.BooleanField(default=False)

    class Meta:
        table = "assistant_attachment"
        unique_together = (("message_id", "position"),)

    @property
    def characters(self) -> int:
        """How much text was read."""
        return len(self.text)

    @classmethod
    async def attach(cls, work: Work, user_id: UUID, message: Message, file_ids: Sequence[UUID]) -> list[Self]:
        """Let own files go with a prompt and have them read; raises Invalid, naming each that cannot."""
        rows = File.locked().filter(id__in=list(file_ids), owner_id=user_id, status=READY)
        files = {file.id: file for file in await rows.filter(purpose__in=[ATTACHMENT, RESUME]).order_by("id")}
        wrong = {f"file_ids.{number}": [NOT_YOURS] for number, id_ in enumerate(file_ids) if id_ not in files}
        wrong |= {
            f"file_ids.{number}": [UNREAD]
            for number, id_ in enumerate(file_ids)
            if id_ in files and files[id_].media_type not in READABLE
        }
        if wrong:
            raise Invalid(wrong)
        made = []
        for position, id_ in enumerate(file_ids, start=1):
            file = files[id_]
            await file.attach(work)
            known = {"file_id": id_, "name": file.name, "size": file.size, "media_type": file.media_type}
            attachment = cls(id=uuid7(), message_id=message.id, position=position, **known)
            await attachment.save(force_create=True)
            work.defer("assistant.read_attachment", attachment.id)
            made.append(attachment)
        return made

    @classmethod
    async def take_along(cls, work: Work, message: Message, other: Message) -> None:
        """Let what goes with one prompt go with another one too, as far as it was read."""
        for one in await cls.filter(message_id=message.id).order_by("position"):
            kept = {name: getattr(one, name) for name in _KEPT}
            copied = await cls.create(id=uuid7(), message_id=other.id, **kept)
            if copied.status == WAITING:
                work.defer("assistant.read_attachment", copied.id)

    @classmethod
    async def all_read(cls, message_id: UUID) -> bool:
        """Whether nothing that goes with a prompt waits to be read."""
        return not await cls.exists(message_id=message_id, status=WAITING)

    @classmethod
    async def of(cls, message_ids: Sequence[UUID]) -> Mapping[UUID, list[Self]]:
        """What goes with prompts, in order."""
        found: dict[UUID, list[Self]] = {}
        for one in await cls.filter(message_id__in=list(message_ids)).order_by("position"):
            found.setdefault(one.message_id, []).append(one)
        return found

    @classmethod
    async def in_thread(cls, thread_id: UUID) -> list[Self]:
        """All of a thread, on whichever branch, oldest first."""
        return await cls.filter(message__thread_id=thread_id).order_by("message_id", "position")

    @classmethod
    async def unread(cls, attachment_id: UUID) -> tuple[Self, File | None] | None:
        """One that waits to be read, with its file; None where nothing waits any more."""
        attachment = await cls.get_or_none(id=attachment_id, status=WAITING)
        return None if attachment is None else (attachment, await File.get_or_none(id=attachment.file_id))

    @classmethod
    async def settle(
        cls, work: Work, attachment_id: UUID, *, text: str = "", truncated: bool = False, reason: str | None = None
    ) -> None:
        """Keep what was read, or why nothing could be; the last one of a prompt lets its answer begin."""
        known = await cls.get_or_none(id=attachment_id).prefetch_related("message")
        if known is None:
            return
        thread = await Thread.locked().get_or_none(id=known.message.thread_id)
        attachment = await cls.get_or_none(id=attachment_id, status=WAITING)
        if thread is None or attachment is None:
            return
        attachment.status = READ if reason is None else UNREADABLE
        attachment.text, attachment.truncated, attachment.reason = text, truncated, reason
        await attachment.save()
        work.emit(thread.topic, "assistant.attachment_changed", attachment)
        if await cls.all_read(attachment.message_id):
            run = await Run.filter(prompt_id=attachment.message_id, status=QUEUED).first()
            if run is not None:
                run.release(work)

    @classmethod
    async def files_of(cls, message_ids: Sequence[UUID]) -> list[UUID]:
        """The files that go with these prompts."""
        return [one.file_id for one in await cls.filter(message_id__in=list(message_ids))]

    @staticmethod
    async def let_go(file_ids: Sequence[UUID]) -> None:
        """Prompts are gone that had these files: what nothing else has is removed with the orphans."""
        await fetch(_LOCK, list(file_ids))
        await fetch(_LET_GO, list(file_ids))


# A look that begins after the rows are locked sees everything that was committed with them.
_LOCK = "SELECT id FROM file WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE"
_LET_GO = """
UPDATE file f SET attached_at = NULL
WHERE f.id = ANY($1::uuid[]) AND NOT EXISTS (SELECT FROM message_file l WHERE l.file_id = f.id)
    AND NOT EXISTS (SELECT FROM assistant_attachment a WHERE a.file_id = f.id)
RETURNING f.id
"""
