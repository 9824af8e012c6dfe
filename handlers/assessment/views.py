"""How attempts look: what a person may see of them at a moment, and nothing of what is right before its time."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from handlers.assessment.events import EndedBy, State
from models.assessment import Assessment, Attempt, QuestionVersion, Response
from models.assessment.finishing import shown_now
from models.assessment.results import SCORE
from server.kernel.rpc import View

QuestionType = Literal["single", "multiple", "true_false", "numeric", "short_text", "ordered", "matrix"]
Navigation = Literal["free", "sequential", "no_backtrack"]


class TotalView(View):
    """The points of a section, by its title, or of a tag."""

    name: str
    score: float
    max_score: float
    percentage: float


class ResultView(View):
    """What came of an attempt. `passed` is null where nothing has to be passed."""

    score: float
    max_score: float
    percentage: float
    passed: bool | None
    sections: list[TotalView]
    tags: list[TotalView]


class AttemptView(View):
    """One attempt. `deadline_at` and `remaining_seconds` are null where the time has no end.

    `result` is null until it is graded, and as long as the caller may not see it.
    """

    id: UUID
    assessment_id: UUID
    user_id: UUID
    number: int
    state: State
    started_at: datetime
    deadline_at: datetime | None
    grace_until: datetime | None
    paused_at: datetime | None
    server_time: datetime
    remaining_seconds: int | None
    answered: int
    question_count: int
    submitted_at: datetime | None
    submitted_by: EndedBy | None
    graded_at: datetime | None
    result: ResultView | None

    @classmethod
    def of_attempt(cls, attempt: Attempt, assessment: Assessment, now: datetime, *, teaching: bool = False) -> Self:
        """As its owner may see it now; `teaching`: as its instructor, who sees all."""
        return cls.of(members(attempt, assessment, now, teaching=teaching))


def members(attempt: Attempt, assessment: Assessment, now: datetime, *, teaching: bool = False) -> dict[str, Any]:
    """The members of an attempt's view."""
    may_see = teaching or SCORE in shown_now(attempt, assessment, now)
    names = (
        "id",
        "assessment_id",
        "user_id",
        "number",
        "state",
        "started_at",
        "deadline_at",
        "grace_until",
        "paused_at",
    )
    more = ("answered", "submitted_at", "submitted_by", "graded_at")
    return {
        **{name: getattr(attempt, name) for name in (*names, *more)},
        "server_time": now,
        "remaining_seconds": attempt.remaining(now),
        "question_count": sum(len(part["places"]) for part in attempt.layout),
        "result": attempt.result if may_see else None,
    }


class Choice(View):
    """What can be chosen, or a row of a matrix."""

    id: str
    text: str


class Medium(View):
    """A picture, a sound or a film beside a question; `alt` says what it shows."""

    url: str
    alt: str


class ItemView(View):
    """One question as it is asked here: its options in the frozen order, nothing of what is right."""

    question_id: UUID
    section_id: UUID
    type: QuestionType
    stem: str
    options: list[Choice]
    rows: list[Choice]
    media: list[Medium]


class PartView(View):
    """One section, with its questions in the order in which they are asked."""

    section_id: UUID
    title: str
    instructions: str
    question_ids: list[UUID]


class ResponseView(View):
    """The answer to one question; `response` is null where it was taken away or the question passed over."""

    response: Any
    seq: int
    saved_at: datetime
    time_spent_ms: int


class AttemptState(AttemptView):
    """An attempt with all that a device needs to go on with it: what is asked, what was answered and flagged.

    `furthest` is the number, from 0, of the furthest question that was answered or passed over; -1: none. `items` are
    the questions that may be seen now: none while the attempt is paused, those up to the next one where the order is
    `sequential`, the last and the next one where it is `no_backtrack`. An instructor sees all of them.
    """

    navigation: Navigation
    pausing: bool
    layout: list[PartView]
    items: list[ItemView]
    responses: dict[UUID, ResponseView]
    flags: list[UUID]
    furthest: int


async def state_of(attempt: Attempt, now: datetime, *, items: bool = True, teaching: bool = False) -> AttemptState:
    """The full state of an attempt, as its owner sees it or its instructor; on request without what is asked."""
    assessment = await Assessment.get(id=attempt.assessment_id)
    ids = [id_ for id_ in attempt.plan.places if items and (teaching or attempt.may_see(id_))]
    versions = await QuestionVersion.known(attempt.plan.places[id_].version_id for id_ in ids)
    answers = await Response.filter(attempt_id=attempt.id)
    names = ("navigation", "pausing", "flags", "furthest")
    return AttemptState.of(
        {
            **members(attempt, assessment, now, teaching=teaching),
            **{name: getattr(attempt, name) for name in names},
            "layout": [_part(part) for part in attempt.layout],
            "items": items_of(attempt, versions, ids),
            "responses": {row.question_id: {**_answer(row)} for row in answers},
        }
    )


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    ids = [place["question_id"] for place in part["places"]]
    return {"question_ids": ids, **{name: part[name] for name in ("section_id", "title", "instructions")}}


def items_of(attempt: Attempt, versions: Mapping[UUID, QuestionVersion], ids: Collection[UUID]) -> list[dict[str, Any]]:
    """These questions as an attempt asks them, in its order, without what is right."""
    items = []
    for part in attempt.plan.parts:
        for place in filter(lambda one: one.question_id in ids, part.places):
            version = versions[place.version_id]
            shown = {name: getattr(version, name) for name in ("type", "stem", "rows", "media")}
            options = _in_order(version.options, place.options)
            items.append({"question_id": place.question_id, "section_id": part.section_id, "options": options, **shown})
    return items


def _in_order(options: Sequence[Mapping[str, str]], ids: Sequence[str]) -> list[Mapping[str, str]]:
    by_id = {option["id"]: option for option in options}
    return [by_id[id_] for id_ in ids]


def _answer(row: Response) -> dict[str, Any]:
    return {"response": row.value, "seq": row.seq, "saved_at": row.saved_at, "time_spent_ms": row.time_spent_ms}
