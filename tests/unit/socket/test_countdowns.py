"""Ticks of topics of several kinds at once."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from server.kernel.clock import Clock
from server.kernel.registry import Countdown, Registry, TopicType
from server.kernel.rpc import View, live_event, public
from server.socket.countdowns import Countdowns

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Tick(View):
    seconds: int


class JoinedTopics:
    """The part of the hub that countdowns use."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.accepted: list[str] = []

    def joined(self, kind: str) -> dict[str, int]:
        return {name: 0 for name in self.names if name.startswith(f"{kind}:")}

    def accept(self, message: object) -> None:
        self.accepted.append(message.topic)  # type: ignore[attr-defined]


class StoppedClock(Clock):
    at = NOW

    def now(self) -> datetime:
        return self.at


def counted(kind: str, deadlines: Mapping[UUID, datetime], reads: list[str]) -> TopicType:
    async def read(ids: Sequence[UUID]) -> Mapping[UUID, datetime]:
        reads.append(kind)
        return {one: deadlines[one] for one in ids}

    tick = Countdown(f"{kind}.tick", read, lambda _id, seconds, _now: Tick(seconds=seconds))
    return TopicType(kind, logged=False, readers={public: None}, audience="everybody", countdown=tick)


async def test_two_kinds_of_topics_count_down_side_by_side() -> None:
    one, other = uuid4(), uuid4()
    reads: list[str] = []
    deadline = {one: NOW + timedelta(seconds=12), other: NOW + timedelta(seconds=12)}
    types = [counted(kind, deadline, reads) for kind in ("exam", "auction")]
    registry = Registry(
        topics={type_.kind: type_ for type_ in types},
        events={f"{type_.kind}.tick": live_event(f"{type_.kind}.tick", type_.kind, Tick) for type_ in types},
    )
    hub, clock = JoinedTopics(f"exam:{one}", f"auction:{other}"), StoppedClock()
    countdowns = Countdowns(registry, hub, clock)  # type: ignore[arg-type]  # the two methods that it calls
    for seconds in range(4):
        clock.at = NOW + timedelta(seconds=seconds)
        for type_ in types:
            await countdowns.look(type_)
    assert reads == ["exam", "auction"]
    assert hub.accepted == [f"exam:{one}", f"auction:{other}"] * 2
