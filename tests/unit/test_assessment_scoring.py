"""Marking: each type with each of its ways, what fits a question's shape, and which questions can be asked."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.assessment.question_types import METHODS, Content, faults, is_answer, misfit
from models.assessment.scoring import default_points, mark, share

ABC = ("a", "b", "c", "d", "e")
ROWS = ("r1", "r2", "r3", "r4")
GRID = {"r1": ["a"], "r2": ["b"], "r3": ["c", "d"], "r4": ["e"]}
KEYS: dict[str, dict[str, Any]] = {
    "single": {"options": ["b"]},
    "multiple": {"options": ["a", "b", "c"]},
    "true_false": {"value": False},
    "numeric": {"value": 0.3, "tolerance": 0.1},
    "short_text": {"accepted": ["Ångström unit", "Å"]},
    "ordered": {"order": ["c", "a", "b", "e", "d"]},
    "matrix": {"rows": GRID},
}


def content(type_: str, method: str = "all_or_nothing", **more: Any) -> Content:
    options = ABC if type_ in {"single", "multiple", "ordered", "matrix"} else ()
    rows = ROWS if type_ == "matrix" else ()
    pairs = (("r1", "r2"), ("r3", "r4")) if method == "rationale" else ()
    return Content(**{"type": type_, "options": options, "rows": rows, "key": KEYS[type_], "method": method,
                      "pairs": pairs, **more})  # fmt: skip


MARKS = [
    ("single", "all_or_nothing", "b", 1),
    ("single", "all_or_nothing", "a", 0),
    ("single", "zero_one", "b", 1),
    ("true_false", "all_or_nothing", False, 1),
    ("true_false", "all_or_nothing", True, 0),
    ("multiple", "all_or_nothing", ["c", "b", "a"], 1),
    ("multiple", "all_or_nothing", ["a", "b"], 0),
    ("multiple", "all_or_nothing", ["a", "b", "c", "d"], 0),
    ("multiple", "partial", ["a", "b"], 2 / 3),
    ("multiple", "partial", ["a", "b", "d"], 2 / 3),
    ("multiple", "zero_one", ["a", "d", "e"], 1 / 3),
    # Choosing everything must not pay.
    ("multiple", "zero_one", ["a", "b", "c", "d", "e"], 1 / 3),
    ("multiple", "plus_minus", ["a", "b", "c"], 1),
    ("multiple", "plus_minus", ["a", "b", "d"], 1 / 3),
    ("multiple", "plus_minus", ["a", "d", "e"], 0),
    ("multiple", "plus_minus", ["d", "e"], 0),
    ("numeric", "all_or_nothing", 0.3, 1),
    ("numeric", "all_or_nothing", 0.2, 1),
    ("numeric", "all_or_nothing", 0.4, 1),
    ("numeric", "all_or_nothing", 0.19999, 0),
    ("numeric", "all_or_nothing", 0, 0),
    ("short_text", "all_or_nothing", "  a\u030angstro\u0308m   UNIT ", 1),
    ("short_text", "all_or_nothing", "å", 1),
    ("short_text", "all_or_nothing", "A", 0),
    ("ordered", "all_or_nothing", ["c", "a", "b", "e", "d"], 1),
    ("ordered", "all_or_nothing", ["c", "a", "b", "d", "e"], 0),
    ("ordered", "partial", ["c", "a", "b", "d", "e"], 3 / 5),
    ("matrix", "all_or_nothing", GRID, 1),
    ("matrix", "all_or_nothing", {**GRID, "r4": []}, 0),
    ("matrix", "partial", {"r1": ["a"], "r3": ["c"]}, 1 / 4),
    ("matrix", "zero_one", {**GRID, "r2": ["a"]}, 3 / 4),
    # Of five right cells four are chosen and one wrong one, in a row by itself.
    ("matrix", "plus_minus", {**GRID, "r2": ["a"]}, 4 / 5),
    ("matrix", "plus_minus", {**GRID, "r3": ["c", "d", "e"]}, 4 / 5),
    ("matrix", "rationale", GRID, 1),
    ("matrix", "rationale", {**GRID, "r2": ["a"]}, 1 / 2),
    ("matrix", "rationale", {"r1": ["a"], "r3": ["c", "d"]}, 0),
]


@pytest.mark.parametrize(("type_", "method", "value", "expected"), MARKS)
def test_an_answer_gets_its_share_of_the_points(type_: str, method: str, value: Any, expected: float) -> None:
    asked = content(type_, method)
    assert faults(asked) == {}
    assert misfit(asked, value) is None
    assert float(share(asked, value)) == pytest.approx(expected)
    assert mark(asked, value, points=3) == pytest.approx(3 * expected, abs=1e-6)


@pytest.mark.parametrize(
    ("accepted", "typed"),
    [
        ("don't", "don\u2019t"),
        ("\u2018quoted\u2019", "'quoted'"),
        ('"quoted"', "\u201cquoted\u201d"),
        ("post-op", "post\u2013op"),
        ("post-op", "post\u2010op"),
        ("5\u22123", "5-3"),
        ("two words", "  two\u00a0 words\u200b "),
        ("cooperate", "co\u00adoperate"),
        ("file", "\ufb01le"),
    ],
)
def test_short_answers_are_compared_as_people_type_them(accepted: str, typed: str) -> None:
    asked = content("short_text", key={"accepted": [accepted]})
    assert mark(asked, typed) == mark(asked, accepted) == 1
    assert mark(asked, f"{typed}x") == 0


def test_case_counts_where_it_is_wanted() -> None:
    asked = content("short_text", key={"accepted": ["DNA"], "case_sensitive": True})
    assert mark(asked, "DNA") == 1
    assert mark(asked, "dna") == 0


@pytest.mark.parametrize(
    ("type_", "method", "points"),
    [
        ("single", "all_or_nothing", 1),
        ("multiple", "partial", 1),
        ("multiple", "plus_minus", 3),
        ("multiple", "zero_one", 3),
        ("ordered", "zero_one", 5),
        ("matrix", "zero_one", 4),
        ("matrix", "plus_minus", 5),
        ("matrix", "rationale", 2),
        ("numeric", "zero_one", 1),
    ],
)
def test_what_a_question_is_worth_by_itself(type_: str, method: str, points: float) -> None:
    assert default_points(content(type_, method)) == points


NOTHING = [None, "", "   ", [], {}, {"r1": []}]


@pytest.mark.parametrize("value", NOTHING)
def test_nothing_is_no_answer(value: Any) -> None:
    assert not is_answer(value)


def test_no_answer_gets_nothing_and_false_and_0_are_answers() -> None:
    assert is_answer(False)
    assert is_answer(0)
    for type_, methods in METHODS.items():
        for method in methods:
            assert mark(content(type_, method), None) == 0


MISFITS = [
    ("single", ["b"]), ("single", "z"), ("single", 1), ("single", ""), ("multiple", "a"), ("multiple", ["a", "a"]),
    ("multiple", ["z"]), ("multiple", [["a"]]), ("multiple", {"a": 1}), ("true_false", 1), ("true_false", "true"),
    ("numeric", "0.3"), ("numeric", True), ("numeric", 1e16), ("numeric", 10**30), ("short_text", 5),
    ("short_text", "x" * 501), ("ordered", ["a", "b"]), ("ordered", ["a"] * 5), ("matrix", {"r9": ["a"]}),
    ("matrix", {"r1": "a"}), ("matrix", {"r1": ["z"]}), ("matrix", [["r1", "a"]]),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "value"), MISFITS)
def test_an_answer_of_another_shape_is_told_which_is_wanted(type_: str, value: Any) -> None:
    assert (misfit(content(type_), value) or "").startswith("This must be")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from([*ABC, *ROWS, "", "x"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from([*ROWS, "x"]), inner, max_size=4),
    max_leaves=10,
)


@given(JSON, st.sampled_from([(type_, method) for type_, methods in METHODS.items() for method in methods]))
def test_whatever_fits_is_marked_between_nothing_and_all(value: Any, asked: tuple[str, str]) -> None:
    question = content(*asked)
    if misfit(question, value) is None:
        assert 0 <= share(question, value) <= 1


FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("single", {"key": {"options": ["a", "b"]}}, "key"),
    ("single", {"key": {}}, "key"),
    ("single", {"options": ("a",)}, "options"),
    ("single", {"options": ("a", "a", "b")}, "options"),
    ("single", {"method": "plus_minus"}, "scoring.method"),
    ("multiple", {"key": {"options": ["z"]}}, "key"),
    ("multiple", {"key": {"options": ["a", "a"]}}, "key"),
    ("multiple", {"rows": ("r1",)}, "rows"),
    ("multiple", {"pairs": (("a", "b"),)}, "scoring.pairs"),
    ("true_false", {"key": {"value": 1.0}}, "key"),
    ("true_false", {"options": ("a", "b")}, "options"),
    ("numeric", {"key": {"value": True}}, "key"),
    ("numeric", {"key": {"value": 1.0, "tolerance": -1.0}}, "key"),
    ("short_text", {"key": {"accepted": []}}, "key"),
    ("short_text", {"key": {"accepted": [" "]}}, "key"),
    ("ordered", {"key": {"order": ["a", "b"]}}, "key"),
    ("matrix", {"rows": ()}, "rows"),
    ("matrix", {"key": {"rows": {"r1": ["a"]}}}, "key"),
    ("matrix", {"key": {"rows": {**GRID, "r1": []}}}, "key"),
    ("matrix", {"key": {"rows": {**GRID, "r1": ["a", "a"]}}}, "key"),
    ("matrix", {"method": "rationale", "pairs": (("r1", "r2"),)}, "scoring.pairs"),
]


@pytest.mark.parametrize(("type_", "changes", "field"), FAULTS)
def test_a_question_that_cannot_be_asked_names_what_is_wrong(type_: str, changes: dict[str, Any], field: str) -> None:
    assert list(faults(content(type_, **changes))) == [field]
