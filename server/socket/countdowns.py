"""Ticks of topics whose time runs down, made where somebody listens.

Each process counts for its own sockets, from deadlines that it has read: nothing goes over the bus, and of what nobody
follows nothing is told. Whatever is logged on a topic may have moved its deadline, so the deadlines of those topics are
read anew, all in one query at most a second.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from uuid import UUID

import structlog

from server.kernel.clock import Clock
from server.kernel.errors import DATABASE_AWAY, database_cause
from server.kernel.registry import Registry, TopicType
from server.kernel.unit_of_work import Collected, live
from server.loops import Loop
from server.socket.hub import Hub

logger = structlog.get_logger("nexa.countdowns")

LOOK_SECONDS = 0.25
READ_SECONDS = 1.0
STEP_SECONDS = 30
LAST_SECONDS = 10


@dataclass(slots=True)
class Counted:
    """What is known of one topic: where its log stood when its deadline was read, and what was told last."""

    position: int
    deadline: datetime | None
    told: int | None = None


@dataclass(slots=True)
class Kind:
    """The topics of one kind, by name, and when their deadlines were read last."""

    known: dict[str, Counted] = field(default_factory=dict)
    read_at: float = 0.0


class Countdowns:
    """All topics of this process whose time runs down."""

    def __init__(self, registry: Registry, hub: Hub, clock: Clock) -> None:
        self._registry = registry
        self._hub = hub
        self._clock = clock
        self._kinds: defaultdict[str, Kind] = defaultdict(Kind)
        self._loop = Loop("countdowns", LOOK_SECONDS, self._look_at_all)

    async def start(self) -> None:
        """Count for as long as the process lives."""
        self._loop.start()

    async def stop(self) -> None:
        """Count no more."""
        await self._loop.stop()

    async def _look_at_all(self) -> None:
        for one in self._registry.topics.values():
            if one.countdown is None:
                continue
            try:
                await self.look(one)
            except Exception as error:
                # One kind of topic must not keep the others from their ticks.
                if isinstance(database_cause(error), DATABASE_AWAY):
                    logger.warning("deadlines cannot be read", reason=repr(error))
                else:
                    logger.exception("counting failed", topic=one.kind)

    async def look(self, type_: TopicType) -> None:
        """Read the deadlines that may have moved, and tell what is due."""
        joined = self._hub.joined(type_.kind)
        kind = self._kinds[type_.kind]
        kind.known = {name: one for name, one in kind.known.items() if name in joined}
        moved = [name for name, at in joined.items() if name not in kind.known or kind.known[name].position != at]
        now = asyncio.get_running_loop().time()
        if moved and now - kind.read_at >= READ_SECONDS:
            kind.read_at = now
            await self._read(type_, kind, {name: joined[name] for name in moved})
        self._tell(type_, kind, self._clock.now())

    async def _read(self, type_: TopicType, kind: Kind, positions: dict[str, int]) -> None:
        assert type_.countdown is not None
        deadlines = await type_.countdown.deadlines([_id(name) for name in positions])
        for name, position in positions.items():
            old, deadline = kind.known.get(name), deadlines.get(_id(name))
            told = old.told if old is not None and old.deadline == deadline else None
            kind.known[name] = Counted(position, deadline, told)

    def _tell(self, type_: TopicType, kind: Kind, now: datetime) -> None:
        assert type_.countdown is not None
        collected = Collected(self._registry, now, b"null")
        for name, seconds in _due(kind, now):
            collected.emit(name, type_.countdown.event, type_.countdown.tell(_id(name), seconds, now))
        for event in collected.events:
            self._hub.accept(live(event))


def _due(kind: Kind, now: datetime) -> Iterable[tuple[str, int]]:
    for name, one in kind.known.items():
        if one.deadline is None:
            continue
        left = max(0, ceil((one.deadline - now).total_seconds()))
        before, one.told = one.told, left
        if before is not None and is_due(before, left):
            yield name, left


def is_due(before: int, left: int) -> bool:
    """Whether what is left wants to be told, after what was left at the last look."""
    if left >= before:
        return False
    return left <= LAST_SECONDS or (before - 1) // STEP_SECONDS != (left - 1) // STEP_SECONDS


def _id(name: str) -> UUID:
    return UUID(name.partition(":")[2])
