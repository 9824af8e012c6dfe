"""How often: token buckets counted in the process, so that they hold while Redis is away and cost next to nothing."""

import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from models.errors import RateLimited

_UNITS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0}


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many seconds, and so many at once."""

    count: float
    seconds: float
    burst: float

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Read `10/minute`, or with a burst of its own `10/minute burst 30`."""
        match = re.fullmatch(r"(\d+)/(second|minute|hour|day)(?: burst (\d+))?", text)
        if match is None:
            raise ValueError(f"not a rate: {text!r}")
        count = float(match[1])
        return cls(count, _UNITS[match[2]], float(match[3] or count))

    @property
    def per_second(self) -> float:
        """How fast the bucket fills again."""
        return self.count / self.seconds


class Buckets:
    """One token bucket a key. The least recently used are forgotten beyond `max_keys`."""

    def __init__(self, max_keys: int = 100_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._levels: OrderedDict[object, tuple[float, float]] = OrderedDict()
        self._max_keys = max_keys
        self._clock = clock

    def take(self, key: object, rate: Rate, tokens: float = 1) -> None:
        """Take tokens of a key's bucket; raises RateLimited with `retry_after` when not even one is in it.

        What takes more tokens than there are gets the rest on credit: what comes after it waits.
        """
        level = self._level(key, rate)
        if level < 1:
            raise RateLimited(retry_after=round((1 - level) / rate.per_second, 3))
        self._put(key, rate, level - tokens)

    def spend(self, key: object, rate: Rate, tokens: float) -> None:
        """Take tokens for what was let through already, on credit where they are missing. Never raises."""
        self._put(key, rate, self._level(key, rate) - tokens)

    def _level(self, key: object, rate: Rate) -> float:
        level, since = self._levels.get(key, (rate.burst, self._clock()))
        return min(rate.burst, level + (self._clock() - since) * rate.per_second)

    def _put(self, key: object, rate: Rate, level: float) -> None:
        # The credit ends at a burst, so that one call never closes a bucket for long.
        self._levels[key] = (max(level, -rate.burst), self._clock())
        self._levels.move_to_end(key)
        if len(self._levels) > self._max_keys:
            self._levels.popitem(last=False)
