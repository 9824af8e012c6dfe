"""Reading the text of files that strangers have made, in a process of its own.

What reads them is code that such files have been written against: a small archive that unpacks to gigabytes, a document
that refers to itself for ever. So each file is read in a process that may use so much memory and so much time and then
is gone, and that can open nothing: it gets the bytes on its standard input and answers with JSON.
"""

import asyncio
import contextlib
import os
import sys
from pathlib import Path

import orjson
import structlog

from clients.ports import Extracted

logger = structlog.get_logger("nexa.extraction")

SECONDS = 20.0
MEMORY_BYTES = 768 * 1024**2
AT_ONCE = 2
TOO_MUCH = "This file takes too much time or memory to read."
ROOT = Path(__file__).parent.parent.parent


class Extractor:
    """Reads files, two at a time.

    Args:
        seconds: How long one may take.
        memory_bytes: How much it may use.
    """

    def __init__(self, seconds: float = SECONDS, memory_bytes: int = MEMORY_BYTES) -> None:
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def read(self, content: bytes, media_type: str) -> Extracted:
        """The text of a file; what is wrong with it is said in the result, never raised."""
        async with self._slots:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "clients.extraction.process",
                media_type,
                str(self._memory_bytes),
                str(int(self._seconds) + 1),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                cwd=ROOT,
                # Nothing that this process knows: neither its secrets nor where its database is.
                env={name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ},
            )
            try:
                async with asyncio.timeout(self._seconds):
                    answer, _ = await process.communicate(content)
            except TimeoutError:
                logger.warning("a file took too long to read", media_type=media_type, size=len(content))
                return Extracted(reason=TOO_MUCH)
            finally:
                if process.returncode is None:
                    with contextlib.suppress(ProcessLookupError):
                        process.kill()
                    await process.wait()
        if process.returncode != 0:
            logger.warning("a file broke its reader", media_type=media_type, status=process.returncode)
            return Extracted(reason=TOO_MUCH)
        return Extracted(**orjson.loads(answer))
