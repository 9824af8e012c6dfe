"""Who did what to whom: a row beside the change, in the same transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient
from uuid_utils.compat import uuid7


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as the audit log names it.

    Attributes:
        action: The method's name.
        required: The method is one of those that leave a row even if its handler names no target.
    """

    action: str
    user_id: UUID | None
    address: str
    request_id: str
    required: bool


@dataclass(frozen=True, slots=True)
class Change:
    """Whom or what a call has changed, and how."""

    target: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


_WRITE = """
WITH written AS (
    INSERT INTO audit_entry (id, at, actor_id, action, target, before, after, address, request_id)
    SELECT id, $1, $2, $3, target, before, after, $4, $5
    FROM unnest($6::uuid[], $7::text[], $8::text[], $9::text[]) AS c(id, target, before, after)
    RETURNING 1
) SELECT count(*) FROM written
"""


async def write(connection: BaseDBAsyncClient, actor: Actor, changes: Sequence[Change], at: datetime) -> None:
    """Write the rows of one call."""
    if not changes and actor.required:
        changes = [Change(None, None, None)]
    if not changes:
        return
    columns = [
        [uuid7() for _ in changes],
        [change.target for change in changes],
        [_json(change.before) for change in changes],
        [_json(change.after) for change in changes],
    ]
    head = [at, actor.user_id, actor.action, actor.address[:64], actor.request_id]
    await connection.execute_query_dict(_WRITE, [*head, *columns])


def _json(values: Mapping[str, Any] | None) -> str | None:
    return None if values is None else orjson.dumps(values, default=str).decode()
