"""Reviewing an attempt: answers, marks, right answers and rationales, as far as they are open now."""

from datetime import datetime
from typing import Any
from uuid import UUID

from handlers.assessment.assessments import Shown
from handlers.assessment.attempts import OneAttempt
from handlers.assessment.banks import KeyView
from handlers.assessment.views import AttemptView, ItemView, items_of, members
from models.assessment import Assessment, Attempt, QuestionVersion, Response
from models.assessment.finishing import shown_now
from models.assessment.layout import Place
from models.assessment.question_types import is_answer
from models.assessment.results import CORRECTNESS, RATIONALE, RIGHT_ANSWER, SCORE
from models.assessment.scoring import PLACES, share
from server.kernel.rpc import Ctx, View, own, query


class Reviewed(View):
    """One question as it was asked and answered. What is not open is null.

    `correctness` is the share of the points that the answer got, from 0 to 1.
    """

    question_id: UUID
    response: Any
    saved_at: datetime | None
    time_spent_ms: int
    correctness: float | None
    score: float | None
    points: float | None
    right_answer: KeyView | None
    rationale: str | None


class Review(AttemptView):
    """An attempt, what may be seen of it now (`shown`), and question by question what came of it."""

    shown: list[Shown]
    items: list[ItemView]
    answers: list[Reviewed]


@query("assessment.attempt.review", access=own)
async def review(ctx: Ctx, params: OneAttempt) -> Review:
    """What the caller answered, with marks, right answers and rationales as far as the review policy opens them now.

    While the attempt goes on, it covers the questions that may be seen now, and opens something only of those that are
    answered: their answers are final.
    """
    attempt = await Attempt.own(ctx.user_id, params.attempt_id, None)
    assessment = await Assessment.get(id=attempt.assessment_id)
    shown = shown_now(attempt, assessment, ctx.now)
    versions = await QuestionVersion.known(place.version_id for place in attempt.plan.places.values())
    rows = {row.question_id: row for row in await Response.filter(attempt_id=attempt.id)}
    answers = [
        _reviewed(place, versions[place.version_id], rows.get(id_), _opened(attempt, rows.get(id_), shown))
        for id_, place in attempt.plan.places.items()
        if attempt.may_see(id_)
    ]
    return Review.of(
        {
            **members(attempt, assessment, ctx.now),
            "shown": sorted(shown),
            "items": items_of(attempt, versions),
            "answers": answers,
        }
    )


def _opened(attempt: Attempt, row: Response | None, shown: frozenset[str]) -> frozenset[str]:
    """What is open of one question: while the attempt goes on, nothing of a question without an answer."""
    answered = row is not None and is_answer(row.value)
    return shown if answered or not attempt.is_open else frozenset()


def _reviewed(place: Place, version: QuestionVersion, row: Response | None, shown: frozenset[str]) -> dict[str, Any]:
    value = row.value if row else None
    opened = {
        "correctness": round(float(share(version.content, value)), PLACES) if CORRECTNESS in shown else None,
        "score": (row.score if row else 0.0) if SCORE in shown else None,
        "points": place.points if SCORE in shown else None,
        "right_answer": version.key if RIGHT_ANSWER in shown else None,
        "rationale": version.rationale if RATIONALE in shown else None,
    }
    saved = {"saved_at": row.saved_at if row else None, "time_spent_ms": row.time_spent_ms if row else 0}
    return {"question_id": place.question_id, "response": value, **saved, **opened}
