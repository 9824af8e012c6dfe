"""The tables of the kernel: the log, idempotency keys, the epoch. The kernel reads and writes them with SQL of its own.

They carry no foreign key to the user, so that the hot rows of a person are not locked by every event of theirs.
"""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model


class Topic(Model):
    """The head of one topic's log. Its row is the lock under which sequence numbers are given."""

    name: str = fields.CharField(max_length=120, primary_key=True)
    seq: int = fields.BigIntField()

    class Meta:
        table = "topic"


class Event(Model):
    """One logged event. Key (topic, seq) and the index on `xid` (an xid8) are made by the migration."""

    topic: str = fields.CharField(max_length=120, primary_key=True)
    seq: int = fields.BigIntField()
    name: str = fields.CharField(max_length=80)
    at: datetime = fields.DatetimeField()
    by: str | None = fields.TextField(null=True)
    data: str = fields.TextField()

    class Meta:
        table = "event"


class IdempotencyRecord(Model):
    """The reply that a command gave for a key of a user, for 24 hours. Key (user_id, key) is made by the migration."""

    user_id: UUID = fields.UUIDField(primary_key=True)
    key: str = fields.CharField(max_length=64)
    method: str = fields.CharField(max_length=80)
    params_hash: bytes = fields.BinaryField()
    reply: str | None = fields.TextField(null=True)
    created_at: datetime = fields.DatetimeField()

    class Meta:
        table = "idempotency_record"


class LogEpoch(Model):
    """The stored part of the epoch: one row, renewed after the database was restored from a copy."""

    id: int = fields.IntField(primary_key=True, generated=False)
    value: str = fields.CharField(max_length=36)

    class Meta:
        table = "log_epoch"
