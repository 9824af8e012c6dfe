"""Accommodations: what one person is allowed beyond the others."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from handlers.assessment.common import author_of, authors_own, given
from models.assessment import Accommodation, Assessment
from models.kit.topics import user_topic
from server.kernel.rpc import Ctx, ListParams, Moment, Page, Params, View, Whole, command, keyset, page_of, query


class AccommodationView(View):
    """What one person is allowed at one assessment.

    They have the limit times `multiplier` plus `extra_time_seconds`. `opens_at` and `closes_at` null: as for everybody.
    `unlocked`: they may begin whatever the window and without the access code; only `closes_at` closes for them.
    """

    id: UUID
    assessment_id: UUID
    user_id: UUID
    extra_time_seconds: int
    multiplier: float
    extra_attempts: int
    opens_at: datetime | None
    closes_at: datetime | None
    unlocked: bool
    created_at: datetime
    updated_at: datetime


class ListAccommodations(ListParams):
    """Of which assessment, and of whom where only one person is wanted."""

    assessment_id: UUID
    user_id: UUID | None = None


class SetAccommodation(Params):
    """What is allowed; what is left out stays. `extend_running`: an attempt that runs gets it at once."""

    assessment_id: UUID
    user_id: UUID
    extra_time_seconds: Annotated[Whole, Field(le=30 * 86_400)] | None = None
    multiplier: Annotated[float, Field(ge=0.1, le=10)] | None = None
    extra_attempts: Annotated[int, Field(ge=0, le=1000)] | None = None
    opens_at: Moment | None = None
    closes_at: Moment | None = None
    unlocked: bool | None = None
    extend_running: bool = True


class OneAccommodation(Params):
    """Which accommodation."""

    accommodation_id: UUID


class Removed(View):
    """It is taken back."""

    removed: bool


@query("assessment.accommodation.list", access=authors_own)
async def list_accommodations(ctx: Ctx, params: ListAccommodations) -> Page[AccommodationView]:
    """Who is allowed what at an own assessment, the latest first."""
    await Assessment.owned(author_of(ctx), params.assessment_id)
    rows = Accommodation.filter(assessment_id=params.assessment_id)
    if params.user_id is not None:
        rows = rows.filter(user_id=params.user_id)
    found = await keyset(rows, params)
    return page_of(found, [AccommodationView.of(row) for row in found.rows])


@command("assessment.accommodation.set", access=authors_own, audit=True)
async def set_accommodation(ctx: Ctx, params: SetAccommodation) -> AccommodationView:
    """Allow one person more, also while they work: their sockets see the new deadline at once.

    Raises NotFound for an unknown person, Invalid where the window would close before it opens.
    """
    assessment = await Assessment.taken(author_of(ctx), params.assessment_id)
    values = given(params, "assessment_id", "user_id", "extend_running")
    values = {name: value for name, value in values.items() if value is not None or name.endswith("_at")}
    row = await Accommodation.put(ctx.work, assessment, params.user_id, values, extend_running=params.extend_running)
    ctx.work.audit(user_topic(params.user_id), after={"assessment_id": str(assessment.id), **row.kept()})
    return AccommodationView.of(row)


@command("assessment.accommodation.remove", access=authors_own, audit=True)
async def remove_accommodation(ctx: Ctx, params: OneAccommodation) -> Removed:
    """Allow one person no more than the others from their next attempt on; one that runs keeps the time it has."""
    row = await Accommodation.get_or_not_found(id=params.accommodation_id)
    await Assessment.taken(author_of(ctx), row.assessment_id)
    await row.delete()
    ctx.work.audit(user_topic(row.user_id), before={"assessment_id": str(row.assessment_id), **row.kept()})
    return Removed(removed=True)
