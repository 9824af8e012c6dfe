"""Deadlines, warnings, navigation, results and what is shown when: pure functions of moments and numbers."""

from datetime import UTC, datetime, timedelta

import pytest

from models.assessment.layout import refusal
from models.assessment.results import Mark, grade, result_of, shown
from models.assessment.timing import Allowed, due_warning, granted, last_moment, next_warning, whole
from server.socket.countdowns import is_due

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("seconds", "banked", "closes", "expected"),
    [
        (3600, 0, None, 3600),
        (3600, 120.5, None, 3720.5),
        (3600, 0, 1800, 1800),
        (3600, 0, 7200, 3600),
        (None, 0, 1800, 1800),
        (None, 0, None, None),
    ],
)
def test_a_deadline(seconds: float | None, banked: float, closes: float | None, expected: float | None) -> None:
    allowed = Allowed(NOW, seconds, banked, None if closes is None else after(closes))
    assert allowed.deadline() == (None if expected is None else after(expected))


def test_what_somebody_is_granted() -> None:
    assert granted(None, 2, 60) is None
    assert granted(600) == 600
    assert granted(600, 1.5, 60) == 960


@pytest.mark.parametrize(
    ("overdue", "state", "expected"),
    [
        ("autosubmit", "in_progress", 2),
        ("autoabandon", "in_progress", 2),
        ("graceperiod", "in_progress", 62),
        ("graceperiod", "grace", 62),
        ("graceperiod", "paused", 2),
    ],
)
def test_the_last_moment_includes_an_allowance_for_the_network(overdue: str, state: str, expected: float) -> None:
    assert last_moment(NOW, overdue, 60, state) == after(expected)
    assert last_moment(None, overdue, 60, state) is None


def test_warnings_are_due_one_after_another_and_the_latest_one_only() -> None:
    deadline = after(1000)
    assert next_warning(deadline, [], NOW) == after(400)
    assert next_warning(deadline, [600], after(400)) == after(700)
    assert next_warning(deadline, [600, 300, 60], after(940)) is None
    assert due_warning(deadline, [], after(399)) is None
    assert due_warning(deadline, [], after(400)) == 600
    assert due_warning(deadline, [600], after(401)) is None
    # After a time without a clock, what has passed is not told any more.
    assert due_warning(deadline, [], after(950)) == 60
    # An attempt that begins with less than that has no such warning.
    assert next_warning(after(300), [], NOW) == after(240)


def test_a_person_reads_0_only_when_the_time_is_up() -> None:
    assert [whole(one) for one in (0, 0.001, 1, 59.2)] == [0, 1, 1, 60]


@pytest.mark.parametrize(
    ("before", "left", "due"),
    [(61, 60, True), (60, 59, False), (62, 59, True), (60, 60, False), (31, 30, True), (30, 29, False),
     (11, 10, True), (10, 9, True), (9, 9, False), (1, 0, True), (0, 0, False), (45, 100, False)],
)  # fmt: skip
def test_a_tick_comes_every_30_seconds_and_every_second_in_the_last_10(before: int, left: int, due: bool) -> None:
    assert is_due(before, left) is due


@pytest.mark.parametrize(
    ("navigation", "furthest", "position", "allowed"),
    [
        ("free", -1, 9, True),
        ("sequential", -1, 0, True),
        ("sequential", -1, 1, False),
        ("sequential", 3, 4, True),
        ("sequential", 3, 0, True),
        ("no_backtrack", 3, 4, True),
        ("no_backtrack", 3, 3, True),
        ("no_backtrack", 3, 2, False),
        ("no_backtrack", 3, 5, False),
    ],
)
def test_the_order_of_answers(navigation: str, furthest: int, position: int, allowed: bool) -> None:
    assert (refusal(navigation, furthest, position) is None) is allowed


def test_a_result_adds_up_in_all_by_section_and_by_tag() -> None:
    marks = [Mark("One", ["x", "y"], 1, 2), Mark("One", ["x"], 0, 1), Mark("Two", [], 3, 3)]
    result = result_of(marks, 66.6666)
    assert (result.score, result.max_score, result.percentage, result.passed) == (4, 6, 66.6666666667, True)
    assert [(one.name, one.percentage) for one in result.sections] == [("One", 33.3333333333), ("Two", 100)]
    assert [(one.name, one.score, one.max_score) for one in result.tags] == [("x", 1, 3), ("y", 1, 2)]
    assert result_of(marks, None).passed is None
    assert result_of(marks, 66.6667).passed is False
    assert result_of([], None).percentage == 0


def test_marks_are_exact_until_they_are_shown() -> None:
    tiny = [Mark("s", [], 0.00001, 0.00001)] * 2
    result = result_of(tiny, 100.0)
    assert (result.score, result.max_score, result.percentage, result.passed) == (0.00002, 0.00002, 100.0, True)
    # Three thirds are a whole, whatever binary fractions make of them; of tenths, three are three.
    thirds = result_of([Mark("s", [], 1 / 3, 1.0)] * 3 + [Mark("s", [], 0.0, 1.0)] * 2, 20.0)
    assert (thirds.score, thirds.percentage, thirds.passed) == (1.0, 20.0, True)
    tenths = result_of([Mark("s", [], 0.1, 0.1)] * 3 + [Mark("s", [], 0.0, 0.1)] * 7, 30.0)
    assert (tenths.percentage, tenths.passed) == (30.0, True)


def test_one_grade_out_of_several() -> None:
    percentages = [50.0, 90.0, 10.0]
    grades = {method: grade(percentages, method) for method in ("highest", "average", "first", "last")}
    assert grades == {"highest": 90, "average": 50, "first": 50, "last": 10}
    assert grade([], "highest") is None


POLICY = {"during": ["correctness"], "after_submit": ["score"], "after_close": ["right_answer"]}


@pytest.mark.parametrize(
    ("state", "closes", "expected"),
    [
        ("in_progress", -1, {"correctness"}),
        ("paused", None, {"correctness"}),
        ("grace", None, {"correctness"}),
        ("graded", None, {"score"}),
        ("graded", 1, {"score"}),
        ("graded", 0, {"score", "right_answer"}),
        ("abandoned", 1, set()),
        ("abandoned", 0, {"right_answer"}),
    ],
)
def test_what_is_shown_when(state: str, closes: float | None, expected: set[str]) -> None:
    assert shown(POLICY, state, None if closes is None else after(closes), NOW) == expected
