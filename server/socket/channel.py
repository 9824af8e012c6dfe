"""One topic as the hub of a process keeps it: who is in it, who is on the way in, and what has not been delivered."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from server.kernel.closing import Closing
from server.kernel.log import Message


class Subscriber(Protocol):
    """A connection, as the hub sees it."""

    @property
    def send_frame(self) -> Callable[[bytes], None]:
        """Send a finished frame; never waits."""

    def close(self, closing: Closing) -> None:
        """Close the socket. Never raises."""


Follower = Callable[[Message], None]


@dataclass(slots=True, eq=False)
class Join:
    """One newcomer on the way into a topic, and what was delivered since it registered.

    A client that leaves and comes again at once is two of these: the first must not end the second.
    """

    topic: str
    subscriber: Subscriber
    buffer: list[tuple[int, bytes]] = field(default_factory=list)


class Channel:
    """One topic that somebody on this process is interested in."""

    __slots__ = ("ahead", "filling", "followers", "head", "joining", "members", "name", "pending", "position", "timer")

    def __init__(self, name: str) -> None:
        self.name = name
        self.position: int | None = None
        """The number of the last event that was delivered; unknown until somebody has read the head."""
        self.head = 0
        """The highest number that we have heard of."""
        self.members: dict[Subscriber, None] = {}
        self.joining: dict[Subscriber, Join] = {}
        self.ahead: dict[Subscriber, int] = {}
        """Members whose snapshot was newer than our position, and up to where they have seen it already."""
        self.followers: dict[Follower, None] = {}
        self.pending: dict[int, Message] = {}
        self.timer: asyncio.TimerHandle | None = None
        self.filling = False

    @property
    def idle(self) -> bool:
        """Whether nobody is interested any more."""
        return not (self.members or self.joining or self.followers)

    @property
    def behind(self) -> bool:
        """Whether there are events that have not been delivered."""
        return self.position is not None and (bool(self.pending) or self.head > self.position)
