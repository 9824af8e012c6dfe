"""A command's reply is stored with its effect, so that the same key never acts twice (PROTOCOL.md, section 3)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from models.errors import Conflict, Invalid
from server.kernel.validation import encode

_KEEP = """
INSERT INTO idempotency_record (user_id, key, method, params_hash, reply, created_at)
VALUES ($1, $2, $3, $4, $5, now()) ON CONFLICT DO NOTHING RETURNING true AS kept
"""
_FIND = "SELECT method, params_hash, reply FROM idempotency_record WHERE user_id = $1 AND key = $2"


class AlreadyDoneError(Exception):
    """The same key has acted in another transaction; this one has to be rolled back."""


@dataclass(frozen=True, slots=True)
class Key:
    """One use of an idempotency key: by whom, for which method, with which params."""

    user_id: UUID
    text: str
    method: str
    params_hash: bytes
    secret: bool = False

    @classmethod
    def of(
        cls,
        user_id: UUID,
        text: object,
        method: str,
        params: Mapping[str, Any],
        *,
        secret: bool = False,
        pepper: bytes = b"",
    ) -> "Key":
        """Read a key; raises Invalid when it is not 16 to 64 printable ASCII characters."""
        if not isinstance(text, str) or not 16 <= len(text) <= 64 or not text.isascii() or not text.isprintable():
            raise Invalid({"idempotency_key": ["An idempotency key has 16 to 64 printable ASCII characters."]})
        # Params may hold a password, which a plain hash would make easy to guess for whoever reads the table.
        hashed = hashlib.blake2b(_canonical(params), digest_size=32, key=pepper)
        return cls(user_id, text, method, hashed.digest(), secret)

    async def keep(self, connection: BaseDBAsyncClient, reply: bytes) -> None:
        """Store the reply in the command's transaction; raises AlreadyDoneError when the key has acted before.

        It is stored last rather than claimed first: one statement instead of two. Whoever uses the same key at the
        same time waits here for the other's commit, and is rolled back.
        """
        row = await connection.execute_insert(
            _KEEP,
            [self.user_id, self.text, self.method, self.params_hash, None if self.secret else reply.decode()],
        )
        if row is None:
            raise AlreadyDoneError

    async def reply(self, connection: BaseDBAsyncClient) -> bytes | None:
        """The first reply, None when the key is new; raises Conflict when it was used for something else."""
        rows = await connection.execute_query_dict(_FIND, [self.user_id, self.text])
        if not rows:
            return None
        if (rows[0]["method"], bytes(rows[0]["params_hash"])) != (self.method, self.params_hash):
            raise Conflict("This idempotency key was used for another call.")
        if rows[0]["reply"] is None:
            raise Conflict("This was done already, and its reply held a secret that is not kept.")
        stored: str = rows[0]["reply"]
        return stored.encode()


def _canonical(params: Mapping[str, Any]) -> bytes:
    """The same bytes for params that are equal as JSON: in any order, and `1.0` as `1`."""
    return encode(params, orjson.OPT_SORT_KEYS)
