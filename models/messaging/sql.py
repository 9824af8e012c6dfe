"""How this package sends SQL of its own, where that saves round trips."""

from typing import Any

from tortoise import connections


async def fetch(statement: str, *values: object) -> list[dict[str, Any]]:
    """Run a statement in the transaction that is open, or else by itself, and return its rows."""
    rows: list[dict[str, Any]] = await connections.get("default").execute_query_dict(statement, list(values))
    return rows
