"""In which order the calls of one socket run (PROTOCOL.md, section 2)."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from models.errors import RateLimited
from server.kernel import protocol
from server.kernel.dispatch import Call, Outcome

RETRY_AFTER = 0.5

Run = Callable[["Job"], Awaitable[None]]


class Answers(Protocol):
    """Where replies go: straight to the socket, or into the array of a batch."""

    def add(
        self, outcome: Outcome | None, id_: protocol.Id | protocol.NoId, after: Sequence[Callable[[], None]] = ()
    ) -> None:
        """Take one reply (None for a notification), and what shall happen once it is queued."""


@dataclass(slots=True, eq=False)
class Job:
    """A call on its way, and where its reply goes."""

    call: Call
    request: protocol.Request
    answers: Answers
    task: "asyncio.Task[None] | None" = None
    begun: bool = False


class CommandLane:
    """One after another, in the order of arrival.

    Once it was full it refuses until it is empty: what was sent in order is never carried out out of order.
    """

    def __init__(self, run: Run, waiting: int) -> None:
        self._run = run
        self._limit = waiting
        self._waiting: deque[Job] = deque()
        self._runner: asyncio.Task[None] | None = None
        self._refusing = False

    def add(self, job: Job) -> None:
        """Queue a call; raises RateLimited when the lane is, or has just been, full."""
        if self._refusing or len(self._waiting) >= self._limit:
            self._refusing = True
            raise RateLimited("Too many commands are waiting on this socket.", retry_after=RETRY_AFTER, lane=True)
        self._waiting.append(job)
        if self._runner is None:
            self._runner = asyncio.get_running_loop().create_task(self._work())

    def drop_waiting(self) -> None:
        """Forget what has not started; what runs is finished."""
        self._waiting.clear()

    @property
    def runner(self) -> "asyncio.Task[None] | None":
        """The task that is at work."""
        return self._runner

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._run(self._waiting.popleft())
        finally:
            self._runner = None
            self._refusing = False


class QueryLane:
    """Side by side, so many at once, and so many more may wait."""

    def __init__(self, run: Run, at_once: int, waiting: int) -> None:
        self._run = run
        self._at_once = at_once
        self._limit = waiting
        self._running: set[Job] = set()
        self._waiting: deque[Job] = deque()

    def add(self, job: Job) -> None:
        """Run or queue a call; raises RateLimited when too many wait."""
        if len(self._running) < self._at_once:
            self._start(job)
        elif len(self._waiting) < self._limit:
            self._waiting.append(job)
        else:
            raise RateLimited("Too many queries are waiting on this socket.", retry_after=RETRY_AFTER, lane=True)

    def cancel(self, job: Job) -> None:
        """Give up a call that waits or runs."""
        job.call.cancelled = True
        if job.task is None:
            self._waiting.remove(job)
            self._start(job)
        elif job.begun:
            # A task that has not begun would be cancelled without a trace; it sees by itself that it is not wanted.
            job.task.cancel()

    def drop(self) -> None:
        """The socket is gone: nobody wants the answers."""
        self._waiting.clear()
        for job in self._running:
            if job.task is not None:
                job.task.cancel()

    def _start(self, job: Job) -> None:
        self._running.add(job)
        job.task = asyncio.get_running_loop().create_task(self._work(job))

    async def _work(self, job: Job) -> None:
        job.begun = True
        try:
            await self._run(job)
        finally:
            self._running.discard(job)
            # A cancelled one that waited was let in beyond the limit, only to be answered.
            if self._waiting and len(self._running) < self._at_once:
                self._start(self._waiting.popleft())
