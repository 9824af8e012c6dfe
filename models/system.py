"""The tables of the kernel: the log, idempotency keys, the epoch. The kernel reads and writes them with SQL of its own.

They carry no foreign key to the user, so that the hot rows of a person are not locked by every event of theirs.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from tortoise import connections, fields
from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from models.errors import NotFound


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

    @classmethod
    async def prune(cls, before: datetime, at_once: int) -> bool:
        """Delete events from before a moment, so many at once and only from the beginning of each log.

        Says whether there may be more.

        A topic's numbers rise with time but for the clocks of different processes, so a hole could come about in the
        middle of a log; the bound by number makes sure that what is left of a log is whole.
        """
        rows = await connections.get("default").execute_query_dict(
            """
            WITH old AS (
                SELECT topic, max(seq) AS seq FROM (
                    SELECT topic, seq FROM event WHERE at < $1 ORDER BY at LIMIT $2
                ) AS oldest GROUP BY topic
            ), gone AS (
                DELETE FROM event USING old
                WHERE event.topic = old.topic AND event.seq <= old.seq AND event.at < $1 RETURNING 1
            ) SELECT count(*) AS n FROM gone
            """,
            [before, at_once],
        )
        return bool(rows[0]["n"] >= at_once)


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

    @classmethod
    async def prune(cls, before: datetime, at_once: int) -> bool:
        """Delete keys from before a moment, so many at once; says whether there may be more."""
        rows = await connections.get("default").execute_query_dict(
            """
            WITH gone AS (
                DELETE FROM idempotency_record WHERE (user_id, key) IN (
                    SELECT user_id, key FROM idempotency_record WHERE created_at < $1 LIMIT $2
                ) RETURNING 1
            ) SELECT count(*) AS n FROM gone
            """,
            [before, at_once],
        )
        return bool(rows[0]["n"] >= at_once)


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

    def status(self, now: datetime) -> Literal["waiting", "running", "failed"]:
        """What becomes of it: it waits for its time or a worker, it runs, or it was given up."""
        if self.failed_at is not None:
            return "failed"
        return "running" if self.lease_until is not None and self.lease_until > now else "waiting"

    @classmethod
    def with_status(cls, status: str | None, now: datetime) -> QuerySet["DeferredTask"]:
        """All tasks, or those of one status."""
        running = Q(failed_at=None, lease_until__gt=now)
        wanted = {
            "failed": Q(failed_at__not_isnull=True),
            "running": running,
            "waiting": Q(failed_at=None) & (Q(lease_until=None) | Q(lease_until__lte=now)),
        }
        return cls.filter(wanted[status]) if status is not None else cls.all()

    @classmethod
    async def get_or_not_found(cls, task_id: UUID) -> "DeferredTask":
        """The task, locked; raises NotFound."""
        row = await cls.select_for_update(no_key=True).get_or_none(id=task_id)
        if row is None:
            raise NotFound
        return row

    async def retry(self, now: datetime) -> None:
        """Let it be begun anew, with all its tries."""
        self.failed_at, self.attempt, self.due_at = None, 0, now
        await self.save(update_fields=["failed_at", "attempt", "due_at"])


class PeriodicWork(Model):
    """When a kind of periodic work is due next; whoever locks the row queues it."""

    name = fields.CharField(max_length=80, primary_key=True)
    due_at: datetime = fields.DatetimeField()

    class Meta:
        table = "periodic_work"


class AuditEntry(Model):
    """Who did what to whom, for what concerns identity, money, roles and admins; written with what was done.

    Attributes:
        actor_id: The user; None for a guest and for the system itself.
        action: The method's name.
        target: Whom or what it concerned, such as `user:<id>`.
        before: What was changed, as a JSON object, as it was.
        after: The same as it is now.
    """

    id: UUID = fields.UUIDField(primary_key=True)
    at: datetime = fields.DatetimeField()
    actor_id: UUID | None = fields.UUIDField(null=True)
    action = fields.CharField(max_length=80)
    target = fields.CharField(max_length=120, null=True)
    before: str | None = fields.TextField(null=True)
    after: str | None = fields.TextField(null=True)
    address = fields.CharField(max_length=64)
    request_id = fields.CharField(max_length=36)

    class Meta:
        table = "audit_entry"
