"""Going down without losing anybody (PROTOCOL.md, section 8).

Every socket is told to open a new one elsewhere, after a random delay so that not all come at once. It is closed with
1012 when it has had time for that, and when what it asked for has been answered.
"""

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from server.kernel.closing import GOING_AWAY
from server.kernel.log import moment
from server.socket.notifications import DRAINING

if TYPE_CHECKING:
    from server.socket.connection import Connection
    from server.socket.sockets import Sockets


@dataclass(frozen=True, slots=True)
class Drain:
    """How long the sockets have.

    Attributes:
        spread_seconds: The reconnects are spread over so many seconds.
        hold_seconds: How long an old socket lives beside the new one.
        commands_seconds: How long running commands may take to finish.
    """

    spread_seconds: float = 5.0
    hold_seconds: float = 5.0
    commands_seconds: float = 10.0

    async def run(self, sockets: "Sockets") -> None:
        """Tell everybody, wait, and close; returns when the last one is closed."""
        await asyncio.gather(*(self._one(connection, sockets) for connection in sockets))

    async def _one(self, connection: "Connection", sockets: "Sockets") -> None:
        delay = random.uniform(0, self.spread_seconds)  # noqa: S311 - spreads load, guards nothing
        closes_at = sockets.dispatcher.clock.now() + timedelta(seconds=delay + self.hold_seconds)
        told = {"reconnect_after_ms": round(delay * 1000), "closes_at": moment(closes_at)}
        connection.notify(DRAINING, told)
        await asyncio.sleep(delay + self.hold_seconds)
        runner = connection.running_commands()
        if runner is not None:
            await asyncio.wait([runner], timeout=self.commands_seconds)
        connection.close(GOING_AWAY)
