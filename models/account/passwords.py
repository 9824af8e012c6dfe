"""Passwords are kept as argon2id hashes, which cost time and memory on purpose."""

import asyncio
import base64
import os
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2


class Passwords:
    """Hashes and compares in threads of its own, so that the event loop goes on; at most two at once.

    Whoever calls this has no transaction open, or they would wait for the hashes of others with a connection to the
    database in their hands.

    A pool of threads is the bound rather than a semaphore: a caller that gives up while it waits leaves the queue,
    and one that gives up while its hash is being computed does not let a third one start.
    """

    def __init__(self, *, time_cost: int = 2, memory_kib: int = 47_104) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._nobodys = _nobodys_hash(time_cost, memory_kib)

    async def hash(self, password: str) -> str:
        """The text that is stored for a new password."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, _prepared(password))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether a password is the one that is stored. It takes as long when nothing is: there is no such account."""
        arguments = stored or self._nobodys, _prepared(password)
        same = await asyncio.get_running_loop().run_in_executor(self._threads, self._verify, *arguments)
        return same and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether a stored hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def _prepared(password: str) -> str:
    # Keyboards differ in how they compose the same characters.
    return unicodedata.normalize("NFKC", password)


def _nobodys_hash(time_cost: int, memory_kib: int) -> str:
    """A well-formed hash that no password has, made without computing one."""
    salt, digest = (base64.b64encode(os.urandom(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19$m={memory_kib},t={time_cost},p=1${salt}${digest}"


PASSWORDS = Passwords()
"""Those of this process; its threads start with the first password."""
