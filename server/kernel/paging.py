"""Lists in pages that stay stable while rows are added: a cursor is the sort key of the last row that was shown."""

import base64
import binascii
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

import orjson
from pydantic import Field
from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from models.errors import Invalid
from server.kernel.shapes import Params, View

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)


class ListParams(Params):
    """What every list takes."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str, Field(max_length=400)] | None = None


class Page(View, Generic[Item]):
    """One page of a list; `next_cursor` is null on the last one."""

    items: list[Item]
    next_cursor: str | None = None


def encode_cursor(*values: Any) -> str:
    """Make the opaque text that stands for a place in a list."""
    return base64.urlsafe_b64encode(orjson.dumps(values)).rstrip(b"=").decode()


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
        rows = rows.filter(_beyond(by, than, value, id_))
    order = [f"{sign}id"] if by == "id" else [f"{sign}{by}", f"{sign}id"]
    found = await rows.order_by(*order).limit(params.limit + 1)
    page = found[: params.limit]
    if len(found) <= params.limit:
        return page, None
    return page, encode_cursor(getattr(page[-1], by), getattr(page[-1], "id"))  # noqa: B009 - a model's id is not typed


def _beyond(by: str, than: str, value: Any, id_: Any) -> Q:
    try:
        key = UUID(id_)
        further: dict[str, Any] = {f"{by}__{than}": key if by == "id" else value}
        same: dict[str, Any] = {by: value, f"id__{than}": key}
        return Q(**further) if by == "id" else Q(**further) | Q(**same)
    except (ValueError, TypeError, AttributeError) as error:
        raise _bad_cursor() from error
