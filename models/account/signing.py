"""Generations of the keys that sign access tokens. The keys themselves are derived, and stand nowhere."""

from datetime import datetime
from typing import ClassVar

from tortoise import fields
from tortoise.models import Model


class SigningGeneration(Model):
    """One generation, and since when it signs. The highest one is the present one."""

    generation: int = fields.IntField(primary_key=True, generated=False)
    since: datetime = fields.DatetimeField()

    NEXT: ClassVar[str] = """
    INSERT INTO signing_generation (generation, since)
    SELECT coalesce(max(generation), 1) + 1, now() FROM signing_generation RETURNING generation
    """
    """Begins the next one."""

    class Meta:
        table = "signing_generation"

    @classmethod
    async def history(cls) -> list[tuple[int, datetime]]:
        """Every generation with the moment since when it signs, oldest first."""
        rows = await cls.all().order_by("generation").values_list("generation", "since")
        return [(number, since) for number, since in rows]
