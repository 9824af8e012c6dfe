"""The worker process: it carries out deferred tasks, and holds the clock that finds what no nudge has reached.

Several clocks do not disturb each other: each takes only what it can lock.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from types import ModuleType
from uuid import UUID

import structlog
from prometheus_client import start_http_server

from server.compose.core import Core
from server.compose.domains import MODULES
from server.compose.settings import Settings
from server.kernel import metrics
from server.kernel.deferred import BeatType, Lane
from server.kernel.errors import DATABASE_AWAY, OutcomeUnknownError, database_cause
from server.kernel.tasks import Claimed, Tasks
from server.loops import Loop, ended

logger = structlog.get_logger("nexa.worker")

TICK_SECONDS = 0.5
AT_ONCE = 8
FINISH_SECONDS = 20.0
NOT_NOW = (*DATABASE_AWAY, OutcomeUnknownError)
"""What the next look will do, or find done."""


class LaneRunner:
    """Carries out the tasks of one lane, so many at once, however it hears of them.

    A nudge names a task that was just queued; the clock looks for what no nudge has reached. Both share the slots.
    """

    def __init__(self, core: Core, tasks: Tasks, lane: Lane, at_once: int) -> None:
        self._queue = core.queue
        self._tasks = tasks
        self._lane = lane
        self._at_once = at_once
        self._claiming = 0
        self.running: set[asyncio.Task[None]] = set()
        self.clock = _loop(f"tasks of {lane}", TICK_SECONDS, self._take_due, vital=True)

    @property
    def free(self) -> int:
        """How many more tasks may begin."""
        return self._at_once - len(self.running) - self._claiming

    async def follow_nudges(self, stopping: asyncio.Event) -> None:
        """Begin what nudges name, until the worker stops."""
        await self._queue.receive(self._take, self._at_once, stopping, self._lane)

    async def _take(self, task_id: UUID) -> None:
        if self.free <= 0:
            # The clock finds it as soon as a slot is free.
            self.clock.wake()
            return
        await self._begin(1, lambda: self._tasks.claim(task_id))

    async def _take_due(self) -> bool:
        """Begin what is due, as much as there are slots for; says whether there may be more."""
        if self.free <= 0:
            await asyncio.wait(self.running, return_when=asyncio.FIRST_COMPLETED)
            return True
        free = self.free
        return await self._begin(free, lambda: self._tasks.claim_due(free, self._lane)) == free

    async def _begin(self, slots: int, claim: Callable[[], Awaitable[list[Claimed]]]) -> int:
        self._claiming += slots
        try:
            claimed = await claim()
        finally:
            self._claiming -= slots
        for one in claimed:
            task = asyncio.get_running_loop().create_task(self._tasks.perform(one))
            self.running.add(task)
            task.add_done_callback(self._done)
        return len(claimed)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self.running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            # The row is still there, and its lease runs out: it will be begun again.
            logger.error("task run broke off", exc_info=task.exception())


class Worker:
    """One worker process, put together from the settings."""

    def __init__(
        self, settings: Settings, database_url: str, redis_url: str, modules: Sequence[ModuleType] = MODULES
    ) -> None:
        self.core = Core(settings, database_url, redis_url, modules)
        core = self.core
        self.tasks = Tasks(list(core.registry.tasks.values()), core.units, core.clock, core.services)
        self._enrolled = False
        self._stopping = asyncio.Event()
        at_once = {Lane.WORK: AT_ONCE, Lane.STREAMS: settings.worker_streams}
        self._lanes = [LaneRunner(core, self.tasks, lane, number) for lane, number in at_once.items()]
        self._clocks = [
            _loop("clock of tasks", TICK_SECONDS, self._keep_time),
            *(lane.clock for lane in self._lanes),
        ]
        self._beats = [self._beat(declared) for declared in core.registry.beats.values()]

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT, then finish what runs."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        if port := self.core.settings.worker_metrics_port:
            start_http_server(port)
        async with self.core.running():
            # What has nothing to do with the assistant need not wait for its SDK.
            loading = loop.create_task(self.core.outside.load())
            logger.info("worker started", tasks=sorted(self.core.registry.tasks))
            for one in (*self._clocks, *self._beats):
                one.start()
            nudges = [loop.create_task(lane.follow_nudges(self._stopping)) for lane in self._lanes]
            await self._stopping.wait()
            await self._finish(nudges)
            await asyncio.gather(loading, return_exceptions=True)

    async def _finish(self, nudges: Sequence["asyncio.Task[None]"]) -> None:
        """Begin nothing new, and give what runs its time."""
        for one in self._clocks:
            await one.stop()
        for one in self._beats:
            one.finish()
        finishing = [asyncio.ensure_future(one.finished()) for one in self._beats]
        running = [task for lane in self._lanes for task in lane.running]
        await asyncio.wait([*finishing, *nudges, *running], timeout=FINISH_SECONDS)
        for one in self._beats:
            await one.stop()
        await ended(nudges)

    def stop(self) -> None:
        """Take nothing new."""
        self._stopping.set()

    def _beat(self, declared: BeatType) -> Loop:
        """A loop of its own for each beat."""
        loop: Loop

        async def look() -> bool:
            return await self.tasks.beat(declared, loop.failures + 1)

        loop = _loop(declared.name, declared.every_seconds, look)
        return loop

    async def _keep_time(self) -> None:
        if not self._enrolled:
            await self.tasks.enrol_periodic()
            self._enrolled = True
        await self.tasks.queue_periodic()
        if unknown := await self.tasks.mark_unknown():
            logger.warning("tasks that this worker does not know wait for another", tasks=unknown)
        waiting, failed = await self.tasks.count()
        metrics.TASKS_WAITING.set(waiting)
        metrics.TASKS_FAILED.set(failed)


def _loop(name: str, every_seconds: float, body: Callable[[], Awaitable[object]], *, vital: bool = False) -> Loop:
    return Loop(name, every_seconds, body, expected=NOT_NOW, cause=database_cause, vital=vital)


async def run_worker(settings: Settings, database_url: str, redis_url: str) -> None:
    """Run one worker until it is told to stop."""
    await Worker(settings, database_url, redis_url).run()
