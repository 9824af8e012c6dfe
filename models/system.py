"""The tables of the kernel: the log, idempotency keys, the epoch. The kernel reads and writes them with SQL of its own.

They carry no foreign key to the user, so that the hot rows of a person are not locked by every event of theirs.
"""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model


class Topic(Model):
    """The head of one topic's log. Its row is the lock under which sequence numbers are given."""

    name = fields.CharField(max_length=120, primary_key=True)
    seq: int = fields.BigIntField()

    class Meta:
        table = "topic"


class Event(Model):
    """One logged event. Key (topic, seq) and the index on `xid` (an xid8) are made by the migration."""

    topic = fields.CharField(max_length=120, primary_key=True)
    seq: int = fields.BigIntField()
    name = fields.CharField(max_length=80)
    at: datetime = fields.DatetimeField()
    by: str | None = fields.TextField(null=True)
    data: str = fields.TextField()

    class Meta:
        table = "event"


class IdempotencyRecord(Model):
    """The reply that a command gave for a key of a user, for 24 hours. Key (user_id, key) is made by the migration."""

    user_id: UUID = fields.UUIDField(primary_key=True)
    key = fields.CharField(max_length=64)
    method = fields.CharField(max_length=80)
    params_hash: bytes = fields.BinaryField()
    reply: str | None = fields.TextField(null=True)
    created_at: datetime = fields.DatetimeField()

    class Meta:
        table = "idempotency_record"


class LogEpoch(Model):
    """The stored part of the epoch: one row, renewed after the database was restored from a copy."""

    id: int = fields.IntField(primary_key=True, generated=False)
    value = fields.CharField(max_length=36)

    class Meta:
        table = "log_epoch"


class DeferredTask(Model):
    """What a committed command wants done. The row is the truth; the queue in Redis only makes it fast.

    Attributes:
        args: The task's arguments as a JSON array.
        attempt: How often it was claimed; counted at the claim, so that a worker that dies counts too.
        lease: Whoever runs it holds this token until `lease_until`; only with it may the row be deleted.
        failed_at: Set when it was given up; it stays until somebody looks.
    """

    id: UUID = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length=80)
    args: str = fields.TextField()
    due_at: datetime = fields.DatetimeField()
    attempt: int = fields.IntField(default=0)
    lease: UUID | None = fields.UUIDField(null=True)
    lease_until: datetime | None = fields.DatetimeField(null=True)
    failed_at: datetime | None = fields.DatetimeField(null=True)
    error: str | None = fields.TextField(null=True)
    created_at: datetime = fields.DatetimeField()

    class Meta:
        table = "deferred_task"


class PeriodicWork(Model):
    """When a kind of periodic work is due next; whoever locks the row queues it."""

    name = fields.CharField(max_length=80, primary_key=True)
    due_at: datetime = fields.DatetimeField()

    class Meta:
        table = "periodic_work"
