"""The clock of the assessments: ten thousand running attempts whose time is up within the same minute, and at once.

One worker process on the measured core ends them. Each has twenty answers, which it adds up, and tells three events.
An attempt is due when its deadline and the two seconds for the network are over; how much later it was ended says
PostgreSQL's own commit time. The round has failed unless each was ended exactly once.
"""

import time
from statistics import quantiles

from bench import engines
from bench.contender import StartError, Work
from bench.row import Figure, Row, Trial

ATTEMPTS, QUESTIONS, SPREAD_SECONDS = 10_000, 20, 60
PEOPLE = 100
LEAD_SECONDS = 2
LIMIT_SECONDS = 90

PREPARE = (
    "TRUNCATE attempt_response, attempt",
    "DELETE FROM event WHERE topic LIKE 'attempt:%'",
    "DELETE FROM topic WHERE name LIKE 'attempt:%'",
    """
    INSERT INTO "user" (id, created_at, updated_at, email, email_canonical, full_name, roles, status, rev)
    SELECT gen_random_uuid(), now(), now(), 'exam' || n, 'exam' || n, 'Tess Taker', '{user}', 'active', 1
    FROM generate_series(1, {people}) n ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO assessment (id, created_at, updated_at, rev, title, published, description, mode, overdue_handling,
        grace_period_seconds, navigation, pausing, shuffle, review_policy, grading_method, question_count, owner_id)
    SELECT gen_random_uuid(), now(), now(), 1, 'exam' || n, true, '', 'exam', 'autosubmit', 0, 'free', false, '{}',
        '{"during": [], "after_submit": ["score"], "after_close": []}', 'highest', {questions},
        (SELECT id FROM "user" WHERE email = 'exam1')
    FROM generate_series(1, {attempts} / {people}) n
    WHERE NOT EXISTS (SELECT FROM assessment WHERE title = 'exam' || n)
    """,
    """
    INSERT INTO attempt (id, created_at, updated_at, number, state, layout, navigation, overdue_handling,
        grace_period_seconds, pausing, time_limit_seconds, allowed_seconds, time_banked_seconds, started_at, warned,
        flags, furthest, answered, assessment_id, user_id)
    SELECT gen_random_uuid(), now(), now(), 1, 'in_progress', (
            SELECT jsonb_build_array(jsonb_build_object('section_id', gen_random_uuid(), 'title', 'All',
                'instructions', '', 'places', jsonb_agg(jsonb_build_object('question_id', gen_random_uuid(),
                'version_id', gen_random_uuid(), 'points', 1.0, 'tags', jsonb_build_array('tag' || q % 4),
                'options', jsonb_build_array('a', 'b', 'c', 'd')))))
            FROM generate_series(1, {questions}) q WHERE a.id IS NOT NULL AND u.id IS NOT NULL
        ), 'free', 'autosubmit', 0, false, 3600, 3600, 0, now() - interval '1 hour', '{600,300,60}', '{}', -1,
        {questions}, a.id, u.id
    FROM (SELECT id FROM assessment WHERE title LIKE 'exam%' ORDER BY title LIMIT {attempts} / {people}) a
    CROSS JOIN (SELECT id FROM "user" WHERE email LIKE 'exam%' ORDER BY email LIMIT {people}) u
    """,
    """
    INSERT INTO attempt_response (id, created_at, updated_at, question_id, value, seq, score, saved_at, time_spent_ms,
        attempt_id)
    SELECT gen_random_uuid(), now(), now(), (place ->> 'question_id')::uuid, '"a"', 1, 1, now(), 0, a.id
    FROM attempt a CROSS JOIN jsonb_array_elements(a.layout -> 0 -> 'places') place
    """,
    "ANALYZE attempt",
    "ANALYZE attempt_response",
)
RELEASE = """
WITH released AS (
    UPDATE attempt a SET deadline_at = t.due_at - interval '2 seconds', due_at = t.due_at FROM (
        SELECT id, clock_timestamp() + ({lead} + {spread} * random()) * interval '1 second' AS due_at FROM attempt
    ) t WHERE a.id = t.id RETURNING 1
) SELECT count(*) FROM released
"""
ENDED = "SELECT count(*) FROM attempt WHERE state = 'graded' AND score = {questions}"
LAGS = """
SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin) - deadline_at - interval '2 seconds')::float8 FROM attempt
"""
SUBMITTED = "SELECT count(*) FROM event WHERE topic LIKE 'attempt:%' AND name = 'attempt.submitted'"


def measure(trial: Trial) -> dict[str, float]:
    part = 10 if trial.pace.seconds < 1 else 1  # a quick run only shows that it works
    values = {"attempts": ATTEMPTS // part, "questions": QUESTIONS, "people": PEOPLE, "lead": LEAD_SECONDS}
    spread = ended(trial, {**values, "spread": SPREAD_SECONDS // part})
    once = ended(trial, {**values, "spread": 0})
    cuts = quantiles(spread, n=100)
    return {"p50": cuts[49] * 1000, "p99": cuts[98] * 1000, "max": max(spread) * 1000, "once": max(once)}


def ended(trial: Trial, values: dict[str, int]) -> list[float]:
    """Let attempts run out; returns how late each was ended, in seconds."""
    url = trial.engines.database_url
    for statement in PREPARE:
        engines.query(url, filled(statement, values))
    engines.query(url, filled(RELEASE, values))
    until = time.monotonic() + LIMIT_SECONDS
    while engines.query(url, filled(ENDED, values)) != [values["attempts"]]:
        if time.monotonic() > until:
            raise StartError("not all attempts were ended")
        time.sleep(0.5)
    if engines.query(url, SUBMITTED) != [values["attempts"]]:
        raise StartError("attempts were not ended exactly once")
    return engines.query(url, LAGS)


def filled(statement: str, values: dict[str, int]) -> str:
    """Put the values into a statement, whose other braces are JSON's and arrays'."""
    for name, value in values.items():
        statement = statement.replace(f"{{{name}}}", str(value))
    return statement


WORK = f"{ATTEMPTS:,} attempts whose time is up within the same minute"
ROWS = (
    Row(
        WORK,
        Work.EXPIRY,
        ("Nexa's worker",),
        (
            Figure("p50", f"{WORK}, ended later than due, p50", "ms", less_is_better=True),
            Figure("p99", f"{WORK}, ended later than due, p99", "ms", less_is_better=True),
            Figure("max", f"{WORK}, ended later than due, the last", "ms", less_is_better=True),
            Figure(
                "once",
                f"{ATTEMPTS:,} attempts whose time is up at once, until the last",
                "s",
                less_is_better=True,
                digits=1,
            ),
        ),
        measure,
        subject="Nexa's worker",
    ),
)
