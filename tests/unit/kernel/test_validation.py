"""Params: every field that is wrong at once, by its name, in words for people, in an answer of bounded size."""

from typing import Annotated, Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, Field

from models.errors import Invalid
from models.kit.text import utf16_length
from server.kernel.fields import LongText, Text
from server.kernel.shapes import Nothing, Params
from server.kernel.validation import validate

SMILE = "\U0001f600"


class Address(Params):
    city: str
    zip: Annotated[str, Field(max_length=5)] | None = None


class Everything(Params):
    text: str = ""
    count: int = 0
    ratio: float = 0.0
    flag: bool = False
    id: UUID | None = None
    at: AwareDatetime | None = None
    address: Address | None = None
    items: list[int] | None = None
    named: dict[str, Address] | None = None
    any: Any = None


class Needed(Params):
    name: str
    count: int


class Short(Params):
    text: Annotated[str, Text(max=4, min=2)]


class Long(Params):
    text: LongText


def details(model: type[Params], **params: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        validate(model, params)
    found: dict[str, list[str]] = caught.value.data["details"]
    return found


@pytest.mark.seed("S1-H20")
@pytest.mark.seed("S4-18")
def test_every_field_that_is_wrong_is_named_at_once() -> None:
    assert details(Everything, text=1, count="2", ratio="x", flag="yes", id="x", items={}, address=[], more=1) == {
        "text": ["This must be a text."],
        "count": ["This must be a whole number."],
        "ratio": ["This must be a number."],
        "flag": ["This must be true or false."],
        "id": ["This must be an id."],
        "items": ["This must be a list."],
        "address": ["This must be an object."],
        "more": ["Unknown parameter."],
    }


@pytest.mark.seed("S4-27")
def test_what_is_missing_is_required() -> None:
    assert details(Needed) == {"name": ["This field is required."], "count": ["This field is required."]}


@pytest.mark.parametrize("name", ["nmae", "", "idempotency_key", "as_of", "params", "a.b"])
def test_an_unknown_parameter_is_named(name: str) -> None:
    assert details(Nothing, **{name: 1}) == {name or "params": ["Unknown parameter."]}


def test_what_is_nested_is_named_with_dots() -> None:
    wrong = details(Everything, address={"zip": "123456", "x": 1}, items=[1, "2", 3, None], named={"home": {"city": 1}})
    assert wrong == {
        "address.city": ["This field is required."],
        "address.zip": ["String should have at most 5 characters"],
        "address.x": ["Unknown parameter."],
        "items.1": ["This must be a whole number."],
        "items.3": ["This must be a whole number."],
        "named.home.city": ["This must be a text."],
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", 1),
        ("text", None),
        ("count", "1"),
        ("count", 1.5),
        ("count", True),
        ("count", 1e30),
        ("ratio", "1.0"),
        ("ratio", True),
        ("flag", 1),
        ("flag", "true"),
        ("id", 1),
        ("id", "018f"),
        ("at", 1),
        ("at", "2026-11-21T09:00:00"),
        ("at", "2026-11-21"),
        ("items", "[1]"),
    ],
)
def test_nothing_is_converted(field: str, value: object) -> None:
    assert list(details(Everything, **{field: value})) == [field]


def test_the_types_of_json_are_taken_as_they_are() -> None:
    id_ = "01890a5d-ac96-774b-bcce-b302099a8057"
    typed = validate(Everything, {"id": id_, "at": "2026-11-21T09:00:00Z", "ratio": 1, "count": 2**63, "any": [1.5]})
    assert isinstance(typed, Everything)
    assert (str(typed.id), typed.ratio, typed.count, typed.any) == (id_, 1.0, 2**63, [1.5])
    assert typed.at is not None
    assert typed.at.isoformat() == "2026-11-21T09:00:00+00:00"


