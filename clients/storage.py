"""The bytes of files, on a local disk or in S3 (or what speaks its protocol), by way of obstore.

An object appears whole or not at all. Its key begins with a shard of two hexadecimal digits, so that folders stay small
and all of them can be gone through one by one.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from clients.ports import Away

BLOCK_BYTES = 512 * 1024
PART_BYTES = 5 * 1024 * 1024
PARTS_AT_ONCE = 2
PIECE_BYTES = 1024 * 1024
CALL_SECONDS = 4.0
"""Short enough for a task, whose transaction PostgreSQL ends after five seconds in which nothing is asked of it."""

FAULTS = (BaseError, OSError, TimeoutError)
RETRIES = {"max_retries": 3, "retry_timeout": timedelta(seconds=10)}


class Storage:
    """One folder or bucket.

    Args:
        url: `file:///folder` or `s3://bucket[/prefix]`.
        s3: What S3 wants to know, by obstore's names; what is left out is taken from the environment.
    """

    def __init__(self, url: str, s3: Mapping[str, str] | None = None) -> None:
        self.folder: Path | None = None
        parts = urlsplit(url)
        if parts.scheme == "file":
            self.folder = Path(unquote(parts.path))
            # What people upload is for nobody else on the machine.
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            self._store: LocalStore | S3Store = LocalStore(self.folder)
        elif parts.scheme == "s3":
            self._store = _s3(url, dict(s3 or {}))
        else:
            raise ValueError(f"STORAGE_URL is file:///folder or s3://bucket, not {parts.scheme}:")

    async def put(self, key: str, content: AsyncIterator[bytes]) -> None:
        """Store what comes, while it comes; nothing is stored when `content` raises, and that is raised here.

        Raises Away.
        """
        feed = _Feed()
        storing = asyncio.ensure_future(
            obstore.put_async(
                self._store,
                key,
                feed.blocks(),
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_AT_ONCE,
                use_multipart=True,
            )
        )
        try:
            async for block in _blocks(content):
                await feed.give(block, storing)
            await feed.give(None, storing)
            await _mapped(storing)
        except BaseException:
            # Cancelling obstore instead would leave its half of the work in the air, with the generator in its hands.
            feed.abort()
            await asyncio.wait([storing])
            storing.exception()
            raise

    async def read(self, key: str, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """The bytes from `start` up to, not including, `end`, piece by piece.

        Raises FileNotFoundError where there is no such object, Away.
        """
        while start < end:
            size = min(PIECE_BYTES, end - start)
            piece = bytes(await _mapped(obstore.get_range_async(self._store, key, start=start, length=size)))
            yield piece
            start += size

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; what is not there is no fault. Raises Away."""
        async with _in_time():
            await asyncio.gather(*(self._delete(key) for key in keys))

    async def _delete(self, key: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            await _mapped(obstore.delete_async(self._store, key))

    async def list(self, shard: str, before: datetime) -> list[str]:
        """The keys of a shard whose objects were stored before a moment. Raises Away."""
        async with _in_time():
            found: list[str] = []
            try:
                async for batch in obstore.list(self._store, shard, chunk_size=500):
                    found += [one["path"] for one in batch if one["last_modified"] < before]
            except FAULTS as error:
                raise Away(repr(error)) from error
            return found

    async def remove_unfinished(self, shard: str, before: datetime) -> None:
        """Remove what processes that were killed left half-stored. S3 does this by a rule of the bucket."""
        if self.folder is not None:
            await asyncio.to_thread(_remove_staged, self.folder / shard, before.timestamp())


class _Feed:
    """Hands blocks to obstore, which fetches them; ends what it fetches from in every case."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        self._aborted = asyncio.Event()

    async def give(self, block: bytes | None, storing: "asyncio.Future[Any]") -> None:
        """Wait until there is room; None is the end. Raises what has ended the storing meanwhile."""
        putting = asyncio.ensure_future(self._queue.put(block))
        try:
            await asyncio.wait([putting, storing], return_when=asyncio.FIRST_COMPLETED)
        finally:
            putting.cancel()
        if storing.done() and not putting.done():
            await _mapped(storing)

    def abort(self) -> None:
        """Let nothing be stored."""
        self._aborted.set()
        with contextlib.suppress(asyncio.QueueFull):
            self._queue.put_nowait(None)

    async def blocks(self) -> AsyncGenerator[bytes, None]:
        """What obstore fetches."""
        while (block := await self._queue.get()) is not None and not self._aborted.is_set():
            yield block
        if self._aborted.is_set():
            raise _AbortedError


class _AbortedError(Exception):
    """The content is not to be stored after all."""


async def _blocks(content: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Small chunks as large ones: each goes through a queue and to another thread."""
    block = bytearray()
    async for chunk in content:
        block += chunk
        if len(block) >= BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


async def _mapped(call: Any) -> Any:
    try:
        return await call
    except FileNotFoundError:
        raise
    except FAULTS as error:
        raise Away(repr(error)) from error


@contextlib.asynccontextmanager
async def _in_time() -> AsyncGenerator[None, None]:
    try:
        async with asyncio.timeout(CALL_SECONDS):
            yield
    except TimeoutError as error:
        raise Away("no answer in time") from error


def _s3(url: str, config: dict[str, str]) -> S3Store:
    plain = config.get("endpoint", "").startswith("http://")
    return S3Store.from_url(
        url,
        config=config,  # type: ignore[arg-type]  # a mapping with known names
        client_options={"allow_http": plain, "connect_timeout": "3s", "timeout": "30s"},
        retry_config=RETRIES,  # type: ignore[arg-type]  # the same
    )


def _remove_staged(folder: Path, before: float) -> None:
    """Obstore writes `key#1` and renames it to `key` at the end."""
    for path in folder.glob("*#*"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()
