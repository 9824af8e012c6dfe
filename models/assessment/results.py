"""What came of an attempt: points in all, by section and by tag; one grade out of several; what may be shown when."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from models.assessment.timing import ABANDONED, OPEN

HIGHEST, AVERAGE, FIRST, LAST = "highest", "average", "first", "last"
CORRECTNESS, SCORE, RIGHT_ANSWER, RATIONALE = "correctness", "score", "right_answer", "rationale"
SHOWN = (CORRECTNESS, SCORE, RIGHT_ANSWER, RATIONALE)
DURING, AFTER_SUBMIT, AFTER_CLOSE = "during", "after_submit", "after_close"
DEFAULT_POLICY: Mapping[str, Sequence[str]] = {DURING: (), AFTER_SUBMIT: (SCORE,), AFTER_CLOSE: SHOWN}

PLACES = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """What one question brought, and where it stands."""

    section: str
    tags: Sequence[str]
    score: float
    points: float


@dataclass(frozen=True, slots=True)
class Total:
    """Points of a part: a section by its title, or a tag."""

    name: str
    score: float
    max_score: float
    percentage: float


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one attempt. `passed` is None where nothing has to be passed."""

    score: float
    max_score: float
    percentage: float
    passed: bool | None
    sections: Sequence[Total]
    tags: Sequence[Total]

    def kept(self) -> dict[str, Any]:
        """As the row keeps it."""
        return asdict(self)


def result_of(marks: Sequence[Mark], passing: float | None) -> Result:
    """Add up the marks of all questions, answered or not."""
    score, most = _sum(mark.score for mark in marks), _sum(mark.points for mark in marks)
    percentage = _percentage(score, most)
    sections = _totals((mark.section, mark) for mark in marks)
    tags = _totals((tag, mark) for mark in marks for tag in mark.tags)
    return Result(score, most, percentage, has_passed(percentage, passing), sections, tags)


def _totals(named: Iterable[tuple[str, Mark]]) -> list[Total]:
    groups: dict[str, list[Mark]] = {}
    for name, mark in named:
        groups.setdefault(name, []).append(mark)
    totals = []
    for name, marks in groups.items():
        score, most = _sum(mark.score for mark in marks), _sum(mark.points for mark in marks)
        totals.append(Total(name, score, most, _percentage(score, most)))
    return totals


def _sum(numbers: Iterable[float]) -> float:
    return round(sum(numbers), PLACES)


def _percentage(score: float, most: float) -> float:
    return round(100 * score / most, PLACES) if most else 0.0


def has_passed(percentage: float, passing: float | None) -> bool | None:
    """Whether it is enough; None where nothing has to be passed."""
    return None if passing is None else percentage >= passing


_GRADES: Mapping[str, Callable[[Sequence[float]], float]] = {
    HIGHEST: max,
    AVERAGE: lambda percentages: round(sum(percentages) / len(percentages), PLACES),
    FIRST: lambda percentages: percentages[0],
    LAST: lambda percentages: percentages[-1],
}
METHODS = tuple(_GRADES)


def grade(percentages: Sequence[float], method: str) -> float | None:
    """One percentage out of those of all graded attempts, in their order; None where there is none."""
    return _GRADES[method](percentages) if percentages else None


def shown(
    policy: Mapping[str, Collection[str]], state: str, closes_at: datetime | None, now: datetime
) -> frozenset[str]:
    """What the person may see of an attempt now: of correctness, score, right_answer, rationale.

    What opens after submitting stays open after closing. Where nothing closes, that moment never comes; of an abandoned
    attempt nothing is shown before it.
    """
    if state in OPEN:
        return frozenset(policy[DURING])
    opened = set() if state == ABANDONED else {*policy[AFTER_SUBMIT]}
    if closes_at is not None and closes_at <= now:
        opened |= {*policy[AFTER_CLOSE]}
    return frozenset(opened)
