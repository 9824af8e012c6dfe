"""Ending attempts: by the person, by a command that comes too late, by the clock. Each is ended exactly once.

All three call `finish` with rows that they have locked and found open. Answers were marked when they were saved, so
ending adds up: ten thousand attempts whose time is up in the same minute cost the clock a few statements a batch.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise import connections

from models.assessment.assessment import Assessment
from models.assessment.attempt import DEADLINE, Attempt
from models.assessment.results import SCORE, Mark, Result, result_of, shown
from models.assessment.timing import (
    ABANDONED,
    ALLOWANCE,
    AUTOABANDON,
    GRACE,
    GRACEPERIOD,
    GRADED,
    IN_PROGRESS,
    due_warning,
)
from models.errors import InvalidState
from models.work import Work

_SCORES = """
SELECT attempt_id, question_id::text, score FROM attempt_response WHERE attempt_id = ANY($1::uuid[]) AND score <> 0
"""

_END = """
WITH ended AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::float8[], $6::float8[], $7::bool[],
        $8::text[]) AS e(id, state, submitted_at, submitted_by, score, percentage, passed, result)
), done AS (
    UPDATE attempt a SET state = e.state, submitted_at = e.submitted_at, submitted_by = e.submitted_by,
        score = e.score, percentage = e.percentage, passed = e.passed, result = e.result::jsonb,
        due_at = NULL, paused_at = NULL, graded_at = CASE WHEN e.result IS NULL THEN NULL ELSE $9::timestamptz END,
        updated_at = $9
    FROM ended e WHERE a.id = e.id AND a.state IN ('in_progress', 'paused', 'grace') RETURNING 1
) SELECT count(*) AS n FROM done
"""

_TICKED = """
WITH ticked AS (
    UPDATE attempt a SET state = t.state, warned = t.warned::int[], due_at = t.due_at, updated_at = $5
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) AS t(id, state, warned, due_at)
    WHERE a.id = t.id RETURNING 1
) SELECT count(*) AS n FROM ticked
"""


async def finish(work: Work, attempts: Sequence[Attempt], by: str) -> None:
    """End attempts that are locked and open, mark them, and tell.

    What the clock or a late command ends, has ended when its time was up, whenever that is noticed; where the rule is
    `autoabandon`, it does not count.
    """
    results = await _results([one for one in attempts if not _is_abandoned(one, by)])
    policies = await _policies(attempts)
    for attempt in attempts:
        _end(attempt, by, results.get(attempt.id), work.now)
    await _store(attempts, work.now)
    for attempt in attempts:
        _tell(work, attempt, by, policies[attempt.assessment_id])


def _is_abandoned(attempt: Attempt, by: str) -> bool:
    return by == DEADLINE and attempt.overdue_handling == AUTOABANDON


async def _results(attempts: Sequence[Attempt]) -> dict[UUID, Result]:
    rows = await _fetch(_SCORES, [one.id for one in attempts]) if attempts else []
    scores: dict[UUID, dict[str, float]] = {}
    for row in rows:
        scores.setdefault(row["attempt_id"], {})[row["question_id"]] = row["score"]
    return {one.id: _result(one, scores.get(one.id, {})) for one in attempts}


def _result(attempt: Attempt, scores: Mapping[str, float]) -> Result:
    # Off the row as it is: ten thousand layouts need not be taken apart to add up.
    marks = [
        Mark(part["title"], place["tags"], scores.get(place["question_id"], 0.0), place["points"])
        for part in attempt.layout
        for place in part["places"]
    ]
    return result_of(marks, attempt.passing_percentage)


async def _policies(attempts: Iterable[Attempt]) -> dict[UUID, Assessment]:
    rows = await Assessment.filter(id__in={one.assessment_id for one in attempts})
    return {row.id: row for row in rows}


def _end(attempt: Attempt, by: str, result: Result | None, now: datetime) -> None:
    attempt.due_at = attempt.paused_at = None
    if result is None:
        attempt.state = ABANDONED
        return
    last = attempt.last_moment
    attempt.submitted_at = min(last - ALLOWANCE, now) if by == DEADLINE and last is not None else now
    attempt.state, attempt.submitted_by, attempt.graded_at = GRADED, by, now
    attempt.score, attempt.percentage, attempt.passed = result.score, result.percentage, result.passed
    attempt.result = result.kept()


async def _store(attempts: Sequence[Attempt], now: datetime) -> None:
    names = ("id", "state", "submitted_at", "submitted_by", "score", "percentage", "passed")
    columns: list[Any] = [[getattr(one, name) for one in attempts] for name in names]
    results = [None if one.result is None else orjson.dumps(one.result).decode() for one in attempts]
    rows = await _fetch(_END, *columns, results, now)
    if rows[0]["n"] != len(attempts):
        raise RuntimeError("an attempt that is over would have been ended again: its row was not locked")


def _tell(work: Work, attempt: Attempt, by: str, assessment: Assessment) -> None:
    if by == DEADLINE:
        told = {"attempt_id": attempt.id, "state": attempt.state, "grace_until": None}
        work.emit(attempt.topic, "attempt.expired", told)
    if attempt.state == ABANDONED:
        return
    at = {"attempt_id": attempt.id, "by": by, "submitted_at": attempt.submitted_at}
    work.emit(attempt.topic, "attempt.submitted", at)
    may_see = SCORE in shown_now(attempt, assessment, work.now)
    seen = {name: getattr(attempt, name) if may_see else None for name in ("score", "percentage", "passed")}
    work.emit(attempt.topic, "attempt.graded", {"attempt_id": attempt.id, **seen})


def shown_now(attempt: Attempt, assessment: Assessment, now: datetime) -> frozenset[str]:
    """What the person may see of an attempt at this moment."""
    closings = [one for one in (assessment.closes_at, attempt.closes_at) if one is not None]
    return shown(assessment.review_policy, attempt.state, max(closings, default=None), now)


async def finish_if_late(work: Work, attempt: Attempt) -> None:
    """Where a command comes too late: end the attempt, which is locked, and refuse the command, in one commit.

    Raises InvalidState for one that is over, noticed or not.
    """
    attempt.refuse_closed()
    if attempt.too_late(work.now):
        await finish(work, [attempt], DEADLINE)
        raise InvalidState("The time is up: this attempt is over.", commit=True, state=attempt.state)


async def _fetch(statement: str, *values: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await connections.get("default").execute_query_dict(statement, list(values))
    return rows


# The clock


async def advance_due(work: Work, at_once: int, skipped: int = 0) -> list[float]:
    """Do what is due: warn, begin the grace period, end. Returns how late, in seconds, for each.

    Takes only what it can lock, so that several clocks share the work and a save that holds an attempt goes first. The
    first ones may be skipped, where one of them cannot be dealt with.
    """
    due = Attempt.select_for_update(skip_locked=True, no_key=True).filter(due_at__lte=work.now)
    attempts = await due.order_by("due_at").offset(skipped).limit(at_once)
    late = [(work.now - one.due_at).total_seconds() for one in attempts if one.due_at is not None]
    over = [one for one in attempts if one.last_moment is not None and one.last_moment <= work.now]
    if over:
        await finish(work, over, DEADLINE)
    going_on = [one for one in attempts if one.is_open]
    for attempt in going_on:
        _tick(work, attempt)
    if going_on:
        await _store_ticks(going_on, work.now)
    return late


def _tick(work: Work, attempt: Attempt) -> None:
    deadline = attempt.deadline_at
    if deadline is not None and attempt.state == IN_PROGRESS:
        if attempt.overdue_handling == GRACEPERIOD and deadline <= work.now:
            attempt.state = GRACE
            told = {"attempt_id": attempt.id, "state": GRACE, "grace_until": attempt.grace_until}
            work.emit(attempt.topic, "attempt.expired", told)
        elif (seconds := due_warning(deadline, attempt.warned, work.now)) is not None:
            attempt.warned = [*attempt.warned, seconds]
            work.emit(attempt.topic, "attempt.warning", {"attempt_id": attempt.id, "remaining_seconds": seconds})
    attempt.due_at = attempt.next_due(work.now)


async def _store_ticks(attempts: Sequence[Attempt], now: datetime) -> None:
    warned = ["{" + ",".join(map(str, one.warned)) + "}" for one in attempts]
    columns = [[getattr(one, name) for one in attempts] for name in ("id", "state", "due_at")]
    await _fetch(_TICKED, *columns[:2], warned, columns[2], now)
