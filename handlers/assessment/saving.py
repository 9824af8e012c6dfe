"""Saving answers: one, or many at once after a time without a connection; and flags to come back to."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from handlers.assessment.attempts import OneAttempt, OwnAttempt, taken
from models.assessment.attempt import Attempt
from models.assessment.response import LARGEST_SEQ, LONGEST_SPENT_MS, Given, Saved, Sheet
from models.assessment.response import flag as set_flag
from models.assessment.timing import PAUSED
from models.errors import DomainError, Invalid, InvalidState
from server.kernel.errors import to_wire
from server.kernel.rpc import Ctx, Params, View, command, own

MOST_AT_ONCE = 100

Seq = Annotated[int, Field(ge=0, le=LARGEST_SEQ)]
Spent = Annotated[int, Field(ge=0, le=LONGEST_SPENT_MS)]


class Answer(Params):
    """An answer in the shape that its question's type wants; null takes it away, or passes the question over.

    `seq` is the client's count of its answers to this question: only a newer one than what is there is taken. Left out:
    it is newer. `time_spent_ms`: on this question since the last save.
    """

    question_id: UUID
    response: Any
    seq: Seq | None = None
    time_spent_ms: Spent = 0

    def given(self) -> Given:
        """What the model takes."""
        return Given(self.question_id, self.response, self.seq, self.time_spent_ms)


class SaveResponse(OwnAttempt, Answer):
    """To which attempt (exactly one of `attempt_id`, `assessment_id`), and the answer."""


class SavedView(View):
    """It is saved. `accepted` false: an answer with the same or a newer `seq` is there, which is `seq` here."""

    saved_at: datetime
    remaining_seconds: int | None
    answered: int
    accepted: bool
    seq: int


@command("assessment.attempt.save_response", access=own)
async def save_response(ctx: Ctx, params: SaveResponse) -> SavedView:
    """Save one answer. It counts by the moment at which it arrived.

    Raises Invalid for a question that the attempt does not ask and for an answer of the wrong shape, InvalidState where
    the attempt is over or paused or the order does not allow it. Where the time is up and nobody has noticed, the
    attempt is ended by this.
    """
    attempt = await _writable(ctx, params.attempt_id, params.assessment_id)
    sheet = await Sheet.of(attempt, [params.question_id])
    saved = await sheet.save(ctx.work, params.given())
    return SavedView(
        saved_at=saved.saved_at,
        remaining_seconds=attempt.remaining(ctx.now),
        answered=attempt.answered,
        accepted=saved.accepted,
        seq=saved.seq,
    )


class SaveResponses(OneAttempt):
    """Answers in the order in which they were given."""

    responses: Annotated[list[Answer], Field(min_length=1, max_length=MOST_AT_ONCE)]


class Refusal(View):
    """Why one of them was not saved."""

    kind: str
    message: str
    details: dict[str, list[str]] | None


class SavedItem(View):
    """What became of one answer: either it has an `error`, or `saved_at`, `accepted` and `seq` as a single one has."""

    question_id: UUID
    saved_at: datetime | None = None
    accepted: bool = False
    seq: int | None = None
    error: Refusal | None = None


class SavedMany(View):
    """What became of each, in the given order."""

    items: list[SavedItem]
    remaining_seconds: int | None
    answered: int


@command("assessment.attempt.save_responses", access=own)
async def save_responses(ctx: Ctx, params: SaveResponses) -> SavedMany:
    """Save up to 100 answers at once; one that cannot be saved does not keep the others from it.

    Raises InvalidState where the attempt is over or paused, as saving one does.
    """
    attempt = await _writable(ctx, params.attempt_id, None)
    sheet = await Sheet.of(attempt, [one.question_id for one in params.responses])
    items = [await _item(ctx, sheet, one.given()) for one in params.responses]
    return SavedMany(items=items, remaining_seconds=attempt.remaining(ctx.now), answered=attempt.answered)


async def _item(ctx: Ctx, sheet: Sheet, given: Given) -> SavedItem:
    try:
        saved: Saved = await sheet.save(ctx.work, given)
    except DomainError as error:
        details = error.data.get("details") if isinstance(error, Invalid) else None
        refusal = Refusal(kind=to_wire(error).kind.name, message=error.message, details=details)
        return SavedItem(question_id=given.question_id, error=refusal)
    return SavedItem.of(saved)


async def _writable(ctx: Ctx, attempt_id: UUID | None, assessment_id: UUID | None) -> Attempt:
    attempt = await taken(ctx, attempt_id, assessment_id)
    if attempt.state == PAUSED:
        raise InvalidState("This attempt is paused.", state=PAUSED)
    return attempt


class FlagQuestion(OneAttempt):
    """Which question, and whether to come back to it."""

    question_id: UUID
    flagged: bool


class Flags(View):
    """All questions that are flagged."""

    flags: list[UUID]


@command("assessment.attempt.flag", access=own)
async def flag(ctx: Ctx, params: FlagQuestion) -> Flags:
    """Mark a question to come back to, or no longer. Raises Invalid for one that the attempt does not ask."""
    attempt = await taken(ctx, params.attempt_id)
    await set_flag(ctx.work, attempt, params.question_id, flagged=params.flagged)
    return Flags(flags=attempt.flags)
