"""Attempts: begin, look, pause, go on, submit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import model_validator

from handlers.assessment.common import authors_own, readable_attempt
from handlers.assessment.events import State
from handlers.assessment.views import AttemptState, AttemptView, state_of
from models.account import User
from models.assessment import Assessment, Attempt
from models.assessment.attempt import USER
from models.assessment.finishing import finish, finish_if_late
from models.assessment.starting import start as begin
from models.errors import DomainError, Forbidden
from server.kernel.rpc import (
    Ctx,
    ListParams,
    Page,
    Params,
    Search,
    Text,
    View,
    command,
    exactly_one_of,
    keyset,
    own,
    page_of,
    query,
    verified,
)


class StartAttempt(Params):
    """At what, and the code that the instructor has given out where one is wanted."""

    assessment_id: UUID
    access_code: Annotated[str, Text(max=64)] | None = None


class OneAttempt(Params):
    """Which attempt."""

    attempt_id: UUID


class OwnAttempt(Params):
    """Exactly one of `attempt_id` and `assessment_id`, which stands for the caller's last attempt at it.

    Where one is not over, it is that.
    """

    attempt_id: UUID | None = None
    assessment_id: UUID | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one_of(self, "attempt_id", "assessment_id")
        return self


class ReadAttempt(OwnAttempt):
    """Which attempt; with `items` false the state comes without what is asked."""

    items: bool = True


class TimeView(View):
    """How the time stands; null where it has no end. `deadline_at` of a paused attempt is when its window closes."""

    deadline_at: datetime | None
    server_time: datetime
    remaining_seconds: int | None
    state: State


@command("assessment.attempt.start", access=verified, limit="20/minute")
async def start(ctx: Ctx, params: StartAttempt) -> AttemptState:
    """Begin an attempt: what it asks is drawn, shuffled and frozen, and its time runs from the call's arrival.

    Raises NotFound for an assessment that is not published, PaymentRequired with the `product_id`, Conflict with the
    `attempt_id` where one is not over, InvalidState outside of the window (`not_open`, `closed`) and with no attempt
    left (`no_attempts_left`), Forbidden for a wrong access code, RateLimited after too many wrong ones.
    """
    if params.access_code is None:
        attempt = await begin(ctx.work, ctx.user_id, params.assessment_id, None)
    else:
        attempt = await _begin_with_code(ctx, params.assessment_id, params.access_code)
    return await state_of(attempt, ctx.now)


async def _begin_with_code(ctx: Ctx, assessment_id: UUID, code: str) -> Attempt:
    """Begin, and count the code as a guess unless it is right, or was not looked at."""
    guessed = ("access code", ctx.user_id, assessment_id)
    ctx.services.attempts.begin(guessed, ctx.caller.address, anywhere=True)
    try:
        attempt = await begin(ctx.work, ctx.user_id, assessment_id, code)
    except Forbidden:
        raise
    except DomainError:
        ctx.services.attempts.forgive(guessed, ctx.caller.address)
        raise
    ctx.services.attempts.forgive(guessed, ctx.caller.address)
    return attempt


@query("assessment.attempt.get", access=own, wider=authors_own)
async def get(ctx: Ctx, params: ReadAttempt) -> AttemptState:
    """All that a device needs to go on with an attempt: what is asked, what was answered, how the time stands.

    By its id, the instructor of the assessment and admins read it too, at any time with all questions and the result.
    """
    if params.attempt_id is None:
        return await state_of(await Attempt.own(ctx.user_id, None, params.assessment_id), ctx.now, items=params.items)
    attempt, teaching = await readable_attempt(ctx, params.attempt_id)
    return await state_of(attempt, ctx.now, items=params.items, teaching=teaching)


@query("assessment.attempt.time", access=own)
async def time(ctx: Ctx, params: OneAttempt) -> TimeView:
    """How the time of an attempt stands, by the server's clock."""
    attempt = await Attempt.own(ctx.user_id, params.attempt_id, None)
    left = attempt.remaining(ctx.now)
    return TimeView(deadline_at=attempt.deadline_at, server_time=ctx.now, remaining_seconds=left, state=attempt.state)


