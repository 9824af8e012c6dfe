"""Answers: saved one by one or many at once; the newest wins, and what was saved once stays saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise import fields

from models.assessment.assessment import Assessment
from models.assessment.attempt import Attempt
from models.assessment.bank import QuestionVersion
from models.assessment.layout import Layout, refusal
from models.assessment.question_types import is_answer, misfit
from models.assessment.results import DURING
from models.assessment.scoring import mark
from models.base import Row
from models.errors import Invalid, InvalidState
from models.work import Work

LARGEST_SEQ = 2**53 - 1
LONGEST_SPENT_MS = 7 * 86_400_000


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as a client sends it.

    Attributes:
        seq: The client's own count of the answers to this question; None: newer than what is there.
        time_spent_ms: On this question since the last save; it is added up.
    """

    question_id: UUID
    value: Any
    seq: int | None = None
    time_spent_ms: int = 0


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of one answer. `accepted` is false for one that an equal or newer `seq` has overtaken."""

    question_id: UUID
    accepted: bool
    seq: int
    saved_at: datetime


class AnyJson(fields.JSONField[Any]):
    """Any JSON value; Tortoise's own field takes a text for JSON that is encoded already."""

    def to_db_value(self, value: Any, _instance: Any) -> str | None:
        """The value as JSON, None as NULL."""
        return None if value is None else orjson.dumps(value).decode()


class Response(Row):
    """The answer to one question of an attempt, under the attempt's lock.

    Attributes:
        value: Null where an answer was taken away, or the question passed over.
        seq: Only a newer one takes its place.
        score: What it gets; nobody is shown this before the review opens.
    """

    attempt: fields.ForeignKeyRelation[Attempt] = fields.ForeignKeyField(
        "models.Attempt", related_name="responses", on_delete=fields.CASCADE
    )
    attempt_id: UUID
    question_id: UUID = fields.UUIDField()
    value: Any = AnyJson(null=True)
    seq: int = fields.BigIntField()
    score: float = fields.FloatField(default=0.0)
    saved_at: datetime = fields.DatetimeField()
    time_spent_ms: int = fields.BigIntField(default=0)

    class Meta:
        table = "attempt_response"
        unique_together = (("attempt_id", "question_id"),)


class Sheet:
    """An attempt, locked and in time, with its answers: what saves work on.

    Args:
        attempt: Its row is locked.
        layout: What it asks.
        rows: The answers so far to the questions concerned.
        versions: The questions concerned, by id.
    """

    def __init__(
        self,
        attempt: Attempt,
        layout: Layout,
        rows: Mapping[UUID, Response],
        versions: Mapping[UUID, QuestionVersion],
    ) -> None:
        self.attempt = attempt
        self._layout = layout
        self._rows = dict(rows)
        self._versions = versions

    @classmethod
    async def of(cls, attempt: Attempt, question_ids: Sequence[UUID]) -> "Sheet":
        """Read what saving answers to these questions needs; those that the attempt does not ask are passed over."""
        layout = attempt.plan
        places = {id_: layout.places[id_] for id_ in question_ids if id_ in layout.places}
        rows = await Response.filter(attempt_id=attempt.id, question_id__in=list(places))
        known = await QuestionVersion.known(place.version_id for place in places.values())
        versions = {id_: known[place.version_id] for id_, place in places.items()}
        return cls(attempt, layout, {row.question_id: row for row in rows}, versions)

    async def save(self, work: Work, given: Given) -> Saved:
        """Keep one answer and tell it; marked at once, so that finishing only adds up.

        Raises Invalid for a question that is not asked and for an answer of the wrong shape, InvalidState where the
        order does not allow it now.
        """
        self._refuse(given)
        row = self._rows.get(given.question_id)
        seq = given.seq if given.seq is not None else (row.seq + 1 if row else 1)
        if row is not None and seq <= row.seq:
            return Saved(row.question_id, accepted=False, seq=row.seq, saved_at=row.saved_at)
        was_answered = row is not None and is_answer(row.value)
        if was_answered:
            await self._refuse_opened()
        row = await self._kept(work, given, seq, row)
        await self._count(row, was_answered=was_answered)
        self._tell(work, row)
        return Saved(row.question_id, accepted=True, seq=seq, saved_at=row.saved_at)

    def _refuse(self, given: Given) -> None:
        version = self._versions.get(given.question_id)
        if version is None:
            raise Invalid({"question_id": ["This attempt does not ask this question."]})
        if text := misfit(version.content, given.value):
            raise Invalid({"response": [text]})
        attempt = self.attempt
        position = self._layout.positions[given.question_id]
        if text := refusal(attempt.navigation, attempt.furthest, position):
            raise InvalidState(text, state=attempt.state)

    async def _refuse_opened(self) -> None:
        """Raise InvalidState where a review shows, during the attempt, what came of a question that is answered."""
        assessment = await Assessment.get(id=self.attempt.assessment_id).only("id", "review_policy")
        if assessment.review_policy[DURING]:
            raise InvalidState("This answer is final: its review is open already.", state="answered")

    async def _kept(self, work: Work, given: Given, seq: int, row: Response | None) -> Response:
        place = self._layout.places[given.question_id]
        score = mark(self._versions[given.question_id].content, given.value, place.points)
        if row is None:
            row = Response(attempt_id=self.attempt.id, question_id=given.question_id)
        row.value, row.seq, row.score, row.saved_at = given.value, seq, score, work.now
        row.time_spent_ms = min(row.time_spent_ms + given.time_spent_ms, LONGEST_SPENT_MS)
        await row.save()
        self._rows[given.question_id] = row
        return row

    async def _count(self, row: Response, *, was_answered: bool) -> None:
        """Keep how many are answered and how far the person has come."""
        attempt = self.attempt
        answered = attempt.answered + is_answer(row.value) - was_answered
        furthest = max(attempt.furthest, self._layout.positions[row.question_id])
        if (answered, furthest) != (attempt.answered, attempt.furthest):
            attempt.answered, attempt.furthest = answered, furthest
            await attempt.save(update_fields=["answered", "furthest", "updated_at"])

    def _tell(self, work: Work, row: Response) -> None:
        tell_saved(
            work, self.attempt, row.question_id, {"response": row.value, "seq": row.seq, "saved_at": row.saved_at}
        )


def tell_saved(work: Work, attempt: Attempt, question_id: UUID, saved: Mapping[str, Any]) -> None:
    """Tell the other devices what stands at a question now, and the flags with it."""
    told = {"attempt_id": attempt.id, "question_id": question_id, "flags": attempt.flags, "answered": attempt.answered}
    work.emit(attempt.topic, "attempt.response_saved", {**told, **saved})


async def flag(work: Work, attempt: Attempt, question_id: UUID, *, flagged: bool) -> None:
    """Mark a question to come back to, or no longer; the attempt is locked. Raises Invalid for one not asked."""
    if question_id not in attempt.plan.places:
        raise Invalid({"question_id": ["This attempt does not ask this question."]})
    others = [one for one in attempt.flags if one != question_id]
    flags = [*others, question_id] if flagged else others
    if flags == list(attempt.flags):
        return
    attempt.flags = flags
    await attempt.save(update_fields=["flags", "updated_at"])
    row = await Response.get_or_none(attempt_id=attempt.id, question_id=question_id)
    at = (row.value, row.seq, row.saved_at) if row else (None, None, None)
    tell_saved(work, attempt, question_id, dict(zip(("response", "seq", "saved_at"), at, strict=True)))
