"""Lists in pages that stay stable while rows are added: a cursor is the sort key of the last row that was shown."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

import orjson
from pydantic import Field, TypeAdapter, ValidationError
from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from models.errors import Invalid
from server.kernel.fields import Moment, Text
from server.kernel.shapes import Params, View

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)


class ListParams(Params):
    """What every list takes."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str, Text(max=400)] | None = None


class Page(View, Generic[Item]):
    """One page of a list; `next_cursor` is null on the last one."""

    items: list[Item]
    next_cursor: str | None = None


def encode_cursor(*values: Any) -> str:
    """Make the opaque text that stands for a place in a list."""
    # An id that comes from asyncpg is of its own class, which orjson does not know.
    return base64.urlsafe_b64encode(orjson.dumps(values, default=str)).rstrip(b"=").decode()


def decode_cursor(cursor: str, length: int) -> list[Any]:
    """Read what `encode_cursor` made; raises Invalid for anything else."""
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise _bad_cursor() from error
    if not isinstance(values, list) or len(values) != length:
        raise _bad_cursor()
    return values


def _bad_cursor() -> Invalid:
    return Invalid({"cursor": ["This is not a cursor that a list gave you."]})


async def keyset(
    rows: QuerySet[Row], params: ListParams, *, by: str = "id", direction: Literal["asc", "desc"] = "desc"
) -> tuple[list[Row], str | None]:
    """One page of rows ordered by a column and, where it repeats, by id; and the cursor of the next page.

    Raises Invalid when the cursor is not one of this list.
    """
    sign, than = ("-", "lt") if direction == "desc" else ("", "gt")
    if params.cursor is not None:
        value, id_ = decode_cursor(params.cursor, 2)
        rows = rows.filter(_beyond(rows.model, by, than, value, id_))
    order = [f"{sign}id"] if by == "id" else [f"{sign}{by}", f"{sign}id"]
    found = await rows.order_by(*order).limit(params.limit + 1)
    page = found[: params.limit]
    if len(found) <= params.limit:
        return page, None
    return page, encode_cursor(getattr(page[-1], by), getattr(page[-1], "id"))  # noqa: B009 - a model's id is not typed


def _beyond(model: type[Model], by: str, than: str, value: Any, id_: Any) -> Q:
    key = _typed(UUID, id_)
    if by == "id":
        return Q(**{f"id__{than}": key})
    column = model._meta.fields_map[by]  # noqa: SLF001 - the way to a column of a model that Tortoise offers
    bounds = {name: bound for name, bound in column.constraints.items() if name in {"ge", "le"}}
    kind = Moment if column.field_type is datetime else column.field_type
    read = _typed(Annotated[kind, Field(**bounds)], value)
    return Q(**{f"{by}__{than}": read}) | Q(**{by: read, f"id__{than}": key})


def _typed(kind: Any, value: Any) -> Any:
    """A value of a cursor as its column's type, for a client may have put anything there."""
    try:
        read = TypeAdapter(kind).validate_json(orjson.dumps(value), strict=True)
    except ValidationError as error:
        raise _bad_cursor() from error
    if isinstance(read, str) and "\0" in read:
        raise _bad_cursor()
    return read
