"""Tells who comes and goes: renews the leases of everybody with a socket here, and announces leases that ran out."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from clients.ports import Away, Presence
from server.kernel.clock import Clock
from server.loops import Loop
from server.socket.sockets import Sockets

RENEW_SECONDS = 5.0
TICK_SECONDS = 0.5


class PresenceLoop:
    """The loop of one process.

    Args:
        sockets: Who is here.
        leases: Where leases are kept.
        end: Ends leases that have run out; returns those whose end others shall hear of.
        announce: Tells the subscribers of a person's presence how they are seen now.
    """

    def __init__(
        self,
        sockets: Sockets,
        leases: Presence,
        clock: Clock,
        end: Callable[[Sequence[tuple[UUID, datetime]]], Awaitable[Sequence[UUID]]],
        announce: Callable[[Sequence[UUID]], Awaitable[None]],
    ) -> None:
        self._sockets = sockets
        self._leases = leases
        self._clock = clock
        self._end = end
        self._announce = announce
        self._renewed: dict[UUID, float] = {}
        self._loop = Loop("presence", TICK_SECONDS, self._tick, expected=(Away,))

    async def start(self) -> None:
        """Begin."""
        self._loop.start()

    async def stop(self) -> None:
        """End; the leases of who is here run out unless another process renews them."""
        await self._loop.stop()

    async def _tick(self) -> None:
        try:
            await self._renew_and_tell()
        except Away:
            # When it is back, everybody's lease is renewed at once.
            self._renewed.clear()
            raise

    async def _renew_and_tell(self) -> None:
        moment = asyncio.get_running_loop().time()
        here = self._sockets.users
        due = [user for user in here if self._renewed.get(user, 0.0) <= moment - RENEW_SECONDS]
        # Whoever has just gone has a whole lease from now on, in which to come back.
        gone = self._renewed.keys() - set(here)
        new = await self._leases.renew([*due, *gone], self._clock.now())
        self._renewed = {user: self._renewed.get(user, moment) for user in here}
        self._renewed.update(dict.fromkeys(due, moment))
        due_to_end = await self._leases.due(self._clock.now())
        await self._announce([*new, *await self._end(due_to_end)])
