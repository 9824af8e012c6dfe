"""Background loops: a function that is called again and again, and never ends unnoticed.

A leaf that imports nothing of the product, so that clients may use it too.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import structlog
from prometheus_client import Counter

logger = structlog.get_logger("nexa.loops")

FAILURES = Counter("nexa_loop_failures_total", "Rounds of background loops that failed", ["loop"])
UNREADY_AFTER = 3
CANCEL_AGAIN_SECONDS = 0.2

Body = Callable[[], Awaitable[object]]


async def ended(tasks: Iterable["asyncio.Task[None]"]) -> None:
    """Cancel tasks until they have ended.

    Once is not always enough: code that waits with a time limit may take the cancellation for its time-out.
    """
    while running := [task for task in tasks if not task.done()]:
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=CANCEL_AGAIN_SECONDS)


class Loop:
    """Calls `body` for as long as the process lives. A failure is logged and counted, and the loop goes on.

    Args:
        name: Names the loop in logs and in the metric `nexa_loop_failures_total`.
        every_seconds: The rest between two rounds. There is none after a round that returned True ("there is more").
        body: One round.
        expected: Errors that mean "not now", such as a database that is away: they are a warning without a traceback.
        cause: Unwraps an error before it is compared with `expected`.
        vital: After three failures in a row the process is not ready (`/health/ready`).
    """

    def __init__(
        self,
        name: str,
        every_seconds: float,
        body: Body,
        *,
        expected: tuple[type[BaseException], ...] = (),
        cause: Callable[[BaseException], BaseException] = lambda error: error,
        vital: bool = False,
    ) -> None:
        self.name = name
        self.failures = 0
        self._every = every_seconds
        self._body = body
        self._expected = expected
        self._cause = cause
        self._vital = vital
        self._wake = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin with the first round at once."""
        if self._task is None or self._task.done():
            self._stopping = False
            self._task = asyncio.get_running_loop().create_task(self._run(), name=f"loop {self.name}")

    def wake(self) -> None:
        """Begin the next round now."""
        self._wake.set()

    @property
    def ready(self) -> bool:
        """False while a vital loop fails again and again, or has ended without being stopped."""
        if not self._vital or self._task is None:
            return True
        return self.failures < UNREADY_AFTER and (self._stopping or not self._task.done())

    def finish(self) -> None:
        """Begin no further round; the one that runs is completed."""
        self._stopping = True
        self._wake.set()

    async def finished(self) -> None:
        """Wait until the last round has ended."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def cancel(self) -> None:
        """End now, without waiting for it."""
        self._stopping = True
        if self._task is not None:
            self._task.cancel()

    async def stop(self) -> None:
        """End now: the round that runs is cancelled."""
        self._stopping = True
        if self._task is not None:
            await ended([self._task])

    async def _run(self) -> None:
        while not self._stopping:
            if not await self._round():
                await self._rest()

    async def _round(self) -> bool:
        try:
            more = bool(await self._body())
        except Exception as error:
            self.failures += 1
            FAILURES.labels(self.name).inc()
            if isinstance(self._cause(error), self._expected):
                logger.warning("loop cannot work now", loop=self.name, reason=repr(error))
            else:
                logger.exception("loop failed", loop=self.name)
            return False
        self.failures = 0
        return more

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._every):
                await self._wake.wait()
        except TimeoutError:
            return
        finally:
            self._wake.clear()
