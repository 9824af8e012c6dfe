"""What each person has used of the assistant, day by day, and what they may use."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.assistant.sql import fetch
from models.errors import QuotaExceeded, RateLimited
from models.work import Work

USED_UP = "Your budget for the assistant is used up. It is filled again at {at:%Y-%m-%d %H:%M} UTC."
TOO_MANY = "The assistant is writing too many answers for you at this moment. Wait for one of them."

# The lock of all that one person asks at the same moment: a prompt that is counted here waits for the one before it.
_HELD = """
INSERT INTO assistant_usage (user_id, day, prompt_tokens, output_tokens, runs) VALUES ($1, $2, 0, 0, 1)
ON CONFLICT (user_id, day) DO UPDATE SET runs = assistant_usage.runs + 1 RETURNING runs
"""
_USED = """
SELECT COALESCE(sum(prompt_tokens + output_tokens) FILTER (WHERE day = $2), 0)::bigint AS today,
    COALESCE(sum(prompt_tokens + output_tokens), 0)::bigint AS month
FROM assistant_usage WHERE user_id = $1 AND day >= $3 AND day <= $2
"""
_ADD = """
INSERT INTO assistant_usage (user_id, day, prompt_tokens, output_tokens, runs) VALUES ($1, $2, $3, $4, 0)
ON CONFLICT (user_id, day) DO UPDATE SET prompt_tokens = assistant_usage.prompt_tokens + excluded.prompt_tokens,
    output_tokens = assistant_usage.output_tokens + excluded.output_tokens
RETURNING 1 AS kept
"""
_UNDER_WAY = """
SELECT count(*) AS n FROM assistant_run r JOIN assistant_thread t ON t.id = r.thread_id
WHERE t.user_id = $1 AND r.status IN ('queued', 'streaming')
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used of one budget, in tokens, and when it is whole again."""

    used: int
    limit: int
    reset_at: datetime


@dataclass(frozen=True, slots=True)
class Budget:
    """What one person may use: tokens a day and a month, both of UTC, and answers at the same time."""

    daily_tokens: int
    monthly_tokens: int
    runs_at_once: int

    async def of(self, user_id: UUID, now: datetime) -> tuple[Spent, Spent]:
        """What somebody has used of the day's and of the month's budget."""
        today = now.astimezone(UTC).date()
        (row,) = await fetch(_USED, user_id, today, today.replace(day=1))
        return (
            Spent(row["today"], self.daily_tokens, _midnight(today + timedelta(days=1))),
            Spent(
                row["month"], self.monthly_tokens, _midnight((today.replace(day=28) + timedelta(days=4)).replace(day=1))
            ),
        )

    async def claim(self, work: Work, user_id: UUID) -> None:
        """Let somebody ask once more; raises QuotaExceeded, RateLimited while too many of their answers are written.

        A budget is checked before an answer and charged after it, so that the last answer of a day is not cut off; how
        far it can be overdrawn is bounded by how many answers may be written at the same time.
        """
        await fetch(_HELD, user_id, work.now.astimezone(UTC).date())
        for spent in await self.of(user_id, work.now):
            if spent.used >= spent.limit:
                wait = int((spent.reset_at - work.now).total_seconds()) + 1
                text = USED_UP.format(at=spent.reset_at)
                raise QuotaExceeded(text, retry_after=wait, used=spent.used, limit=spent.limit)
        (row,) = await fetch(_UNDER_WAY, user_id)
        if row["n"] >= self.runs_at_once:
            raise RateLimited(TOO_MANY, retry_after=5)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


class UsageDaily(Model):
    """What one person has used on one day, of UTC. It is kept when their threads are deleted."""

    id = fields.BigIntField(primary_key=True, generated=True)
    user: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.User", related_name=False, on_delete=fields.CASCADE
    )
    user_id: UUID
    day: date = fields.DateField()
    prompt_tokens: int = fields.BigIntField(default=0)
    output_tokens: int = fields.BigIntField(default=0)
    runs: int = fields.IntField(default=0)

    class Meta:
        table = "assistant_usage"
        unique_together = (("user_id", "day"),)

    @classmethod
    async def add(cls, work: Work, user_id: UUID, prompt_tokens: int, output_tokens: int) -> None:
        """Charge an answer."""
        await fetch(_ADD, user_id, work.now.astimezone(UTC).date(), prompt_tokens, output_tokens)
