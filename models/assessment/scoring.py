"""Marking an answer: pure functions, one for each type.

| method | what an answer gets |
|---|---|
| `all_or_nothing` | all points for a wholly right answer, else none |
| `partial`, `zero_one` | the share of the parts that are right; a wrong part takes nothing away |
| `plus_minus` | the share of right parts less that of wrong ones, never below 0 |
| `rationale` | the share of the pairs of rows of which both are right |

`zero_one`, `plus_minus` and `rationale` are the ways of the NCLEX; there each part is worth a point, so that is what
`default_points` gives them. Parts are the options to choose, the places of an order, the rows of a matrix. Choosing
everything must not pay: whoever chooses more options than are right loses a right one for each too many.
"""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from models.assessment.question_types import (
    MATRIX,
    MULTIPLE,
    NUMERIC,
    ORDERED,
    PLUS_MINUS,
    RATIONALE,
    SHORT_TEXT,
    SINGLE,
    TRUE_FALSE,
    WHOLE,
    ZERO_ONE,
    Content,
    is_answer,
)
from models.kit.text import as_typed

PLACES = 6
"""A share is shown with so many decimal places."""
LARGEST_DENOMINATOR = 100_000
"""No question has so many parts."""
NOTHING, ALL = Fraction(0), Fraction(1)


def mark(content: Content, value: Any, points: float | None = None) -> float:
    """How many points an answer of the right shape gets; `points` of the place where it is asked, else its own."""
    return float(worth_of(content.points if points is None else points) * share(content, value))


# Remembered, for ending ten thousand attempts in a minute adds up the same few numbers again and again.
@lru_cache(maxsize=10_000)
def worth_of(points: float) -> Fraction:
    """Points as they are written in decimal: 0.1 is a tenth."""
    return Fraction(str(points))


@lru_cache(maxsize=10_000)
def exact_score(score: float, points: float) -> Fraction:
    """Return exactly what `mark` answered as the nearest float: a share with a small denominator, of the points."""
    if score in {0.0, points}:
        return worth_of(score)
    return worth_of(points) * (Fraction(score) / worth_of(points)).limit_denominator(LARGEST_DENOMINATOR)


def share(content: Content, value: Any) -> Fraction:
    """Which part of its points an answer gets, from 0 to 1."""
    return _SHARES[content.type](content, value) if is_answer(value) else NOTHING


def default_points(content: Content) -> float:
    """What a question is worth whose author does not say so."""
    if content.method == RATIONALE:
        return float(len(content.pairs))
    if content.method not in {ZERO_ONE, PLUS_MINUS}:
        return 1.0
    if content.type == MATRIX:
        rows = content.key["rows"].values()
        return float(sum(len(chosen) for chosen in rows) if content.method == PLUS_MINUS else len(content.rows))
    return float(len(content.key.get("options") or content.key.get("order") or (1,)))


def _single(content: Content, value: Any) -> Fraction:
    return ALL if [value] == list(content.key["options"]) else NOTHING


def _multiple(content: Content, value: Any) -> Fraction:
    return _of_choice(content.method, set(value), set(content.key["options"]))


def _of_choice(method: str, chosen: Collection[str], right: Collection[str]) -> Fraction:
    """The share that a choice of some options gets."""
    good = len(set(chosen) & set(right))
    if method == WHOLE:
        return ALL if set(chosen) == set(right) else NOTHING
    bad = len(chosen) - good if method == PLUS_MINUS else max(0, len(chosen) - len(right))
    return Fraction(max(0, good - bad), len(right))


def _true_false(content: Content, value: Any) -> Fraction:
    return ALL if value is content.key["value"] else NOTHING


def _numeric(content: Content, value: Any) -> Fraction:
    # As they are written in decimal: 0.3 is within 0.1 of 0.2, which binary fractions deny.
    right, given = Decimal(str(content.key["value"])), Decimal(str(value))
    return ALL if abs(right - given) <= Decimal(str(content.key.get("tolerance") or 0)) else NOTHING


def _short_text(content: Content, value: Any) -> Fraction:
    exact = bool(content.key.get("case_sensitive"))
    accepted = {_plain(one, exact=exact) for one in content.key["accepted"]}
    return ALL if _plain(value, exact=exact) in accepted else NOTHING


def _plain(text: str, *, exact: bool) -> str:
    """A text as it is typed, without doubled spaces, forms of characters, and case unless that is wanted."""
    plain = as_typed(text)
    return plain if exact else plain.casefold()


def _ordered(content: Content, value: Any) -> Fraction:
    right = list(content.key["order"])
    placed = sum(one == other for one, other in zip(value, right, strict=True))
    if content.method == WHOLE:
        return ALL if placed == len(right) else NOTHING
    return Fraction(placed, len(right))


def _matrix(content: Content, value: Any) -> Fraction:
    right: Mapping[str, Collection[str]] = content.key["rows"]
    chosen = {row: value.get(row, []) for row in right}
    if content.method == PLUS_MINUS:
        # Each row by itself: what is lost in one cannot be taken from another.
        cells = sum(len(row) for row in right.values())
        won = sum(_of_choice(PLUS_MINUS, chosen[row], right[row]) * len(right[row]) for row in right)
        return Fraction(won, cells)
    good = {row for row in right if set(chosen[row]) == set(right[row])}
    if content.method == RATIONALE:
        return Fraction(sum(good.issuperset(pair) for pair in content.pairs), len(content.pairs))
    if content.method == WHOLE:
        return ALL if len(good) == len(right) else NOTHING
    return Fraction(len(good), len(right))


_SHARES: Mapping[str, Callable[[Content, Any], Fraction]] = {
    SINGLE: _single,
    MULTIPLE: _multiple,
    TRUE_FALSE: _true_false,
    NUMERIC: _numeric,
    SHORT_TEXT: _short_text,
    ORDERED: _ordered,
    MATRIX: _matrix,
}
