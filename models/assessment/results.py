"""What came of an attempt: points in all, by section and by tag; one grade out of several; what may be shown when."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from models.assessment.scoring import exact_score, worth_of
from models.assessment.timing import ABANDONED, OPEN

HIGHEST, AVERAGE, FIRST, LAST = "highest", "average", "first", "last"
CORRECTNESS, SCORE, RIGHT_ANSWER, RATIONALE = "correctness", "score", "right_answer", "rationale"
SHOWN = (CORRECTNESS, SCORE, RIGHT_ANSWER, RATIONALE)
DURING, AFTER_SUBMIT, AFTER_CLOSE = "during", "after_submit", "after_close"
DEFAULT_POLICY: Mapping[str, Sequence[str]] = {DURING: (), AFTER_SUBMIT: (SCORE,), AFTER_CLOSE: SHOWN}

PLACES = 10
"""Scores and percentages are shown with so many decimal places; what is judged is exact."""


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
    score, most = _sums(marks)
    percentage = _percentage(score, most)
    sections = _totals((mark.section, mark) for mark in marks)
    tags = _totals((tag, mark) for mark in marks for tag in mark.tags)
    passed = has_passed(percentage, passing)
    return Result(_shown(score), _shown(most), _shown(percentage), passed, sections, tags)


def _totals(named: Iterable[tuple[str, Mark]]) -> list[Total]:
    groups: dict[str, list[Mark]] = {}
    for name, mark in named:
        groups.setdefault(name, []).append(mark)
    totals = []
    for name, marks in groups.items():
        score, most = _sums(marks)
        totals.append(Total(name, _shown(score), _shown(most), _shown(_percentage(score, most))))
    return totals


def _sums(marks: Sequence[Mark]) -> tuple[Fraction, Fraction]:
    return _sum(exact_score(mark.score, mark.points) for mark in marks), _sum(worth_of(mark.points) for mark in marks)


def _sum(numbers: Iterable[Fraction]) -> Fraction:
    # By denominator, of which there are few: adding whole numbers is much quicker than adding fractions.
    numerators: dict[int, int] = {}
    for number in numbers:
        numerators[number.denominator] = numerators.get(number.denominator, 0) + number.numerator
    return sum((Fraction(top, bottom) for bottom, top in numerators.items()), Fraction())


def _percentage(score: Fraction, most: Fraction) -> Fraction:
    return 100 * score / most if most else Fraction()


def _shown(number: Fraction) -> float:
    return round(float(number), PLACES)


def has_passed(percentage: Fraction | float, passing: float | None) -> bool | None:
    """Whether it is enough; None where nothing has to be passed."""
    return None if passing is None else percentage >= worth_of(passing)


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
