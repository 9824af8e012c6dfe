"""How this package sends SQL of its own, where that saves round trips."""

from typing import Any
from uuid import UUID

from tortoise import connections


async def fetch(statement: str, *values: object) -> list[dict[str, Any]]:
    """Run a statement in the transaction that is open, or else by itself, and return its rows."""
    rows: list[dict[str, Any]] = await connections.get("default").execute_query_dict(statement, list(values))
    return rows


def own_topic(user_id: UUID) -> str:
    """The topic on which a person hears of their messages."""
    return f"user:{user_id}"