@command("assessment.attempt.pause", access=own)
async def pause(ctx: Ctx, params: OneAttempt) -> AttemptState:
    """Stop the time, where the assessment allows it. Raises InvalidState where not, and where the time does not run."""
    attempt = await taken(ctx, params.attempt_id)
    await attempt.pause(ctx.work)
    return await state_of(attempt, ctx.now)


@command("assessment.attempt.resume", access=own)
async def resume(ctx: Ctx, params: OneAttempt) -> AttemptState:
    """Let the time run again, as much as was left. Raises InvalidState where the attempt is not paused."""
    attempt = await taken(ctx, params.attempt_id)
    await attempt.resume(ctx.work)
    return await state_of(attempt, ctx.now)


@command("assessment.attempt.submit", access=own)
async def submit(ctx: Ctx, params: OwnAttempt) -> AttemptView:
    """End an attempt; its marks are there at once, in as far as they may be seen now.

    Raises InvalidState for one that is over, also by the time's being up; that it then is over stays.
    """
    attempt = await taken(ctx, params.attempt_id, params.assessment_id)
    await finish(ctx.work, [attempt], USER)
    return AttemptView.of_attempt(attempt, await Assessment.get(id=attempt.assessment_id), ctx.now)


class AttemptFilter(Params):
    """Which attempts; what is left out does not matter."""

    assessment_id: UUID | None = None
    state: State | None = None


class ListAttempts(ListParams):
    """A page of the caller's attempts, newest first."""

    filter: AttemptFilter = AttemptFilter()


@query("assessment.attempt.list", access=own)
async def list_attempts(ctx: Ctx, params: ListAttempts) -> Page[AttemptView]:
    """The caller's attempts, newest first, those that run among them."""
    rows = Attempt.filter(user_id=ctx.user_id, **params.filter.model_dump(exclude_none=True))
    found = await keyset(rows, params)
    return page_of(found, await _views(found.rows, ctx.now))


class SearchFilter(AttemptFilter):
    """Which attempts; what is left out does not matter. `search`: a part of the person's name."""

    user_id: UUID | None = None
    search: Search | None = None


class FoundAttempt(AttemptView):
    """An attempt with the name of the person whose it is."""

    full_name: str


class SearchAttempts(ListParams):
    """A page of attempts, newest first."""

    filter: SearchFilter = SearchFilter()


@query("assessment.attempt.search", access=authors_own)
async def search(ctx: Ctx, params: SearchAttempts) -> Page[FoundAttempt]:
    """Everybody's attempts at the caller's own assessments, newest first; admins see all."""
    if params.filter.assessment_id is not None:
        await Assessment.owned(ctx.scope, params.filter.assessment_id)
    wanted = params.filter.model_dump(exclude_none=True)
    if (name := wanted.pop("search", None)) is not None:
        wanted["user__full_name__icontains"] = name
    found = await keyset(Attempt.taught_by(ctx.scope).filter(**wanted), params)
    names = dict(await User.filter(id__in={one.user_id for one in found.rows}).values_list("id", "full_name"))
    views = await _views(found.rows, ctx.now, teaching=True)
    return page_of(found, [FoundAttempt(**dict(one), full_name=names[one.user_id]) for one in views])


async def _views(attempts: Sequence[Attempt], now: datetime, *, teaching: bool = False) -> list[AttemptView]:
    assessments = {row.id: row for row in await Assessment.filter(id__in={one.assessment_id for one in attempts})}
    return [AttemptView.of_attempt(one, assessments[one.assessment_id], now, teaching=teaching) for one in attempts]


async def taken(ctx: Ctx, attempt_id: UUID | None, assessment_id: UUID | None = None) -> Attempt:
    """An own attempt that is locked and not over.

    Raises NotFound for another's, InvalidState for one that is over; where the time is up and nobody has noticed, it is
    ended by this.
    """
    attempt = await Attempt.own(ctx.user_id, attempt_id, assessment_id, lock=True)
    await finish_if_late(ctx.work, attempt)
    return attempt
