"""Turns at something scarce, given in a circle: one who asks often waits behind oneself, not before the others."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class Turns:
    """So many at once, of them so many of one person; of those who wait, each person gets the next turn in a circle.

    Args:
        at_once: Turns that run at the same time.
        each: Turns that one person has at the same time; fewer than `at_once` leave room for the others.
    """

    def __init__(self, at_once: int, each: int) -> None:
        self._free = at_once
        self._each = each
        self._running: Counter[Hashable] = Counter()
        self._waiting: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def of(self, person: Hashable) -> AsyncIterator[None]:
        """Wait for a turn, and have it for as long as the block lasts."""
        if self._free and self._running[person] < self._each and person not in self._waiting:
            self._start(person)
        else:
            await self._wait(person)
        try:
            yield
        finally:
            self._end(person)

    async def _wait(self, person: Hashable) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(person, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._end(person)  # it was given at the same moment
            raise

    def _start(self, person: Hashable) -> None:
        self._free -= 1
        self._running[person] += 1

    def _end(self, person: Hashable) -> None:
        self._free += 1
        self._running[person] -= 1
        if not self._running[person]:
            del self._running[person]
        self._hand_out()

    def _hand_out(self) -> None:
        for person in list(self._waiting):
            if not self._free:
                return
            if self._running[person] < self._each:
                self._give(person)

    def _give(self, person: Hashable) -> None:
        line = self._waiting[person]
        while line:
            turn = line.popleft()
            if not turn.done():
                self._start(person)
                turn.set_result(None)
                break
        if line:
            self._waiting.move_to_end(person)
        else:
            del self._waiting[person]
