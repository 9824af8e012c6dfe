"""What the modules of this package share: who may make assessments, and the texts that they take."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from models.assessment import Attempt, Author
from models.errors import Forbidden
from server.kernel.rpc import Ctx, Params, role

authors = role("instructor", "admin")
authors_own = role("instructor", "admin", own=True, unless=["admin"])


Points = Annotated[float, Field(gt=0, le=1000)]


def author_of(ctx: Ctx) -> Author:
    """The caller as an author; raises Forbidden for who is none, whatever they own."""
    author = author_or_none(ctx)
    if author is None:
        raise Forbidden
    return author


def author_or_none(ctx: Ctx) -> Author | None:
    """The caller as an author, None for who is none: with the role goes what it showed of one's own rows."""
    return ctx.reach(authors_own)


async def readable_attempt(ctx: Ctx, attempt_id: UUID) -> tuple[Attempt, bool]:
    """An attempt that the caller may read, and whether they read it as its instructor (or an admin).

    One's own is always read as a learner reads it. Raises NotFound for all others.
    """
    attempt = await Attempt.readable(ctx.user_id, author_or_none(ctx), attempt_id)
    return attempt, attempt.user_id != ctx.user_id


def reader_of(ctx: Ctx) -> UUID | None:
    """The caller's id; None for a guest."""
    return ctx.caller.identity.user_id if ctx.caller.identity else None


def given(params: Params, *others: str) -> dict[str, object]:
    """The members of an update that were given, but for those that are not columns."""
    return params.model_dump(exclude_unset=True, exclude={*others})
