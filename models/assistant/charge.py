"""What is owed for the attempts of answers: noted before the model is asked, charged once whatever happens then."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.assistant.sql import fetch
from models.assistant.usage import UsageDaily
from models.work import Work

CHARACTERS_A_TOKEN = 4
"""An estimate, for what the model did not report."""

_OPEN = """
INSERT INTO assistant_charge (run_id, attempt, user_id, prompt_tokens)
SELECT $1, $2, user_id, $4 FROM assistant_thread WHERE id = $3
ON CONFLICT (run_id, attempt) DO NOTHING RETURNING 1 AS kept
"""
_SETTLE = "DELETE FROM assistant_charge WHERE run_id = $1 AND attempt = $2 RETURNING user_id, prompt_tokens"


class Charge(Model):
    """What one attempt owes. The row outlives its thread, and is deleted in the transaction that charges for it.

    Attributes:
        prompt_tokens: An estimate, which is charged when the attempt's worker dies.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    run_id: UUID = fields.UUIDField()
    attempt: int = fields.SmallIntField()
    user: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.User", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    user_id: UUID
    prompt_tokens: int = fields.IntField()

    class Meta:
        table = "assistant_charge"
        unique_together = (("run_id", "attempt"),)

    @classmethod
    async def open(cls, run_id: UUID, attempt: int, thread_id: UUID, prompt_characters: int) -> bool:
        """Note that the model is about to be asked; False where the thread is gone and it should not be."""
        tokens = prompt_characters // CHARACTERS_A_TOKEN
        return bool(await fetch(_OPEN, run_id, attempt, thread_id, tokens))

    @classmethod
    async def settle(cls, work: Work, run_id: UUID, attempt: int, prompt_tokens: int, output_tokens: int) -> None:
        """Charge for an attempt, unless that was done already."""
        for row in await fetch(_SETTLE, run_id, attempt):
            await _add(work, row["user_id"], prompt_tokens, output_tokens)

    @classmethod
    async def unsettled(cls, run_id: UUID) -> list[int]:
        """Return the attempts of a run that nobody has charged for."""
        return [row.attempt for row in await cls.filter(run_id=run_id).only("id", "attempt")]

    @classmethod
    async def settle_lost(cls, work: Work, run_id: UUID, written: Mapping[int, int]) -> None:
        """Charge for attempts whose worker died; `written` are the characters that each is known to have written."""
        for attempt, characters in written.items():
            for row in await fetch(_SETTLE, run_id, attempt):
                await _add(work, row["user_id"], row["prompt_tokens"], -(-characters // CHARACTERS_A_TOKEN))


async def _add(work: Work, user_id: UUID, prompt_tokens: int, output_tokens: int) -> None:
    if prompt_tokens or output_tokens:
        await UsageDaily.add(work, user_id, prompt_tokens, output_tokens)
