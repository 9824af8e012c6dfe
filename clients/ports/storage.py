"""Where the bytes of files are stored."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol


class Storage(Protocol):
    """Stores files under keys. Every method raises Away while the storage does not answer."""

    async def put(self, key: str, content: AsyncIterator[bytes]) -> None:
        """Store a stream; nothing is stored when `content` raises, and that error is raised here."""

    def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` up to, not including, `end`. Raises FileNotFoundError for an unknown key."""

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; unknown keys are ignored."""

    async def list(self, shard: str, before: datetime) -> Sequence[str]:
        """Return the keys that begin with two given hexadecimal digits and were stored before a moment."""

    async def remove_unfinished(self, shard: str, before: datetime) -> None:
        """Remove what killed processes left half-stored."""
