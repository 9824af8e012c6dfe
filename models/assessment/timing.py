"""When an attempt ends, and when the clock has something to do for it. Pure functions of moments.

A save counts by the moment at which it arrived. What arrives within the allowance after the end still counts, for a
network takes its time; nobody is shown it. So the clock ends an attempt when the allowance is over, and not before: it
would otherwise refuse what came in time.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

IN_PROGRESS, PAUSED, GRACE = "in_progress", "paused", "grace"
SUBMITTED, GRADED, ABANDONED = "submitted", "graded", "abandoned"
OPEN = (IN_PROGRESS, PAUSED, GRACE)

AUTOSUBMIT, GRACEPERIOD, AUTOABANDON = "autosubmit", "graceperiod", "autoabandon"

ALLOWANCE = timedelta(seconds=2)
WARNINGS = (600, 300, 60)
"""So many seconds before the deadline a person is warned, each time once."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """How long, from when, and until when at the latest somebody may work.

    Attributes:
        seconds: None: without a limit.
        banked_seconds: What pauses have given back.
        closes_at: When the window closes for this person; None: never.
    """

    started_at: datetime
    seconds: float | None
    banked_seconds: float
    closes_at: datetime | None

    def deadline(self) -> datetime | None:
        """When the time is up; None: never."""
        if self.seconds is None:
            return self.closes_at
        end = self.started_at + timedelta(seconds=self.seconds + self.banked_seconds)
        return min(end, self.closes_at) if self.closes_at is not None else end


def granted(limit: int | None, multiplier: float = 1.0, extra_seconds: int = 0) -> float | None:
    """How long somebody may work on what has a limit for everybody; None: as long as they like."""
    return None if limit is None else limit * multiplier + extra_seconds


def last_moment(
    deadline: datetime | None, overdue: str, grace_seconds: int, state: str = IN_PROGRESS
) -> datetime | None:
    """Until when what arrives is accepted, the allowance included; None: always. A paused attempt has no grace."""
    if deadline is None:
        return None
    grace = grace_seconds if overdue == GRACEPERIOD and state != PAUSED else 0
    return deadline + timedelta(seconds=grace) + ALLOWANCE


def due_warning(deadline: datetime, warned: Collection[int], now: datetime) -> int | None:
    """The warning to be given now: the latest one whose moment has come, unless it was given."""
    reached = [seconds for seconds in WARNINGS if deadline - timedelta(seconds=seconds) <= now]
    return min(reached) if reached and min(reached) not in warned else None


def next_warning(deadline: datetime, warned: Collection[int], now: datetime) -> datetime | None:
    """When the next warning is due, after this moment; None when there is none left."""
    moments = [deadline - timedelta(seconds=seconds) for seconds in WARNINGS if seconds not in warned]
    return min((moment for moment in moments if moment > now), default=None)


def remaining_seconds(end: datetime | None, now: datetime) -> float | None:
    """How much time is left, never below 0; None without an end."""
    return None if end is None else max(0.0, (end - now).total_seconds())


def whole(seconds: float) -> int:
    """Seconds as a person reads them off a clock: 0 is only shown when the time is up."""
    return ceil(seconds)
