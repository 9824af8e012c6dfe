"""Reviewing an attempt: answers, marks, right answers and rationales, as far as they are open now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from handlers.assessment.assessments import Shown
from handlers.assessment.banks import KeyView
from handlers.assessment.common import authors_own, readable_attempt
from handlers.assessment.views import AttemptView, ItemView, items_of, members
from models.assessment import Assessment, Attempt, QuestionVersion, Response
from models.assessment.finishing import shown_now
from models.assessment.question_types import is_answer
from models.assessment.results import CORRECTNESS, RATIONALE, RIGHT_ANSWER, SCORE, SHOWN
from models.assessment.scoring import PLACES, share
from server.kernel.paging import Slice, encode_cursor, number_in
from server.kernel.rpc import Ctx, ListParams, Page, View, own, page_of, query


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


class ReviewParams(ListParams):
    """Which attempt, and which page of its questions."""

    attempt_id: UUID


class Review(AttemptView):
    """An attempt, what may be seen of it now (`shown`), and question by question what came of it.

    `items` and `answers` are about the same questions, those of one page; `next_cursor` is null on the last one.
    """

    shown: list[Shown]
    items: list[ItemView]
    answers: list[Reviewed]
    next_cursor: str | None


class _Both(View):
    item: ItemView
    answer: Reviewed


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who reviews: what is open to them now; with `teaching` of every question, answered or not."""

    shown: frozenset[str]
    teaching: bool

    def may_see(self, attempt: Attempt, id_: UUID) -> bool:
        return self.teaching or attempt.may_see(id_)

    def opened(self, attempt: Attempt, row: Response | None) -> frozenset[str]:
        """What is open of one question: to a learner who is at work, nothing of a question without an answer."""
        answered = row is not None and is_answer(row.value)
        return self.shown if self.teaching or answered or not attempt.is_open else frozenset()


@query("assessment.attempt.review", access=own, wider=authors_own)
async def review(ctx: Ctx, params: ReviewParams) -> Review:
    """What was answered, with marks, right answers and rationales as far as the review policy opens them now.

    While the attempt goes on, it covers the questions that may be seen now, and opens something only of those that are
    answered: their answers are final. The instructor of the assessment and admins see everything at any time.
    """
    attempt, teaching = await readable_attempt(ctx, params.attempt_id)
    assessment = await Assessment.get(id=attempt.assessment_id)
    shown = frozenset(SHOWN) if teaching else shown_now(attempt, assessment, ctx.now)
    page = await _page(attempt, params, _Reader(shown, teaching))
    return Review.of(
        {
            **members(attempt, assessment, ctx.now, teaching=teaching),
            "shown": sorted(shown),
            "items": [one.item for one in page.items],
            "answers": [one.answer for one in page.items],
            "next_cursor": page.next_cursor,
        }
    )


async def _page(attempt: Attempt, params: ReviewParams, reader: _Reader) -> Page[_Both]:
    after = number_in(params.cursor, "review")
    positions = attempt.plan.positions
    seen = [id_ for id_, position in positions.items() if position > after and reader.may_see(attempt, id_)]
    ids = seen[: params.limit]
    versions = await QuestionVersion.known(attempt.plan.places[id_].version_id for id_ in ids)
    rows = {row.question_id: row for row in await Response.filter(attempt_id=attempt.id, question_id__in=ids)}
    items = items_of(attempt, versions, ids)
    answers = [_reviewed(attempt, id_, versions, rows.get(id_), reader) for id_ in ids]
    both = [_Both.of({"item": item, "answer": answer}) for item, answer in zip(items, answers, strict=True)]
    cursors = [encode_cursor(positions[id_], of="review") for id_ in ids]
    return page_of(Slice(ids, cursors, more=len(seen) > len(ids)), both)


def _reviewed(
    attempt: Attempt, id_: UUID, versions: Mapping[UUID, QuestionVersion], row: Response | None, reader: _Reader
) -> dict[str, Any]:
    place = attempt.plan.places[id_]
    version, value = versions[place.version_id], row.value if row else None
    shown = reader.opened(attempt, row)
    opened = {
        "correctness": round(float(share(version.content, value)), PLACES) if CORRECTNESS in shown else None,
        "score": (row.score if row else 0.0) if SCORE in shown else None,
        "points": place.points if SCORE in shown else None,
        "right_answer": version.key if RIGHT_ANSWER in shown else None,
        "rationale": version.rationale if RATIONALE in shown else None,
    }
    saved = {"saved_at": row.saved_at if row else None, "time_spent_ms": row.time_spent_ms if row else 0}
    return {"question_id": id_, "response": value, **saved, **opened}
