"""The worker process: it carries out deferred tasks, and holds the clock that finds what no nudge has reached.

Several clocks do not disturb each other: each takes only what it can lock.
"""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Sequence
from types import ModuleType

import structlog
from prometheus_client import start_http_server

from server.compose.core import Core
from server.compose.domains import MODULES
from server.compose.settings import Settings
from server.kernel import metrics
from server.kernel.deferred import BeatType, Lane
from server.kernel.errors import DATABASE_AWAY, OutcomeUnknownError, database_cause
from server.kernel.tasks import Claimed, Tasks

logger = structlog.get_logger("nexa.worker")

TICK_SECONDS = 0.5
AT_ONCE = 8
FINISH_SECONDS = 20.0
NOT_NOW = (*DATABASE_AWAY, OutcomeUnknownError)
"""What the next look will do, or find done."""


class Hands:
    """What one lane's tasks are carried out with: so many at once, by nudges and by the clock."""

    def __init__(self, core: Core, tasks: Tasks, lane: Lane, at_once: int, stopping: asyncio.Event) -> None:
        self._queue = core.queue
        self._tasks = tasks
        self._lane = lane
        self._at_once = at_once
        self._stopping = stopping
        self._slots = asyncio.Semaphore(at_once)
        self.running: set[asyncio.Task[None]] = set()

    async def follow_nudges(self) -> None:
        """Do what nudges name, until the worker stops."""
        await self._queue.receive(self._tasks.run_one, self._at_once, self._stopping, self._lane)

    async def take_due(self) -> None:
        """Claim what is due, as much as there are hands for, until nothing is left."""
        while not self._stopping.is_set():
            free = self._at_once - len(self.running)
            claimed = await self._tasks.claim_due(free, self._lane) if free else []
            for one in claimed:
                self._spawn(self._perform(one))
            if len(claimed) < free:
                return
            await asyncio.wait(self.running, return_when=asyncio.FIRST_COMPLETED)

    async def _perform(self, claimed: Claimed) -> None:
        async with self._slots:
            await self._tasks.perform(claimed)

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self.running.add(task)
        task.add_done_callback(self._done)

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
        self._hands = [Hands(core, self.tasks, lane, number, self._stopping) for lane, number in at_once.items()]

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
            clocks = [loop.create_task(self._clock(self._keep_time))]
            clocks += [loop.create_task(self._clock(one.take_due)) for one in self._hands]
            beats = [loop.create_task(self._beat(one)) for one in self.core.registry.beats.values()]
            nudges = [loop.create_task(one.follow_nudges()) for one in self._hands]
            await self._stopping.wait()
            for clock in clocks:
                clock.cancel()
            await asyncio.wait([*clocks, *nudges, *beats, *self._running()], timeout=FINISH_SECONDS)
            for task in (*nudges, *beats):
                task.cancel()
            await asyncio.gather(loading, *clocks, *nudges, *beats, return_exceptions=True)

    def stop(self) -> None:
        """Take nothing new."""
        self._stopping.set()

    def _running(self) -> list["asyncio.Task[None]"]:
        return [task for one in self._hands for task in one.running]

    async def _clock(self, tick: Callable[[], Awaitable[None]]) -> None:
        """Do something twice a second, for ever."""
        while True:
            try:
                await tick()
            except Exception as error:
                # Whatever it is, a worker without a clock would be worse.
                if isinstance(database_cause(error), NOT_NOW):
                    logger.warning("the clock cannot read the database", reason=repr(error))
                else:
                    logger.exception("the clock failed")
            await asyncio.sleep(TICK_SECONDS)

    async def _beat(self, declared: BeatType) -> None:
        """Look again and again, until there is nothing more or all is to stop."""
        failures = 0
        while not self._stopping.is_set():
            more = False
            try:
                more = await self.tasks.beat(declared, failures + 1)
                failures = 0
            except Exception as error:
                # Whatever it is, a worker that looks no more would be worse.
                failures += 1
                if isinstance(database_cause(error), NOT_NOW):
                    logger.warning("a beat cannot read the database", beat=declared.name, reason=repr(error))
                else:
                    logger.exception("a beat failed", beat=declared.name)
            if not more:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), declared.every_seconds)

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


async def run_worker(settings: Settings, database_url: str, redis_url: str) -> None:
    """Run one worker until it is told to stop."""
    await Worker(settings, database_url, redis_url).run()
