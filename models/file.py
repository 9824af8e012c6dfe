"""Files that people have uploaded or that were made for them. The bytes are in the storage, under `storage_key`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from tortoise import fields
from uuid_utils.compat import uuid7

from models.base import Row
from models.contacts import sees_profile
from models.errors import InvalidState, NotFound, RateLimited
from models.kit.scope import Scope
from models.kit.topics import user_topic
from models.work import Work

PENDING, READY, REJECTED = "pending", "ready", "rejected"
AVATAR, ATTACHMENT, RESUME, VIDEO, RESOURCE, CERTIFICATE, PDF = (
    "avatar",
    "attachment",
    "resume",
    "video",
    "resource",
    "certificate",
    "pdf",
)
ORPHANED_AFTER = timedelta(hours=24)
FULL = "Too many of your uploads belong to nothing yet. Use or delete some of them first."

# Without its row the object is nothing: what a crash leaves in between is found by `unknown_keys`.
_REMOVE_ORPHANS = """
WITH old AS (
    SELECT id FROM file WHERE attached_at IS NULL AND created_at < $1 ORDER BY created_at LIMIT $2
    FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM file USING old WHERE file.id = old.id AND file.attached_at IS NULL RETURNING file.storage_key
) SELECT storage_key FROM gone
"""

_SENT_TO = """
SELECT EXISTS (
    SELECT FROM message_file l JOIN direct_message m ON m.id = l.message_id
    WHERE l.file_id = $1 AND $2 IN (m.sender_id, m.receiver_id)
) AS sent
"""

_UNATTACHED = """
SELECT COALESCE(sum(size), 0)::bigint AS bytes FROM file WHERE owner_id = $1 AND attached_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class FileLimits:
    """What an installation allows.

    Attributes:
        unattached_bytes: How much of one person's files may be unused.
    """

    unattached_bytes: int


