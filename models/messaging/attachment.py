"""Files that go with messages."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model
from uuid_utils.compat import uuid7

from models.errors import Invalid
from models.file import ATTACHMENT, READY, RESUME
from models.messaging.sql import fetch
from models.work import Work

NOT_YOURS = "This is not a file of yours that can be sent."

# One statement: the files are locked, stay from now on, and are kept with the message as they are called now.
_ATTACH = """
WITH wanted AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS w(id, file_id, position)
), usable AS (
    UPDATE file f SET attached_at = COALESCE(f.attached_at, $5), updated_at = $5 FROM wanted w
    WHERE f.id = w.file_id AND f.owner_id = $4 AND f.status = $6 AND f.purpose = ANY($7::text[])
    RETURNING w.id, w.file_id, w.position, f.name, f.size, f.media_type
), kept AS (
    INSERT INTO message_file (id, message_id, file_id, position, name, size, media_type)
    SELECT id, $3, file_id, position, name, size, media_type FROM usable
)
SELECT file_id, name, size, media_type FROM usable ORDER BY position
"""

# A look that begins after the rows are locked sees every message that was committed with them.
_LOCK = "SELECT id FROM file WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE"
_DETACH = """
UPDATE file f SET attached_at = NULL
WHERE f.id = ANY($1::uuid[]) AND NOT EXISTS (SELECT FROM message_file l WHERE l.file_id = f.id)
    AND NOT EXISTS (SELECT FROM assistant_attachment a WHERE a.file_id = f.id)
"""


class MessageFile(Model):
    """One file of a message, as it was when it was sent; when its owner deletes the file, this much stays.

    `file_id` is no foreign key for that reason.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid7)
    message: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.DirectMessage", related_name=False, on_delete=fields.CASCADE
    )
    message_id: UUID
    file_id: UUID = fields.UUIDField(db_index=True)
    position: int = fields.SmallIntField()
    name = fields.CharField(max_length=255)
    size: int = fields.BigIntField()
    media_type = fields.CharField(max_length=100)

    class Meta:
        table = "message_file"
        unique_together = (("message_id", "position"),)

    @classmethod
    async def attach(
        cls, work: Work, sender_id: UUID, message_id: UUID, file_ids: Sequence[UUID]
    ) -> list[dict[str, Any]]:
        """Put own files to a message; raises Invalid when one is not the sender's, or not to be sent."""
        ids = [uuid7() for _ in file_ids]
        files = await fetch(_ATTACH, ids, list(file_ids), message_id, sender_id, work.now, READY, [ATTACHMENT, RESUME])
        if len(files) < len(file_ids):
            known = {UUID(str(file["file_id"])) for file in files}
            missing = [place for place, id_ in enumerate(file_ids) if id_ not in known]
            raise Invalid({f"file_ids.{place}": [NOT_YOURS] for place in missing})
        return files

    @classmethod
    async def of(cls, message_ids: Iterable[UUID]) -> Mapping[UUID, list["MessageFile"]]:
        """The files of messages, each in their order; a message without any is left out."""
        found: dict[UUID, list[MessageFile]] = {}
        for one in await cls.filter(message_id__in=list(message_ids)).order_by("message_id", "position"):
            found.setdefault(one.message_id, []).append(one)
        return found

    @classmethod
    async def detach(cls, message_id: UUID) -> None:
        """Take the files of a message from it; what no other message has is removed with the orphans."""
        file_ids = [one.file_id for one in await cls.filter(message_id=message_id)]
        await cls.filter(message_id=message_id).delete()
        await fetch(_LOCK, file_ids)
        await cls._meta.db.execute_query(_DETACH, [file_ids])
