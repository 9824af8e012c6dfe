"""What every table shares."""

from collections.abc import Sequence
from typing import Any, Self
from uuid import UUID

from tortoise import fields
from tortoise.models import Model
from tortoise.queryset import QuerySet
from uuid_utils.compat import uuid7

from models.errors import NotFound


class Row(Model):
    """A row with a UUIDv7 key, so that keys rise with time, and the two moments that auditing wants."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid7)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        abstract = True

    @classmethod
    async def get_or_not_found(cls, query: QuerySet[Self] | None = None, /, **filters: Any) -> Self:
        """Return the one row that fits; raises NotFound where there is none, or it is not the caller's."""
        row = await (query if query is not None else cls.all()).filter(**filters).first()
        if row is None:
            raise NotFound
        return row

    @classmethod
    def locked(cls) -> QuerySet[Self]:
        """Rows to be changed: locked until the commit, without hindering rows that refer to them."""
        return cls.select_for_update(no_key=True)


def changed(row: Model, values: dict[str, Any]) -> Sequence[str]:
    """Set the given values on a row and return the names of those that differ from before."""
    names = [name for name, value in values.items() if getattr(row, name) != value]
    for name in names:
        setattr(row, name, values[name])
    return names
