"""What people are told while an attempt runs, and who may follow it."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from handlers.assessment.common import authors_own
from models.assessment import Assessment, Attempt
from models.kit.scope import Scope
from server.kernel.rpc import Countdown, View, live_event, logged_event, own, topic

State = Literal["in_progress", "paused", "grace", "submitted", "graded", "abandoned"]
EndedBy = Literal["user", "deadline", "admin"]


class AssessmentChanged(View):
    """Which members of an assessment are others now."""

    assessment_id: UUID
    fields: list[str]
    published: bool
    rev: int


class Started(View):
    """An attempt has begun. `deadline_at` is null where the time has no end."""

    attempt_id: UUID
    deadline_at: datetime | None
    server_time: datetime


class Tick(View):
    """How much time is left."""

    attempt_id: UUID
    remaining_seconds: int
    server_time: datetime


class Warned(View):
    """Soon the time is up."""

    attempt_id: UUID
    remaining_seconds: int


class DeadlineChanged(View):
    """The time is up at another moment now. `remaining_seconds` of a paused attempt: what it will have."""

    attempt_id: UUID
    deadline_at: datetime | None
    remaining_seconds: int | None
    state: State
    reason: Literal["accommodation"]


class ResponseSaved(View):
    """What stands at a question now; `response`, `seq` and `saved_at` are null where nothing was ever saved."""

    attempt_id: UUID
    question_id: UUID
    response: Any
    seq: int | None
    saved_at: datetime | None
    flags: list[UUID]
    answered: int


class Paused(View):
    """The time stands still."""

    attempt_id: UUID
    remaining_seconds: int | None


class Resumed(View):
    """The time runs again."""

    attempt_id: UUID
    deadline_at: datetime | None
    remaining_seconds: int | None


class Expired(View):
    """The time was up. `grace`: until `grace_until` it may still be submitted; `abandoned`: it does not count."""

    attempt_id: UUID
    state: State
    grace_until: datetime | None


class Submitted(View):
    """It is over."""

    attempt_id: UUID
    by: EndedBy
    submitted_at: datetime


class Graded(View):
    """What came of it; null as long as the person may not see it."""

    attempt_id: UUID
    score: float | None
    percentage: float | None
    passed: bool | None


assessment_updated = logged_event("assessment.updated", "assessment", AssessmentChanged, "Its rules are others now.")
attempt_started = logged_event("attempt.started", "attempt", Started, "An attempt has begun.")
attempt_tick = live_event(
    "attempt.tick", "attempt", Tick, "How much time is left: every 30 seconds, every second in the last 10."
)
attempt_warning = logged_event("attempt.warning", "attempt", Warned, "600, 300 or 60 seconds are left; each once.")
deadline_changed = logged_event("attempt.deadline_changed", "attempt", DeadlineChanged, "There is more or less time.")
response_saved = logged_event("attempt.response_saved", "attempt", ResponseSaved, "An answer or a flag was saved.")
attempt_paused = logged_event("attempt.paused", "attempt", Paused, "The time stands still.")
attempt_resumed = logged_event("attempt.resumed", "attempt", Resumed, "The time runs again.")
attempt_expired = logged_event("attempt.expired", "attempt", Expired, "The time was up.")
attempt_submitted = logged_event("attempt.submitted", "attempt", Submitted, "The attempt is over.")
attempt_graded = logged_event("attempt.graded", "attempt", Graded, "The attempt has its marks.")


def _tick(attempt_id: UUID, seconds: int, now: datetime) -> Tick:
    return Tick(attempt_id=attempt_id, remaining_seconds=seconds, server_time=now)


attempt_topic = topic(
    "attempt",
    logged=True,
    audience="the owner, the assessment's instructor, admins",
    readers={own: Attempt.is_owned, authors_own: Attempt.is_taught},
    countdown=Countdown("attempt.tick", Attempt.deadlines, _tick),
)


async def _is_author(scope: Scope, id_: UUID) -> bool:
    return await Assessment.of(scope).filter(id=id_).exists()


assessment_topic = topic(
    "assessment", logged=True, audience="its instructor, admins", readers={authors_own: _is_author}
)
