"""Where one person stands with assessments: their window, their attempts, their grade."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.assessment.accommodation import Accommodation
from models.assessment.assessment import Assessment
from models.assessment.attempt import Attempt
from models.assessment.finishing import shown_now
from models.assessment.results import SCORE, grade, has_passed
from models.assessment.timing import GRADED, OPEN
from models.errors import NotFound
from models.kit.scope import Scope

COLUMNS = ("id", "assessment_id", "number", "state", "closes_at", "percentage")


@dataclass(frozen=True, slots=True)
class Grade:
    """What all graded attempts together come to; `passed` is None where nothing has to be passed."""

    percentage: float
    passed: bool | None


@dataclass(frozen=True, slots=True)
class Window:
    """When a person may begin; None: at any time."""

    opens_at: datetime | None
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one person with one assessment. `grade` is None as long as a score of theirs may not be shown."""

    window: Window
    allowed_seconds: float | None
    attempts_used: int
    attempts_left: int | None
    current_attempt_id: UUID | None
    grade: Grade | None


async def readable(author: Scope | None, user_id: UUID | None, assessment_id: UUID) -> Assessment:
    """Return an assessment that somebody may read; raises NotFound for any other.

    It is published, within an author's reach, or asked by an attempt of theirs that is not over.
    """
    try:
        return await Assessment.visible(author, assessment_id)
    except NotFound:
        if not await Attempt.exists(user_id=user_id, assessment_id=assessment_id, state__in=OPEN):
            raise
    return await Assessment.get(id=assessment_id)


async def standings(assessments: Sequence[Assessment], user_id: UUID | None, now: datetime) -> dict[UUID, Standing]:
    """Of one person with each of these; of a guest as of somebody who has not begun. Two queries for all."""
    ids = [one.id for one in assessments]
    accommodations: Mapping[UUID, Accommodation] = {}
    attempts: dict[UUID, list[Attempt]] = {id_: [] for id_ in ids}
    if user_id is not None and ids:
        rows = await Accommodation.filter(user_id=user_id, assessment_id__in=ids)
        accommodations = {row.assessment_id: row for row in rows}
        for attempt in await Attempt.filter(user_id=user_id, assessment_id__in=ids).order_by("number").only(*COLUMNS):
            attempts[attempt.assessment_id].append(attempt)
    return {
        one.id: _standing(one, accommodations.get(one.id) or Accommodation(), attempts[one.id], now)
        for one in assessments
    }


def _standing(
    assessment: Assessment, accommodation: Accommodation, attempts: Sequence[Attempt], now: datetime
) -> Standing:
    most = accommodation.attempts_for(assessment)
    return Standing(
        window=Window(accommodation.opens_for(assessment), accommodation.closes_for(assessment)),
        allowed_seconds=accommodation.seconds_for(assessment.time_limit_seconds),
        attempts_used=len(attempts),
        attempts_left=None if most is None else max(0, most - len(attempts)),
        current_attempt_id=next((one.id for one in attempts if one.is_open), None),
        grade=_grade(assessment, attempts, now),
    )


def _grade(assessment: Assessment, attempts: Sequence[Attempt], now: datetime) -> Grade | None:
    graded = [one for one in attempts if one.state == GRADED and one.percentage is not None]
    if not all(SCORE in shown_now(one, assessment, now) for one in graded):
        return None
    percentage = grade([one.percentage for one in graded if one.percentage is not None], assessment.grading_method)
    return None if percentage is None else Grade(percentage, has_passed(percentage, assessment.passing_percentage))
