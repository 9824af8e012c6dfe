"""Hours in which somebody wants no mail."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one moment of the day to another, by the clocks of a time zone; they may reach over midnight."""

    start: time
    end: time
    timezone: str

    @classmethod
    def parse(cls, kept: dict[str, Any]) -> Self:
        """Read what `kept` has written."""
        return cls(time.fromisoformat(kept["start"]), time.fromisoformat(kept["end"]), kept["timezone"])

    def kept(self) -> dict[str, str]:
        """The form in which they are stored."""
        times = {"start": f"{self.start:%H:%M}", "end": f"{self.end:%H:%M}"}
        return {**times, "timezone": self.timezone}

    def end_of(self, now: datetime) -> datetime | None:
        """When the quiet that is now is over; None when it is not quiet."""
        local = now.astimezone(ZoneInfo(self.timezone))
        clock = local.time()
        if self.start < self.end:
            quiet, tomorrow = self.start <= clock < self.end, False
        else:
            quiet, tomorrow = clock >= self.start or clock < self.end, clock >= self.start
        if not quiet:
            return None
        day = local.date() + timedelta(days=tomorrow)
        ended = datetime.combine(day, self.end, local.tzinfo).astimezone(UTC)
        # Where clocks are set back, the same time of day comes twice: then it is the second one.
        return ended if ended > now else datetime.combine(day, self.end.replace(fold=1), local.tzinfo).astimezone(UTC)