# U+0000, which PostgreSQL does not store


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"text": "a\0b"}, "text"),
        ({"text": "\0"}, "text"),
        ({"address": {"city": "\0"}}, "address.city"),
        ({"named": {"home": {"city": "\0"}}}, "named.home.city"),
        ({"named": {"a\0": {"city": ""}}}, "named"),
        ({"any": ["", ["\0"]]}, "any.1.0"),
        ({"any": {"a": [{"b": "\0"}]}}, "any.a.0.b"),
        ({"any": {"\0": 1}}, "any"),
    ],
)
def test_u_0000_is_refused_wherever_it_stands(params: dict[str, Any], field: str) -> None:
    assert details(Everything, **params) == {field: ["The character U+0000 is not allowed."]}


def test_a_backslash_and_the_word_u0000_are_fine() -> None:
    assert validate(Everything, {"text": "\\u0000"}).model_dump()["text"] == "\\u0000"


# Lengths as JavaScript counts them


@pytest.mark.parametrize(
    ("text", "length"),
    [("", 0), ("a", 1), ("é", 1), ("e\u0301", 2), ("€", 1), ("\uffff", 1), (SMILE, 2), ("👨‍👩‍👧", 8), ("a" + SMILE, 3)],
)
def test_characters_beyond_the_basic_plane_count_twice(text: str, length: int) -> None:
    assert utf16_length(text) == length


@given(st.text())
def test_a_length_is_what_utf_16_makes_of_it(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("text", ["ab", "abcd", SMILE, SMILE * 2, "ab" + SMILE])
def test_a_text_within_its_bounds_passes(text: str) -> None:
    assert validate(Short, {"text": text}).model_dump() == {"text": text}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "At least 2 characters."),
        ("a", "At least 2 characters."),
        ("abcde", "At most 4 characters; this has 5."),
        ("abc" + SMILE, "At most 4 characters; this has 5."),
        (SMILE * 3, "At most 4 characters; this has 6."),
    ],
)
def test_a_text_beyond_its_bounds_is_refused_with_its_length(text: str, words: str) -> None:
    assert details(Short, text=text) == {"text": [words]}


def test_five_thousand_emoji_are_a_long_text_and_one_more_is_too_long() -> None:
    validate(Long, {"text": SMILE * 5000})
    assert details(Long, text=SMILE * 5000 + "a") == {"text": ["At most 10000 characters; this has 10001."]}
    assert details(Long, text="") == {"text": ["This cannot be blank."]}


def test_the_bounds_stand_in_the_schema() -> None:
    assert Short.model_json_schema()["properties"]["text"] == {
        "maxLength": 4, "minLength": 2, "title": "Text", "type": "string"
    }  # fmt: skip


# A small message must not make a large answer


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("levels", [190, 240, 300, 900])
def test_what_is_nested_too_deeply_is_refused_or_taken_but_never_a_fault(levels: int) -> None:
    if levels < 200:
        validate(Everything, {"any": nested(levels)})
    else:
        assert details(Everything, any=nested(levels)) == {"params": ["This is nested too deeply."]}


@pytest.mark.parametrize(
    "params",
    [
        {"items": ["x"] * 16_000},
        {"named": {"x" * 30_000: {f"{n:04}": 0 for n in range(4000)}}},
        {"named": {"x" * 30_000: {}} | {str(n): {} for n in range(4000)}},
        {"any": {"x" * 30_000: ["\0"] * 4000}},
        {"any": ["\0"] * 8000},
        {f"{n:04}": 0 for n in range(6000)},
        {"x" * 60_000: 0},
    ],
    ids=["items", "long name", "many names", "null under a long name", "null", "unknown", "long unknown"],
)
def test_the_answer_is_never_much_larger_than_the_message(params: dict[str, Any]) -> None:
    assert len(orjson.dumps(params)) < 65_536 * 1.1
    found = details(Everything, **params)
    assert found
    assert len(orjson.dumps(found)) < 65_536
