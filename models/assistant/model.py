"""The models that can be asked, as the service listed them last."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

from models.assistant.sql import fetch
from models.errors import Invalid

NO_SUCH_MODEL = "There is no such model."

_KEEP = """
INSERT INTO assistant_model (id, display_name, input_tokens, output_tokens, listed_at)
SELECT t.id, t.display_name, t.input_tokens, t.output_tokens, $5
FROM unnest($1::text[], $2::text[], $3::int[], $4::int[]) AS t(id, display_name, input_tokens, output_tokens)
ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name, input_tokens = excluded.input_tokens,
    output_tokens = excluded.output_tokens, listed_at = excluded.listed_at
RETURNING id
"""


class KnownModel(Model):
    """One model. What the service lists no longer stays, and is not available.

    Attributes:
        input_tokens: How much it can read.
        output_tokens: How much it can write.
        listed_at: When the service listed it last.
    """

    id = fields.CharField(max_length=100, primary_key=True)
    display_name = fields.CharField(max_length=200)
    input_tokens: int = fields.IntField()
    output_tokens: int = fields.IntField()
    listed_at: datetime = fields.DatetimeField()

    class Meta:
        table = "assistant_model"

    @classmethod
    async def keep(cls, listed: Iterable[Any], now: datetime) -> None:
        """Remember what the service has listed just now."""
        rows = list(listed)
        columns = [
            [getattr(one, name) for one in rows] for name in ("id", "display_name", "input_tokens", "output_tokens")
        ]
        await fetch(_KEEP, *columns, now)

    @classmethod
    async def available(cls) -> list["KnownModel"]:
        """What the service listed last, by id; nothing before it was asked for the first time."""
        latest = await cls.all().order_by("-listed_at").first()
        return [] if latest is None else await cls.filter(listed_at=latest.listed_at).order_by("id")

    @classmethod
    async def check(cls, model: str | None, default: str) -> None:
        """Raise Invalid where the service does not list this model; the default one may be wanted all the same."""
        if model not in (None, default) and not await cls.offers(model):
            raise Invalid({"model": [NO_SUCH_MODEL]})

    @classmethod
    async def offers(cls, model: str | None) -> bool:
        """Whether the service lists this model."""
        return model in {one.id for one in await cls.available()}
