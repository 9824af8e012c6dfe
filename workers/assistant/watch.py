"""Notices that an answer shall not be written any more: stopped, deleted, or taken over by another worker.

One look for all answers of this process, four times a second, whether Redis is there or not.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from models.assistant import Begun, Run
from server.kernel.errors import DATABASE_AWAY, database_cause
from server.loops import Loop

LOOK_SECONDS = 0.25


@dataclass
class Watch:
    """The answers that are being written in this process. The loop lives as long as there are some."""

    _attempts: dict[UUID, int] = field(default_factory=dict)
    _tell: dict[UUID, Callable[[], object]] = field(default_factory=dict)
    _loop: Loop | None = None

    @contextmanager
    def over(self, begun: Begun, unwanted: Callable[[], object]) -> Iterator[None]:
        """Call a function, once or more, when this attempt shall end."""
        self._attempts[begun.run_id], self._tell[begun.run_id] = begun.attempt, unwanted
        if self._loop is None:
            self._loop = Loop(
                "watch over answers", LOOK_SECONDS, self._look, expected=DATABASE_AWAY, cause=database_cause
            )
            self._loop.start()
        try:
            yield
        finally:
            # An attempt that was taken over within this process is not this one's to forget.
            if self._tell.get(begun.run_id) is unwanted:
                del self._attempts[begun.run_id], self._tell[begun.run_id]
            if not self._attempts and self._loop is not None:
                self._loop.cancel()
                self._loop = None

    async def _look(self) -> None:
        seen = dict(self._attempts)
        wanted = await Run.wanted(seen)
        for run_id in seen.keys() - wanted:
            if run_id in self._tell:
                self._tell[run_id]()


WATCH = Watch()
"""Of this process."""
