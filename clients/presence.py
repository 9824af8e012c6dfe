"""Who is there, as leases in Redis: whoever is not renewed for 15 seconds is offline.

One sorted set holds when each person's lease ends, one hash when they were seen last. Redis emptied or away costs a
moment's knowledge and nothing else: the next renewal writes it anew. What people want to be seen as is not kept here.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from clients.ports import Away, Seen
from clients.redis import FAULTS, connect

LEASE_SECONDS = 15.0


class RedisPresence:
    """The leases of everybody who has a socket anywhere."""

    def __init__(self, url: str, prefix: str) -> None:
        self._redis = connect(url)
        self._leases = f"{prefix}presence:leases"
        self._seen = f"{prefix}presence:seen"

    async def close(self) -> None:
        """Disconnect."""
        await self._redis.aclose()

    async def renew(self, users: Sequence[UUID], now: datetime) -> list[UUID]:
        """Prolong the leases of people; returns those who had none. Raises Away."""
        if not users:
            return []
        until = now.timestamp() + LEASE_SECONDS
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for user in users:
                    pipeline.zadd(self._leases, {str(user): until})
                added = await pipeline.execute()
        except FAULTS as error:
            raise Away from error
        return [user for user, new in zip(users, added, strict=True) if new]

    async def due(self, now: datetime) -> list[tuple[UUID, datetime]]:
        """The leases that have run out, each with the moment at which it did. Raises Away."""
        try:
            due: Any = await self._redis.zrangebyscore(self._leases, "-inf", now.timestamp(), withscores=True)
        except FAULTS as error:
            raise Away from error
        return [(UUID(user.decode()), datetime.fromtimestamp(until, UTC)) for user, until in due]

    async def end(self, user: UUID, last_seen_at: datetime) -> bool:
        """End a lease that has run out; whether it was this call that did. Raises Away."""
        try:
            if not await self._redis.zrem(self._leases, str(user)):
                return False
            await self._redis.hset(self._seen, str(user), str(last_seen_at.timestamp()))
        except FAULTS as error:
            raise Away from error
        return True

    async def come(self, user: UUID, now: datetime) -> None:
        """Give somebody who is there a lease, before the next renewal does. Raises Away."""
        try:
            await self._redis.zadd(self._leases, {str(user): now.timestamp() + LEASE_SECONDS})
        except FAULTS as error:
            raise Away from error

    async def read(self, users: Sequence[UUID]) -> dict[UUID, Seen]:
        """Who of these people is there. Raises Away."""
        if not users:
            return {}
        names = [str(user) for user in users]
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.zmscore(self._leases, names)
                pipeline.hmget(self._seen, names)
                leases, seen = await pipeline.execute()
        except FAULTS as error:
            raise Away from error
        return {user: _seen(lease, at) for user, lease, at in zip(users, leases, seen, strict=True)}

    async def there(self, users: Sequence[UUID], now: datetime) -> set[UUID]:
        """Those who have a socket somewhere, also if they are invisible. Raises Away."""
        if not users:
            return set()
        try:
            leases: Any = await self._redis.zmscore(self._leases, [str(user) for user in users])
        except FAULTS as error:
            raise Away from error
        moment = now.timestamp()
        return {user for user, until in zip(users, leases, strict=True) if until is not None and until > moment}


def _seen(lease: float | None, at: bytes | None) -> Seen:
    return Seen(lease is not None, datetime.fromtimestamp(float(at), UTC) if at else None)
