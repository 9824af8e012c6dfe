"""Who is there, as leases in Redis: whoever is not renewed for 15 seconds is offline.

One sorted set holds when each person's lease ends, one hash what they want to be seen as, one hash when they were seen
last. Redis emptied or away costs a moment's knowledge and nothing else: the next renewal writes it anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from clients.redis import FAULTS, connect

LEASE_SECONDS = 15.0
INVISIBLE = "invisible"


class PresenceAwayError(Exception):
    """Redis does not answer: nobody knows who is there."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one person."""

    status: str
    last_seen_at: datetime | None


class RedisPresence:
    """The leases of everybody who has a socket anywhere."""

    def __init__(self, url: str, prefix: str) -> None:
        self._redis = connect(url)
        self._leases = f"{prefix}presence:leases"
        self._wanted = f"{prefix}presence:wanted"
        self._seen = f"{prefix}presence:seen"

    async def close(self) -> None:
        """Disconnect."""
        await self._redis.aclose()

    async def renew(self, users: Sequence[UUID], now: datetime) -> list[UUID]:
        """Prolong the leases of people; returns those who had none. Raises PresenceAwayError."""
        if not users:
            return []
        until = now.timestamp() + LEASE_SECONDS
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for user in users:
                    pipeline.zadd(self._leases, {str(user): until})
                added = await pipeline.execute()
        except FAULTS as error:
            raise PresenceAwayError from error
        return [user for user, new in zip(users, added, strict=True) if new]

    async def expire(self, now: datetime) -> list[UUID]:
        """End the leases that have run out; each is told to one caller only. Raises PresenceAwayError."""
        try:
            due: Any = await self._redis.zrangebyscore(self._leases, "-inf", now.timestamp(), withscores=True)
            return [UUID(user.decode()) for user, until in due if await self._end(user, until)]
        except FAULTS as error:
            raise PresenceAwayError from error

    async def _end(self, user: bytes, until: float) -> bool:
        """Whether it was this call that ended the lease, and others shall know."""
        if not await self._redis.zrem(self._leases, user):
            return False
        wanted = await self._redis.hget(self._wanted, user.decode())
        await self._redis.hdel(self._wanted, user.decode())
        if wanted == INVISIBLE.encode():
            # To others they went when they became invisible.
            return False
        await self._redis.hset(self._seen, user.decode(), str(until - LEASE_SECONDS))
        return True

    async def want(self, user: UUID, status: str, now: datetime) -> None:
        """Remember as what somebody who is there wants to be seen. Raises PresenceAwayError."""
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.hset(self._wanted, str(user), status)
                # They may have come so lately that they have no lease yet.
                pipeline.zadd(self._leases, {str(user): now.timestamp() + LEASE_SECONDS}, nx=True)
                if status == INVISIBLE:
                    pipeline.hset(self._seen, str(user), str(now.timestamp()))
                await pipeline.execute()
        except FAULTS as error:
            raise PresenceAwayError from error

    async def read(self, users: Sequence[UUID]) -> dict[UUID, Seen]:
        """How people are seen by others: online, away or offline. Raises PresenceAwayError."""
        if not users:
            return {}
        names = [str(user) for user in users]
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.zmscore(self._leases, names)
                pipeline.hmget(self._wanted, names)
                pipeline.hmget(self._seen, names)
                leases, wanted, seen = await pipeline.execute()
        except FAULTS as error:
            raise PresenceAwayError from error
        return {user: _seen(lease, want, at) for user, lease, want, at in zip(users, leases, wanted, seen, strict=True)}

    async def there(self, users: Sequence[UUID], now: datetime) -> set[UUID]:
        """Those who have a socket somewhere, also if they are invisible. Raises PresenceAwayError."""
        if not users:
            return set()
        try:
            leases: Any = await self._redis.zmscore(self._leases, [str(user) for user in users])
        except FAULTS as error:
            raise PresenceAwayError from error
        moment = now.timestamp()
        return {user for user, until in zip(users, leases, strict=True) if until is not None and until > moment}


def _seen(lease: float | None, wanted: bytes | None, at: bytes | None) -> Seen:
    status = (wanted or b"online").decode()
    if lease is not None and status != INVISIBLE:
        return Seen(status, None)
    return Seen("offline", datetime.fromtimestamp(float(at), UTC) if at else None)
