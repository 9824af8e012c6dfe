"""Limits on calls that run at the same time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from models.errors import Unavailable
from server.kernel.http import Gate


class Slots:
    """Lets a few calls through at once; the others wait, before any time limit of theirs runs.

    Hashing passwords needs this: each takes a core for a while. And an attempt counts as wrong until it is found to be
    right: of many right ones for an account that come together, those after the fifth would be taken for guesses.
    """

    def __init__(self, at_once: int, waiting: int) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._room = at_once + waiting

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[None]:
        """Wait for a place; raises Unavailable at once when too many wait already."""
        if self._room == 0:
            raise Unavailable(retry_after=2)
        self._room -= 1
        try:
            async with self._slots:
                yield
        finally:
            self._room += 1


class Gates:
    """The gates of one process, each made when it is first used."""

    def __init__(self) -> None:
        self._slots: dict[str, Slots] = {}

    def enter(self, gate: Gate | None) -> AbstractAsyncContextManager[None]:
        """Wait for a place at a gate; without one, pass."""
        if gate is None:
            return nullcontext()
        if gate.name not in self._slots:
            self._slots[gate.name] = Slots(gate.at_once, gate.waiting)
        return self._slots[gate.name].entered()