class File(Row):
    """One file. Its row is there before its bytes are, and is gone before they are.

    Attributes:
        reason: Why it was rejected, for its owner to read.
        sha256: Of the bytes, in hexadecimal; null until they are all there.
        attached_at: When something began to use it; null: it is removed a day after it came.
    """

    owner: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.User", related_name=False, on_delete=fields.CASCADE
    )
    owner_id: UUID
    name = fields.CharField(max_length=255)
    size: int = fields.BigIntField(default=0)
    media_type = fields.CharField(max_length=100)
    purpose = fields.CharField(max_length=16)
    status = fields.CharField(max_length=16, default=PENDING)
    reason: str | None = fields.TextField(null=True)
    sha256 = fields.CharField(max_length=64, null=True)
    storage_key = fields.CharField(max_length=100, unique=True)
    attached_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "file"

    @property
    def file_id(self) -> UUID:
        """The id as other things call it."""
        return self.id

    @classmethod
    async def register(
        cls, work: Work, owner_id: UUID, *, name: str, media_type: str, purpose: str, unattached_bytes: int
    ) -> Self:
        """Make room for bytes that are about to come.

        Raises RateLimited when the owner has more than so many bytes that belong to nothing.
        """
        (used,) = await cls._meta.db.execute_query_dict(_UNATTACHED, [owner_id])
        if used["bytes"] >= unattached_bytes:
            raise RateLimited(FULL, retry_after=3600)
        id_ = uuid7()
        # The last digits of a UUIDv7 are random.
        key = f"{id_.hex[-2:]}/{id_}"
        file = cls(id=id_, owner_id=owner_id, name=name, media_type=media_type, purpose=purpose, storage_key=key)
        file.created_at = work.now
        await file.save(force_create=True)
        return file

    @classmethod
    async def arrive(
        cls, work: Work, owner_id: UUID, file_id: UUID, *, size: int, sha256: str, purpose: str, name: str
    ) -> Self:
        """The bytes are all in the storage, and are what they claim to be; raises NotFound when the row is gone."""
        file = await cls._awaited(owner_id, file_id)
        file.size, file.sha256, file.purpose, file.name, file.status = size, sha256, purpose, name, READY
        await file.save(update_fields=["size", "sha256", "purpose", "name", "status", "updated_at"])
        file.tell(work)
        return file

    @classmethod
    async def reject(cls, work: Work, owner_id: UUID, file_id: UUID, reason: str) -> None:
        """The bytes are not wanted, or did not come; what there is of them is removed. Raises NotFound."""
        file = await cls._awaited(owner_id, file_id)
        file.reason, file.status = reason, REJECTED
        await file.save(update_fields=["reason", "status", "updated_at"])
        work.defer("file.erase", [file.storage_key])
        file.tell(work)

    @classmethod
    async def _awaited(cls, owner_id: UUID, file_id: UUID) -> Self:
        file = await cls.get_or_not_found(cls.locked(), id=file_id, owner_id=owner_id)
        if file.status != PENDING:
            raise InvalidState("This file has arrived already.", state=file.status)
        return file

    def tell(self, work: Work) -> None:
        """Tell the owner what has become of it."""
        work.emit(user_topic(self.owner_id), "file.status_changed", self)

    @classmethod
    async def readable(cls, reader: Scope, file_id: UUID) -> Self:
        """A file that somebody may read; raises NotFound for any other.

        That is its owner, whom it was sent to in a message, who sees the profile of somebody whose avatar it is, and
        admins.
        """
        file = await cls.get_or_not_found(id=file_id)
        if reader.everything or reader.user_id == file.owner_id:
            return file
        shown = file.purpose == AVATAR and file.attached_at is not None
        if shown and await sees_profile(reader.user_id, file.owner_id):
            return file
        (row,) = await cls._meta.db.execute_query_dict(_SENT_TO, [file_id, reader.user_id])
        if not row["sent"]:
            raise NotFound
        return file

    @classmethod
    async def usable(cls, owner_id: UUID, file_id: UUID, *purposes: str) -> Self:
        """An own file, locked, that has arrived for one of these purposes; raises NotFound or InvalidState."""
        file = await cls.get_or_not_found(cls.locked(), id=file_id, owner_id=owner_id, purpose__in=purposes)
        if file.status != READY:
            raise InvalidState("This file cannot be used.", state=file.status)
        return file

    async def attach(self, work: Work) -> None:
        """Something uses the file, which is locked: it stays."""
        self.attached_at = self.attached_at or work.now
        await self.save(update_fields=["attached_at", "updated_at"])

    @classmethod
    async def detach(cls, file_ids: Sequence[UUID]) -> None:
        """Nothing uses these files any more; they are removed when they are a day old."""
        await cls.filter(id__in=file_ids).update(attached_at=None)

    @classmethod
    async def remove(cls, work: Work, owner_id: UUID, file_id: UUID) -> None:
        """Delete an own file, also where it is used: what used it has it no longer. Raises NotFound."""
        file = await cls.get_or_not_found(cls.all().select_for_update(), id=file_id, owner_id=owner_id)
        await file.delete()
        work.defer("file.erase", [file.storage_key])

    @classmethod
    async def remove_orphans(cls, work: Work, at_once: int) -> int:
        """Delete files of a day ago that nothing uses, so many at once; returns how many."""
        rows = await cls._meta.db.execute_query_dict(_REMOVE_ORPHANS, [work.now - ORPHANED_AFTER, at_once])
        if rows:
            work.defer("file.erase", [row["storage_key"] for row in rows])
        return len(rows)

    @classmethod
    async def unknown_keys(cls, keys: Iterable[str]) -> list[str]:
        """Those keys of the storage that belong to no file, or to one whose bytes are not wanted."""
        wanted = list(keys)
        kept = await cls.filter(storage_key__in=wanted, status__not=REJECTED).values_list("storage_key", flat=True)
        return sorted({*wanted} - {str(key) for key in kept})
