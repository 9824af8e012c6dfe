"""Presence: which people have a socket open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one person.

    Attributes:
        there: Whether they have a socket open on any process.
        last_seen_at: When they were last seen to go; None if that is unknown.
    """

    there: bool
    last_seen_at: datetime | None


class Presence(Protocol):
    """The leases of everybody who has a socket open. Every method raises Away while that is unknown."""

    async def come(self, user: UUID, now: datetime) -> None:
        """Give a person a lease, before the next renewal does."""

    async def renew(self, users: Sequence[UUID], now: datetime) -> list[UUID]:
        """Extend the leases of people; return those who had none."""

    async def due(self, now: datetime) -> list[tuple[UUID, datetime]]:
        """Return the leases that have run out, each with the moment at which it did."""

    async def end(self, user: UUID, last_seen_at: datetime) -> bool:
        """End a lease that has run out; return whether this call ended it."""

    async def read(self, users: Sequence[UUID]) -> dict[UUID, Seen]:
        """Return what is known of each person."""

    async def there(self, users: Sequence[UUID], now: datetime) -> set[UUID]:
        """Return those who have a socket open, including those who are invisible to others."""
