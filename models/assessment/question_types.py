"""What a question of each type consists of, and which answers fit its shape. Pure functions; nothing is marked here."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.kit.text import is_blank

SINGLE, MULTIPLE, TRUE_FALSE = "single", "multiple", "true_false"
NUMERIC, SHORT_TEXT, ORDERED, MATRIX = "numeric", "short_text", "ordered", "matrix"
TYPES = (SINGLE, MULTIPLE, TRUE_FALSE, NUMERIC, SHORT_TEXT, ORDERED, MATRIX)

WHOLE, PARTIAL, ZERO_ONE, PLUS_MINUS, RATIONALE = "all_or_nothing", "partial", "zero_one", "plus_minus", "rationale"
METHODS: Mapping[str, tuple[str, ...]] = {
    SINGLE: (WHOLE, ZERO_ONE),
    MULTIPLE: (WHOLE, PARTIAL, ZERO_ONE, PLUS_MINUS),
    TRUE_FALSE: (WHOLE, ZERO_ONE),
    NUMERIC: (WHOLE, ZERO_ONE),
    SHORT_TEXT: (WHOLE, ZERO_ONE),
    ORDERED: (WHOLE, PARTIAL, ZERO_ONE),
    MATRIX: (WHOLE, PARTIAL, ZERO_ONE, PLUS_MINUS, RATIONALE),
}
"""How the answers of each type may be marked (models/assessment/scoring.py says what each means)."""

LONGEST_TEXT = 500
LARGEST_NUMBER = 1e15
Details = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Content:
    """What is asked, and what is right.

    Attributes:
        options: The ids of what can be chosen; a matrix's columns.
        rows: The ids of a matrix's rows.
        key: What is right, in the members that the type names (see `faults`).
        pairs: For `rationale`: the rows that count only together.
        points: What a wholly right answer is worth.
    """

    type: str
    options: Sequence[str]
    rows: Sequence[str]
    key: Mapping[str, Any]
    method: str = WHOLE
    pairs: Sequence[Sequence[str]] = ()
    points: float = 1.0


def faults(content: Content) -> Details:
    """What is wrong with a question, by field; empty when it can be asked."""
    found: Details = {}
    if content.method not in METHODS[content.type]:
        found["scoring.method"] = [f"One of {', '.join(METHODS[content.type])} goes with this type."]
    _check_ids(found, "options", content.options, least=2 if content.type in WITH_OPTIONS else 0)
    _check_ids(found, "rows", content.rows, least=1 if content.type == MATRIX else 0)
    if content.type not in WITH_OPTIONS and content.options:
        found["options"] = ["A question of this type has none."]
    if content.type != MATRIX and content.rows:
        found["rows"] = ["Only a matrix has rows."]
    _check_pairs(found, content)
    if not found and (text := _KEYS[content.type](content)):
        found["key"] = [text]
    return found


WITH_OPTIONS = frozenset({SINGLE, MULTIPLE, ORDERED, MATRIX})


def _check_ids(found: Details, field: str, ids: Sequence[str], *, least: int) -> None:
    if len(ids) < least:
        found[field] = [f"At least {least}."]
    elif len(set(ids)) < len(ids):
        found[field] = ["Each needs an id of its own."]


def _check_pairs(found: Details, content: Content) -> None:
    if content.method != RATIONALE:
        if content.pairs:
            found["scoring.pairs"] = ["Only rationale scoring has pairs."]
        return
    rows = [row for pair in content.pairs for row in pair]
    if not rows or sorted(rows) != sorted(content.rows):
        found["scoring.pairs"] = ["Each row belongs to exactly one pair."]


def _chosen(content: Content) -> Sequence[str] | None:
    """The key's `options` where they are distinct options of the question."""
    chosen = content.key.get("options")
    if not chosen or len(set(chosen)) < len(chosen) or not set(chosen) <= set(content.options):
        return None
    return list(chosen)


def _single_key(content: Content) -> str | None:
    chosen = _chosen(content)
    return None if chosen and len(chosen) == 1 else "Give `options` with the id of the one right option."


