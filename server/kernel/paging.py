"""Lists in pages that stay stable while rows are added: a cursor is the sort key of the last row that was shown."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
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
Found = TypeVar("Found")

PAGE_BYTES = 256 * 1024
"""What the items of one page may have together; half of a frame, so that one large item more still fits."""
_ENCODER: TypeAdapter[Any] = TypeAdapter(Any)


class ListParams(Params):
    """What every list takes."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str, Text(max=400)] | None = None


class Page(View, Generic[Item]):
    """One page of a list; `next_cursor` is null on the last one."""

    items: list[Item]
    next_cursor: str | None = None


def encode_cursor(*values: Any, of: str = "") -> str:
    """Make the opaque text that stands for a place in a list; `of` names the list's order."""
    # An id that comes from asyncpg is of its own class, which orjson does not know.
    return base64.urlsafe_b64encode(orjson.dumps([of, *values], default=str)).rstrip(b"=").decode()


def decode_cursor(cursor: str, length: int, of: str = "") -> list[Any]:
    """Read what `encode_cursor` made for the same order; raises Invalid for anything else."""
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise _bad_cursor() from error
    if not isinstance(values, list) or len(values) != length + 1:
        raise _bad_cursor()
    if values[0] != of:
        raise Invalid({"cursor": ["This cursor belongs to another order of the list."]})
    return values[1:]


def number_in(cursor: str | None, of: str) -> int:
    """Read the number that a cursor of a numbered list stands for; -1 without one. Raises Invalid."""
    if cursor is None:
        return -1
    (number,) = decode_cursor(cursor, 1, of)
    if not isinstance(number, int):
        raise _bad_cursor()
    return number


def _bad_cursor() -> Invalid:
    return Invalid({"cursor": ["This is not a cursor that a list gave you."]})


@dataclass(frozen=True, slots=True)
class Slice(Generic[Found]):
    """A part of a list, as it was read.

    Attributes:
        rows: The rows.
        cursors: For each row, the cursor of what follows it.
        more: Whether there are rows after the last one.
    """

    rows: Sequence[Found]
    cursors: Sequence[str]
    more: bool


def page_of(found: Slice[Any], items: Sequence[Item]) -> Page[Item]:
    """Make a page of a slice and the views of its rows. It ends by bytes as well as by count, so it always fits."""
    size = 0
    for index, item in enumerate(items):
        size += len(_ENCODER.dump_json(item))
        if index and size > PAGE_BYTES:
            return Page(items=list(items[:index]), next_cursor=found.cursors[index - 1])
    return Page(items=list(items), next_cursor=found.cursors[-1] if found.more else None)


async def keyset(
    rows: QuerySet[Row], params: ListParams, *, by: str = "id", direction: Literal["asc", "desc"] = "desc"
) -> Slice[Row]:
    """Read one page of rows ordered by a column and, where it repeats, by id.

    Raises Invalid when the cursor is not one of this list in this order.
    """
    sign, than = ("-", "lt") if direction == "desc" else ("", "gt")
    if params.cursor is not None:
        value, id_ = decode_cursor(params.cursor, 2, f"{sign}{by}")
        rows = rows.filter(_beyond(rows.model, by, than, value, id_))
    order = [f"{sign}id"] if by == "id" else [f"{sign}{by}", f"{sign}id"]
    found = await rows.order_by(*order).limit(params.limit + 1)
    page = found[: params.limit]
    # A model's id is not typed.
    cursors = [encode_cursor(getattr(row, by), getattr(row, "id"), of=f"{sign}{by}") for row in page]  # noqa: B009
    return Slice(page, cursors, more=len(found) > params.limit)


def _beyond(model: type[Model], by: str, than: str, value: Any, id_: Any) -> Q:
    key = cursor_value(UUID, id_)
    if by == "id":
        return Q(**{f"id__{than}": key})
    column = model._meta.fields_map[by]  # noqa: SLF001 - the way to a column of a model that Tortoise offers
    bounds = {name: bound for name, bound in column.constraints.items() if name in {"ge", "le"}}
    kind = Moment if column.field_type is datetime else column.field_type
    read = cursor_value(Annotated[kind, Field(**bounds)], value)
    return Q(**{f"{by}__{than}": read}) | Q(**{by: read, f"id__{than}": key})


def cursor_value(kind: Any, value: Any) -> Any:
    """Read a value of a cursor as its column's type; raises Invalid, for a client may have put anything there."""
    try:
        read = TypeAdapter(kind).validate_json(orjson.dumps(value), strict=True)
    except ValidationError as error:
        raise _bad_cursor() from error
    if isinstance(read, str) and "\0" in read:
        raise _bad_cursor()
    return read
