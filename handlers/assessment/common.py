"""What the modules of this package share: who may make assessments, and the texts that they take."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import PydanticCustomError

from models.assessment import Author
from models.errors import Forbidden
from server.kernel.rpc import Ctx, Params, Utf16, View, role

authors = role("instructor", "admin")
authors_own = role("instructor", "admin", own=True, unless=["admin"])


def _not_blank(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "This cannot be blank.")
    return text


def _imaginable(moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise PydanticCustomError("rule", "This must be a moment between the years 2000 and 2200.")
    return moment


EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
Moment = Annotated[AwareDatetime, AfterValidator(_imaginable)]
"""A deadline is reckoned from it, and must not leave the calendar."""
Title = Annotated[str, Utf16(max=200, min=1), AfterValidator(_not_blank)]
Category = Annotated[str, Utf16(max=80, min=1), AfterValidator(_not_blank)]
OptionalText = Annotated[str, Utf16(max=10_000)]
Points = Annotated[float, Field(gt=0, le=1000)]
Tag = Annotated[str, Utf16(max=40, min=1), AfterValidator(_not_blank)]
Tags = Annotated[list[Tag], Field(max_length=20)]
Whole = Annotated[int, Field(ge=0, le=10 * 365 * 86_400)]
Rev = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Deleted(View):
    """It is deleted."""

    deleted: bool


def author_of(ctx: Ctx) -> Author:
    """The caller as an author; raises Forbidden for who is none, whatever they own."""
    author = author_or_none(ctx)
    if author is None:
        raise Forbidden
    return author


def author_or_none(ctx: Ctx) -> Author | None:
    """The caller as an author, None for who is none: with the role goes what it showed of one's own rows."""
    return ctx.reach(authors_own)


def reader_of(ctx: Ctx) -> UUID | None:
    """The caller's id; None for a guest."""
    return ctx.caller.identity.user_id if ctx.caller.identity else None


def given(params: Params, *others: str) -> dict[str, object]:
    """The members of an update that were given, but for those that are not columns."""
    return params.model_dump(exclude_unset=True, exclude={*others})