def _multiple_key(content: Content) -> str | None:
    return None if _chosen(content) else "Give `options` with the ids of all right options."


def _true_false_key(content: Content) -> str | None:
    return None if isinstance(content.key.get("value"), bool) else "Give `value`: true or false."


def _numeric_key(content: Content) -> str | None:
    value, tolerance = content.key.get("value"), content.key.get("tolerance") or 0
    if not _is_number(value):
        return "Give `value`: a number."
    return None if _is_number(tolerance) and tolerance >= 0 else "`tolerance` is a number, not below 0."


def _text_key(content: Content) -> str | None:
    accepted = content.key.get("accepted")
    return (
        None
        if accepted and not any(is_blank(one) for one in accepted)
        else "Give `accepted`: the texts that are right."
    )


def _ordered_key(content: Content) -> str | None:
    right = sorted(content.key.get("order") or ()) == sorted(content.options)
    return None if right else "Give `order`: the ids of all options in the right order."


def _matrix_key(content: Content) -> str | None:
    rows: Mapping[str, Sequence[str]] = content.key.get("rows") or {}
    columns = set(content.options)
    right = set(rows) == set(content.rows) and all(
        chosen and set(chosen) <= columns and len(set(chosen)) == len(chosen) for chosen in rows.values()
    )
    return None if right else "Give `rows`: for the id of each row the ids of its right options."


_KEYS: Mapping[str, Callable[[Content], str | None]] = {
    SINGLE: _single_key,
    MULTIPLE: _multiple_key,
    TRUE_FALSE: _true_false_key,
    NUMERIC: _numeric_key,
    SHORT_TEXT: _text_key,
    ORDERED: _ordered_key,
    MATRIX: _matrix_key,
}


def misfit(content: Content, value: Any) -> str | None:
    """Why an answer does not fit the shape of its question; None when it does. A null answer takes the old one away."""
    if value is None:
        return None
    return None if _FITS[content.type](content, value) else _WANTED[content.type]


def largest_answer(content: Content) -> int:
    """How many bytes an answer may take at most."""
    if content.type == SHORT_TEXT:
        return 4 * LONGEST_TEXT
    options = sum(len(id_) + 3 for id_ in content.options)
    return max(40, options) * max(1, len(content.rows)) + sum(len(id_) + 5 for id_ in content.rows)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and abs(value) <= LARGEST_NUMBER


def _are_distinct(value: Any, known: Sequence[str]) -> bool:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return False
    return len(set(value)) == len(value) and set(value) <= set(known)


def _fits_matrix(content: Content, value: Any) -> bool:
    if not isinstance(value, dict) or not set(value) <= set(content.rows):
        return False
    return all(_are_distinct(chosen, content.options) for chosen in value.values())


_FITS: Mapping[str, Callable[[Content, Any], bool]] = {
    SINGLE: lambda content, value: isinstance(value, str) and value in content.options,
    MULTIPLE: lambda content, value: _are_distinct(value, content.options),
    TRUE_FALSE: lambda _content, value: isinstance(value, bool),
    NUMERIC: lambda _content, value: _is_number(value),
    SHORT_TEXT: lambda _content, value: isinstance(value, str) and len(value) <= LONGEST_TEXT,
    ORDERED: lambda content, value: _are_distinct(value, content.options) and len(value) == len(content.options),
    MATRIX: _fits_matrix,
}
_WANTED: Mapping[str, str] = {
    SINGLE: "This must be the id of one option.",
    MULTIPLE: "This must be a list of different ids of options.",
    TRUE_FALSE: "This must be true or false.",
    NUMERIC: "This must be a number between -1e15 and 1e15.",
    SHORT_TEXT: f"This must be a text of at most {LONGEST_TEXT} characters.",
    ORDERED: "This must be a list of the ids of all options.",
    MATRIX: "This must be an object: for ids of rows, lists of different ids of options.",
}


def is_answer(value: Any) -> bool:
    """Whether something was answered: nothing chosen and nothing written is no answer."""
    if isinstance(value, str):
        return not is_blank(value)
    if isinstance(value, dict):
        return any(value.values())
    return value is not None and value != []
