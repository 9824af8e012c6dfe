"""How often somebody may be wrong. Counted in the process, so that it holds while Redis is away."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from models.errors import RateLimited
from server.kernel.limits import Buckets, Rate
from server.kernel.networks import network_of

Kept = TypeVar("Kept")

FREE = 5
FIRST_DELAY_SECONDS = 1.0
LONGEST_DELAY_SECONDS = 15 * 60.0
FORGOTTEN_AFTER_SECONDS = 24 * 3600.0


class _Refundable(Buckets):
    """Buckets whose tokens can be given back."""

    def give_back(self, key: object, rate: Rate) -> None:
        if key in self._levels:
            level, since = self._levels[key]
            self._levels[key] = (min(rate.burst, level + 1), since)


@dataclass(slots=True)
class _Guesses:
    wrong: int = 0
    refused_until: float = 0.0
    last: float = 0.0


class Attempts:
    """Delays guessing, and limits how much of it there is.

    Guesses are counted by what they are at (what was typed as a login, say) and by the network that they come from, so
    that a stranger who guesses delays nobody but themselves. In all, whatever the network, there are only so many
    wrong guesses at one thing an hour; networks from which it was guessed right before do not count towards this and
    are not limited by it.

    An attempt counts as wrong from its beginning and is forgiven when it was right, so that a hundred guesses sent
    at once do not all get in before the first one is found to be wrong.

    Args:
        per_network: Wrong guesses from one network, at whatever.
        in_all: Wrong guesses at one thing, from whichever networks.
        max_kept: How many things guessed at are remembered.
        clock: Seconds that never go back.
    """

    def __init__(
        self,
        per_network: Rate = Rate(100, 3600, 100),  # noqa: B008 - immutable
        in_all: Rate = Rate(100, 3600, 100),  # noqa: B008 - immutable
        *,
        max_kept: int = 100_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_network = per_network
        self._in_all = in_all
        self._networks = _Refundable(clock=clock)
        self._everywhere = _Refundable(clock=clock)
        self._guesses: OrderedDict[object, _Guesses] = OrderedDict()
        self._known: OrderedDict[object, None] = OrderedDict()
        self._max_kept = max_kept
        self._clock = clock

    def begin(self, what: object, address: str, *, anywhere: bool = False) -> None:
        """Let a guess through, or raise RateLimited: after five wrong ones each has to wait longer than the last.

        Args:
            what: What is guessed at.
            address: Where the guess comes from.
            anywhere: Delay the guesses of all networks together, where few guesses are many.
        """
        now, network = self._clock(), network_of(address)
        key = (what, "" if anywhere else network)
        entry = self._guesses.get(key)
        if entry is None or now - entry.last > FORGOTTEN_AFTER_SECONDS:
            entry = _Guesses()
        if now < entry.refused_until:
            raise RateLimited(retry_after=round(entry.refused_until - now, 3))
        self._networks.take(network, self._per_network)
        if (what, network) not in self._known:
            self._everywhere.take(what, self._in_all)
        entry.wrong, entry.last = entry.wrong + 1, now
        if entry.wrong >= FREE:
            entry.refused_until = now + min(
                FIRST_DELAY_SECONDS * 2 ** min(entry.wrong - FREE, 30), LONGEST_DELAY_SECONDS
            )
        self._keep(self._guesses, key, entry)

    def forgive(self, what: object, address: str) -> None:
        """Take back a guess that was right: its network is known from now on, and its delay begins anew."""
        network = network_of(address)
        self._networks.give_back(network, self._per_network)
        if (what, network) not in self._known:
            self._everywhere.give_back(what, self._in_all)
        self.forget(what, address)

    def forget(self, what: object, address: str) -> None:
        """Forget what was guessed from a network: somebody there has proved by other means who they are."""
        network = network_of(address)
        for key in ((what, network), (what, "")):
            self._guesses.pop(key, None)
        self._keep(self._known, (what, network), None)

    def _keep(self, table: "OrderedDict[object, Kept]", key: object, value: Kept) -> None:
        table[key] = value
        table.move_to_end(key)
        if len(table) > self._max_kept:
            table.popitem(last=False)
