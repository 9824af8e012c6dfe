"""What one person is allowed beyond the others: more time, more attempts, another window; also while they work."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from tortoise import fields

from models.account import User
from models.assessment.assessment import Assessment
from models.assessment.attempt import Attempt
from models.assessment.timing import OPEN, granted
from models.base import Row
from models.errors import Invalid, NotFound
from models.work import Work


class Accommodation(Row):
    """For one person at one assessment.

    Attributes:
        extra_time_seconds: Added to the limit, after `multiplier`.
        opens_at: In the place of the assessment's; null: the assessment's own. `closes_at` alike.
        unlocked: They may begin whatever the window and without the access code, and nothing closes for them.
    """

    assessment: fields.ForeignKeyRelation[Assessment] = fields.ForeignKeyField(
        "models.Assessment", related_name=False, on_delete=fields.CASCADE
    )
    assessment_id: UUID
    user: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.User", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    user_id: UUID
    extra_time_seconds: int = fields.IntField(default=0)
    multiplier: float = fields.FloatField(default=1.0)
    extra_attempts: int = fields.IntField(default=0)
    opens_at: datetime | None = fields.DatetimeField(null=True)
    closes_at: datetime | None = fields.DatetimeField(null=True)
    unlocked = fields.BooleanField(default=False)

    class Meta:
        table = "accommodation"
        unique_together = (("assessment_id", "user_id"),)

    @classmethod
    async def of(cls, assessment_id: UUID, user_id: UUID) -> Self:
        """What somebody is allowed; where there is no row, one that allows nothing more."""
        return await cls.get_or_none(assessment_id=assessment_id, user_id=user_id) or cls(
            assessment_id=assessment_id, user_id=user_id
        )

    @classmethod
    async def put(
        cls, work: Work, assessment: Assessment, user_id: UUID, values: dict[str, Any], *, extend_running: bool
    ) -> Self:
        """Change what somebody is allowed: what is left out stays. The assessment is locked.

        With `extend_running` an attempt that runs gets it at once. Raises NotFound for an unknown person, Invalid where
        the window would close before it opens.
        """
        if not await User.exists(id=user_id):
            raise NotFound
        row = await cls.locked().get_or_none(assessment_id=assessment.id, user_id=user_id)
        row = row or cls(assessment_id=assessment.id, user_id=user_id)
        row.update_from_dict(values)
        windows = (row.opens_at, row.closes_at), (row.opens_for(assessment), row.closes_for(assessment))
        if any(opens is not None and closes is not None and closes <= opens for opens, closes in windows):
            raise Invalid({"closes_at": ["This must be later than the window opens."]})
        await row.save()
        if extend_running:
            await row.reach_running(work, assessment)
        return row

    def opens_for(self, assessment: Assessment) -> datetime | None:
        """When the window opens for this person."""
        return None if self.unlocked else self.opens_at or assessment.opens_at

    def closes_for(self, assessment: Assessment) -> datetime | None:
        """When it closes; None: never."""
        return self.closes_at or (None if self.unlocked else assessment.closes_at)

    def seconds_for(self, limit: int | None) -> float | None:
        """How long this person may work on what has this limit."""
        return granted(limit, self.multiplier, self.extra_time_seconds)

    def attempts_for(self, assessment: Assessment) -> int | None:
        """How many attempts this person has; None: any number."""
        most = assessment.max_attempts
        return None if most is None else most + self.extra_attempts

    def kept(self) -> dict[str, Any]:
        """For the audit log."""
        names = ("extra_time_seconds", "multiplier", "extra_attempts", "unlocked")
        moments = {name: at.isoformat() if (at := getattr(self, name)) else None for name in ("opens_at", "closes_at")}
        return {**{name: getattr(self, name) for name in names}, **moments}

    async def reach_running(self, work: Work, assessment: Assessment) -> None:
        """Give what is allowed now to the attempt that runs; its sockets hear of it."""
        running = await Attempt.locked().get_or_none(assessment_id=assessment.id, user_id=self.user_id, state__in=OPEN)
        if running is None or running.too_late(work.now):
            return
        before = running.deadline_at, running.allowed.deadline()
        running.allowed_seconds = self.seconds_for(running.time_limit_seconds)
        running.closes_at = self.closes_for(assessment)
        running.set_clock(work.now)
        if (running.deadline_at, running.allowed.deadline()) == before:
            return
        await running.keep("state", "allowed_seconds", "closes_at")
        told = {
            "attempt_id": running.id,
            "deadline_at": running.deadline_at,
            "remaining_seconds": running.remaining(work.now),
            "state": running.state,
            "reason": "accommodation",
        }
        work.emit(running.topic, "attempt.deadline_changed", told)
