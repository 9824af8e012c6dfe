"""One person's attempt at an assessment: its row, and what its states allow.

The row is the lock of all that belongs to it. Whoever changes an attempt locks it first, so a save, a submit and the
clock come one after another, and what an event says is what the row says.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Self
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.queryset import QuerySet

from models.assessment.assessment import Assessment
from models.assessment.layout import Layout, refusal
from models.assessment.timing import (
    GRACE,
    GRACEPERIOD,
    IN_PROGRESS,
    OPEN,
    PAUSED,
    Allowed,
    last_moment,
    next_warning,
    remaining_seconds,
    whole,
)
from models.base import Row
from models.errors import InvalidState
from models.kit.scope import Scope
from models.work import Work

USER, DEADLINE, ADMIN = "user", "deadline", "admin"


class Attempt(Row):
    """One attempt. What it goes by is copied from the assessment when it starts, so later changes do not reach it.

    Attributes:
        number: Of this person's attempts at this assessment, from 1.
        layout: What is asked in which order (models/assessment/layout.py).
        time_limit_seconds: What everybody gets; `allowed_seconds` what this person gets. None: no limit.
        time_banked_seconds: What pauses have given back so far.
        closes_at: When the window closes for this person.
        deadline_at: When the time is up; of a paused attempt when its window closes. None: never.
        due_at: When the clock has something to do: a warning, the deadline, the end. None: never.
        warned: Which warnings were given, in seconds before the deadline.
        furthest: The number of the furthest question that was answered or passed over, -1 at the beginning.
        answered: How many questions have an answer.
        result: What came of it (models/assessment/results.py), once it is graded.
    """

    user: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.User", related_name=False, on_delete=fields.RESTRICT
    )
    user_id: UUID
    assessment: fields.ForeignKeyRelation[Assessment] = fields.ForeignKeyField(
        "models.Assessment", related_name="attempts", on_delete=fields.RESTRICT, db_index=True
    )
    assessment_id: UUID
    number: int = fields.IntField()
    state = fields.CharField(max_length=16, default=IN_PROGRESS)
    layout: list[dict[str, Any]] = fields.JSONField()
    navigation = fields.CharField(max_length=16)
    overdue_handling = fields.CharField(max_length=16)
    grace_period_seconds: int = fields.IntField(default=0)
    pausing = fields.BooleanField(default=False)
    passing_percentage: float | None = fields.FloatField(null=True)
    time_limit_seconds: int | None = fields.IntField(null=True)
    allowed_seconds: float | None = fields.FloatField(null=True)
    time_banked_seconds: float = fields.FloatField(default=0.0)
    started_at: datetime = fields.DatetimeField()
    closes_at: datetime | None = fields.DatetimeField(null=True)
    paused_at: datetime | None = fields.DatetimeField(null=True)
    deadline_at: datetime | None = fields.DatetimeField(null=True)
    due_at: datetime | None = fields.DatetimeField(null=True)
    warned: list[int] = ArrayField("int", default=list)
    flags: list[UUID] = ArrayField("uuid", default=list)
    furthest: int = fields.IntField(default=-1)
    answered: int = fields.IntField(default=0)
    submitted_at: datetime | None = fields.DatetimeField(null=True)
    submitted_by = fields.CharField(max_length=16, null=True)
    graded_at: datetime | None = fields.DatetimeField(null=True)
    score: float | None = fields.FloatField(null=True)
    percentage: float | None = fields.FloatField(null=True)
    passed = fields.BooleanField(null=True)
    result: dict[str, Any] | None = fields.JSONField(null=True)

    class Meta:
        table = "attempt"
        unique_together = (("user_id", "assessment_id", "number"),)

    @property
    def topic(self) -> str:
        """What its owner and its instructors follow."""
        return f"attempt:{self.id}"

    @property
    def is_open(self) -> bool:
        """Whether it is not over."""
        return self.state in OPEN

    @cached_property
    def plan(self) -> Layout:
        """What is asked, to be read."""
        return Layout.parse(self.layout)

    def may_see(self, question_id: UUID) -> bool:
        """Whether a question may be shown now: of an open attempt what may be answered now, of a paused one nothing."""
        if not self.is_open:
            return True
        position = self.plan.positions[question_id]
        return self.state != PAUSED and refusal(self.navigation, self.furthest, position) is None

    @property
    def last_moment(self) -> datetime | None:
        """Until when what arrives is accepted; None: always."""
        return last_moment(self.deadline_at, self.overdue_handling, self.grace_period_seconds, self.state)

    @property
    def grace_until(self) -> datetime | None:
        """Until when a person in the grace period may submit, as it is shown."""
        if self.state != GRACE or self.deadline_at is None:
            return None
        return self.deadline_at + timedelta(seconds=self.grace_period_seconds)

    @property
    def allowed(self) -> Allowed:
        """How long this person may work."""
        return Allowed(self.started_at, self.allowed_seconds, self.time_banked_seconds, self.closes_at)

    def remaining(self, now: datetime) -> int | None:
        """The seconds left, as shown; of a paused attempt those that it will have; None without an end; 0 when over."""
        if not self.is_open:
            return 0
        if self.state == PAUSED:
            left = remaining_seconds(self.allowed.deadline(), self.paused_at or now)
        else:
            left = remaining_seconds(self.deadline_at, now)
        return None if left is None else whole(left)

    def too_late(self, now: datetime) -> bool:
        """Whether it has ended, although nobody may have noticed yet."""
        return self.last_moment is not None and now > self.last_moment

    def set_clock(self, now: datetime) -> None:
        """Set when the time is up, and when the clock has to look next, from what this person is allowed."""
        self.deadline_at = self.closes_at if self.state == PAUSED else self.allowed.deadline()
        if self.state == GRACE and self.deadline_at is not None and self.deadline_at > now:
            self.state = IN_PROGRESS
        self.due_at = self.next_due(now)

    def next_due(self, now: datetime) -> datetime | None:
        """When the clock has to look next; None: never."""
        if self.deadline_at is None or not self.is_open:
            return None
        if self.state != IN_PROGRESS:
            return self.last_moment
        end = self.deadline_at if self.overdue_handling == GRACEPERIOD else self.last_moment
        moments = [next_warning(self.deadline_at, self.warned, now), end]
        return min(moment for moment in moments if moment is not None)

    # Finding one

    @classmethod
    async def own(
        cls, user_id: UUID, attempt_id: UUID | None, assessment_id: UUID | None, *, lock: bool = False
    ) -> Self:
        """An attempt of this person by its id, or the last one at an assessment; raises NotFound.

        Where one is not over, it is the last one.
        """
        rows = cls.locked() if lock else cls.all()
        rows = rows.filter(user_id=user_id)
        if attempt_id is not None:
            return await cls.get_or_not_found(rows, id=attempt_id)
        return await cls.get_or_not_found(rows.order_by("-number"), assessment_id=assessment_id)

    @classmethod
    async def readable(cls, user_id: UUID, author: Scope | None, attempt_id: UUID) -> Self:
        """An attempt of this person's own, or one at an assessment within an author's reach; raises NotFound."""
        if author is not None and (taught := await cls.taught_by(author).get_or_none(id=attempt_id)):
            return taught
        return await cls.own(user_id, attempt_id, None)

    @classmethod
    def taught_by(cls, author: Scope) -> "QuerySet[Self]":
        """All attempts at the assessments of an author; for admins all."""
        return cls.all() if author.everything else cls.filter(assessment__owner_id=author.user_id)

    @classmethod
    async def is_owned(cls, scope: Scope, attempt_id: UUID) -> bool:
        """Whether it is this person's own."""
        return await cls.exists(id=attempt_id, user_id=scope.user_id)

    @classmethod
    async def is_taught(cls, author: Scope, attempt_id: UUID) -> bool:
        """Whether it is at an assessment of this author's."""
        return await cls.taught_by(author).filter(id=attempt_id).exists()

    @classmethod
    async def deadlines(cls, ids: Sequence[UUID]) -> dict[UUID, datetime]:
        """Of those among these whose time runs, when it is up."""
        rows = await cls.filter(id__in=list(ids), state=IN_PROGRESS, deadline_at__not_isnull=True).only(
            "id", "deadline_at"
        )
        return {row.id: row.deadline_at for row in rows if row.deadline_at is not None}

    # Pausing

    def refuse_closed(self) -> None:
        """Raise InvalidState where it is over."""
        if not self.is_open:
            text = (
                "The time was up: this attempt is over." if self.submitted_by == DEADLINE else "This attempt is over."
            )
            raise InvalidState(text, state=self.state)

    async def pause(self, work: Work) -> None:
        """Stop the time; the row is locked. Raises InvalidState where it does not run, or may not be paused."""
        if self.state != IN_PROGRESS:
            raise InvalidState("The time of this attempt does not run.", state=self.state)
        if not self.pausing:
            raise InvalidState("This assessment cannot be paused.", state=self.state)
        self.state, self.paused_at = PAUSED, work.now
        self.set_clock(work.now)
        await self.keep("state", "paused_at")
        work.emit(self.topic, "attempt.paused", {"attempt_id": self.id, "remaining_seconds": self.remaining(work.now)})

    async def resume(self, work: Work) -> None:
        """Let the time run again, as much as was left; the row is locked. Raises InvalidState unless it is paused."""
        if self.state != PAUSED or self.paused_at is None:
            raise InvalidState("This attempt is not paused.", state=self.state)
        self.time_banked_seconds += max(0.0, (work.now - self.paused_at).total_seconds())
        self.state, self.paused_at = IN_PROGRESS, None
        self.set_clock(work.now)
        await self.keep("state", "paused_at", "time_banked_seconds")
        left = self.remaining(work.now)
        told = {"attempt_id": self.id, "deadline_at": self.deadline_at, "remaining_seconds": left}
        work.emit(self.topic, "attempt.resumed", told)

    async def keep(self, *names: str) -> None:
        """Store these columns, and those of the clock."""
        await self.save(update_fields=[*names, "deadline_at", "due_at", "updated_at"])
