"""Beginning an attempt."""

from datetime import datetime
from hmac import compare_digest
from uuid import UUID

from models.assessment.accommodation import Accommodation
from models.assessment.assessment import Assessment
from models.assessment.attempt import DEADLINE, Attempt
from models.assessment.finishing import finish
from models.assessment.package import Package
from models.assessment.timing import OPEN
from models.errors import Conflict, Forbidden, InvalidState
from models.kit.text import as_typed
from models.work import Work


async def start(work: Work, user_id: UUID, assessment_id: UUID, access_code: str | None) -> Attempt:
    """Begin an attempt: what it asks is drawn, shuffled and frozen, and its time runs from now.

    Raises NotFound for what is not published, PaymentRequired, Conflict (with `attempt_id`) where one is not over,
    InvalidState outside of the window and where no attempt is left, Forbidden for a wrong access code.
    """
    assessment = await Assessment.get_or_not_found(id=assessment_id, published=True, archived_at=None)
    if assessment.package_id is not None:
        await (await Package.get(id=assessment.package_id)).refuse_unless_open(user_id)
    accommodation = await Accommodation.of(assessment.id, user_id)
    _refuse_window(assessment, accommodation, work.now)
    _refuse_code(assessment, accommodation, access_code)
    number = await _next_number(work, assessment, accommodation, user_id)
    layout = await assessment.drawn()
    copied = (
        "navigation",
        "overdue_handling",
        "grace_period_seconds",
        "pausing",
        "passing_percentage",
        "time_limit_seconds",
    )
    attempt = Attempt(
        user_id=user_id,
        assessment_id=assessment.id,
        number=number,
        layout=layout.kept(),
        started_at=work.now,
        allowed_seconds=accommodation.seconds_for(assessment.time_limit_seconds),
        closes_at=accommodation.closes_for(assessment),
        **{name: getattr(assessment, name) for name in copied},
    )
    attempt.set_clock(work.now)
    await attempt.save()
    told = {"attempt_id": attempt.id, "deadline_at": attempt.deadline_at, "server_time": work.now}
    work.emit(attempt.topic, "attempt.started", told)
    return attempt


def _refuse_window(assessment: Assessment, accommodation: Accommodation, now: datetime) -> None:
    opens, closes = accommodation.opens_for(assessment), accommodation.closes_for(assessment)
    if opens is not None and now < opens:
        raise InvalidState("This assessment is not open yet.", state="not_open", opens_at=opens.isoformat())
    if closes is not None and now >= closes:
        raise InvalidState("This assessment has closed.", state="closed")


def _refuse_code(assessment: Assessment, accommodation: Accommodation, given: str | None) -> None:
    if assessment.access_code is None or accommodation.unlocked:
        return
    if not compare_digest(as_typed(assessment.access_code).encode(), as_typed(given or "").encode()):
        raise Forbidden("The access code is not right.")


async def _next_number(work: Work, assessment: Assessment, accommodation: Accommodation, user_id: UUID) -> int:
    """The number of the next attempt; one that has ended unnoticed is ended first."""
    open_ = await Attempt.locked().get_or_none(user_id=user_id, assessment_id=assessment.id, state__in=OPEN)
    if open_ is not None and not open_.too_late(work.now):
        raise Conflict("You have begun an attempt that is not over.", attempt_id=str(open_.id))
    if open_ is not None:
        await finish(work, [open_], DEADLINE)
    used = await Attempt.filter(user_id=user_id, assessment_id=assessment.id).count()
    most = accommodation.attempts_for(assessment)
    if most is not None and used >= most:
        # What was ended just now stays ended.
        raise InvalidState("You have no attempt left.", state="no_attempts_left", commit=open_ is not None)
    return used + 1
