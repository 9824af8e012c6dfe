"""What comes in is one of a few types: a walk over the registry finds none that is not."""

import types
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

import annotated_types
import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from models.account import rules
from models.errors import Invalid
from models.kit.text import as_typed, cut, is_blank, storable, utf16_length, without_ignorable
from server.compose.domains import MODULES
from server.kernel import fields, protocol
from server.kernel.fields import Day, LongText, Moment, Text
from server.kernel.registry import Registry
from server.kernel.shapes import Params
from server.kernel.validation import encode, validate

REGISTRY = Registry.of(MODULES)

ANYTHING = {
    "session.ping t": "sent back as it came",
    "assessment.attempt.save_response response": "its shape depends on the question",
    "assessment.attempt.save_responses responses.response": "the same",
    "onboarding.step.submit answers": "its shape depends on the step",
}
"""Params whose shape their domain checks itself, and why."""


def odd(hint: Any, where: str, metadata: tuple[Any, ...] = ()) -> Iterator[str]:
    """Where below a type a text has no bound in UTF-16 units, a number none at all, or a moment is another's."""
    origin = get_origin(hint)
    if origin is Annotated:
        inner, *more = get_args(hint)
        yield from odd(inner, where, (*metadata, *more))
    elif origin in {Union, types.UnionType}:
        for one in get_args(hint):
            yield from odd(one, where, metadata)
    elif origin in {list, set, tuple, dict}:
        for one in get_args(hint):
            yield from odd(one, where)
    elif origin is Literal or hint in {bool, type(None), *IDS} or is_refused(metadata):
        return
    elif isinstance(hint, type) and issubclass(hint, BaseModel):
        for name, field in hint.model_fields.items():
            yield from odd_field(field, f"{where}.{name}".lstrip("."))
    elif not fits(hint, metadata):
        yield where


IDS = {UUID}


def odd_field(field: FieldInfo, where: str) -> Iterator[str]:
    yield from odd(field.annotation, where, tuple(field.metadata))


def is_refused(metadata: tuple[Any, ...]) -> bool:
    """A member that is only there to be refused with a sentence of its own."""
    return any(getattr(getattr(one, "func", None), "__name__", "") == "refuse" for one in metadata)


def fits(hint: Any, metadata: tuple[Any, ...]) -> bool:
    if hint is str:
        return any(isinstance(one, Text) for one in metadata)
    if hint in {int, float, Decimal}:
        bounds = (annotated_types.Ge, annotated_types.Gt, annotated_types.Le, annotated_types.Lt)
        flat = [part for one in metadata for part in (getattr(one, "metadata", None) or [one])]
        kinds = {type(one) for one in flat}
        return bool(kinds & set(bounds[:2])) and bool(kinds & set(bounds[2:]))
    if hint is datetime:
        return fields._RFC3339Moment in metadata
    if hint is date:
        return fields._Day in metadata
    return False


def test_every_param_is_of_a_bounded_type() -> None:
    found = {f"{method.name} {one}" for method in REGISTRY.methods.values() for one in odd(method.params, "")}
    assert found - {"rpc.cancel id"} == set(ANYTHING)


def test_the_walk_finds_what_is_odd() -> None:
    class Below(Params):
        moment: datetime

    class Wrong(Params):
        text: str
        number: int | None
        half: Annotated[int, annotated_types.Ge(0)]
        many: list[dict[str, Annotated[str, Text(max=3)]]]
        below: Below

    assert list(odd(Wrong, "")) == ["text", "number", "half", "many", "below.moment"]


# Moments


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31T09:30:00Z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("2026-01-31t09:30:00z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("2026-01-31T09:30:00.123456789+05:30", datetime(2026, 1, 31, 4, 0, 0, 123456, tzinfo=UTC)),
        ("1900-01-01T00:00:00Z", datetime(1900, 1, 1, tzinfo=UTC)),
    ],
)
def test_moments(text: str, moment: datetime) -> None:
    assert TypeAdapter(Moment).validate_python(text) == moment


@pytest.mark.parametrize(
    "value",
    [
        *(
            "0",
            "1795600000",
            1795600000,
            1.5,
            True,
            None,
            "",
            "2026-01-31",
            "2026-01-31T09:30:00",
            "2026-01-31 09:30:00Z",
        ),
        *(
            "2026-01-31T09:30Z",
            "2026-02-30T09:30:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T09:30:60Z",
            "20260131T093000Z",
        ),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1899-12-31T23:59:59Z", "2200-01-01T00:00:00Z"),
        *("٢٠٢٦-01-31T09:30:00Z", "2026-01-31T09:30:00+99:99"),
    ],
)
def test_what_is_no_moment(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Moment).validate_python(value)


@pytest.mark.parametrize(
    "value", ["1795600000", "0", 0, "2026-1-1", "2026-01-31T00:00:00Z", "2026-02-30", "٢٠٢٦-01-31"]
)
def test_what_is_no_day(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(value)


def test_a_moment_can_be_reckoned_with() -> None:
    for moment in (fields.EARLIEST, fields.LATEST):
        assert (moment + timedelta(days=400 * 30)).astimezone(timezone(timedelta(hours=14)))
        assert (moment - timedelta(days=400 * 30)).astimezone(timezone(timedelta(hours=-14)))


# Texts

INVISIBLE = [
    *("", " ", "\t\n", "\u00a0", "\u3000", "\u200b", "\u2060", "\u3164", "\u3164\u3164", "\u2800", "\ufeff", "\u00ad"),
    *("\u1160", "\uffa0", "\u200c\u200d", "\u202e", "\ufe0f", "\U000e0041", "\x00", "\x1b", " \u200b\u00a0\u2800 "),
]
VISIBLE = ["a", ".", "علی‌رضا", "👩‍👩‍👧", "·", "李", "\u0301a", "\u200bx\u200b"]


@pytest.mark.parametrize("text", INVISIBLE)
def test_a_text_of_which_nothing_can_be_seen_is_blank(text: str) -> None:
    assert is_blank(text)
    with pytest.raises(ValidationError):
        TypeAdapter(LongText).validate_python(text)


@pytest.mark.parametrize("text", VISIBLE)
def test_a_text_of_which_something_can_be_seen_is_not(text: str) -> None:
    assert not is_blank(text)


def test_lengths_are_utf16_units() -> None:
    of = TypeAdapter(Annotated[str, Text(max=500)])
    assert of.validate_python("👍" * 250)
    with pytest.raises(ValidationError, match="At most 500 characters; this has 502"):
        of.validate_python("👍" * 251)


def test_cutting_leaves_no_half_of_a_character() -> None:
    assert cut("a👍b", 2) == "a"
    assert cut("a👍b", 3) == "a👍"
    assert cut("a👍b", 200) == "a👍b"
    assert utf16_length(cut("👍" * 300, 199)) == 198


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("It’s “fine” – really…", 'It\'s "fine" - really...'),
        ("soft\u00adhyphen  and\u00a0space", "softhyphen and space"),
        ("\u200bx\u2060", "x"),
        ("ﬁne", "fine"),
    ],
)
def test_texts_as_people_type_them(typed: str, meant: str) -> None:
    assert as_typed(typed) == meant


def test_what_can_be_stored() -> None:
    assert storable("a\0b\ud83dc") == "a\ufffdb\ufffdc"
    assert without_ignorable("a\u200c\u200bb") == "ab"


# Names


@pytest.mark.parametrize("name", ["علی‌رضا", "Gal·la", "李", "김", "Ana\u00a0María", "D’Arcy O'Neil", "क्‍ष"])
def test_names_as_people_have_them(name: str) -> None:
    assert rules.name_faults(rules.clean_name(name)) == []


@pytest.mark.parametrize(
    "name", ["ㅤㅤ", "\u200c\u200c", "A", "··", "\u2800\u2800", "\u200bAda", "Ada\u202eLovelace", "x" * 51]
)
def test_what_is_no_name(name: str) -> None:
    assert rules.name_faults(rules.clean_name(name)) != []


def test_spaces_of_all_kinds_are_one() -> None:
    assert rules.clean_name(" Ada  Love\u00a0lace\u200d ") == "Ada Love lace"


@pytest.mark.parametrize("name", ["admin", "Admin", "SUPPORT", "root", "null", "ａｄｍｉｎ"])
def test_reserved_usernames(name: str) -> None:
    assert rules.username_faults(rules.clean_username(name)) == [
        "This username is reserved. Please choose another one."
    ]


# Requests


def parsed(frame: str) -> protocol.Request:
    request = protocol.parse(frame.encode(), max_batch=50)
    assert isinstance(request, protocol.Request), request
    return request


class Texts(Params):
    text: Annotated[str, Text(max=20)] = ""
    deep: dict[Annotated[str, Text(max=20)], list[Annotated[str, Text(max=20)]]] = Field(default={})
    number: Annotated[int, annotated_types.Ge(0), annotated_types.Le(10**6)] = 0


@pytest.mark.parametrize(
    ("params", "field"),
    [
        (r'{"text":"hi \ud83d"}', "text"),
        (r'{"deep":{"a":["x","\udc00"]}}', "deep.a.1"),
        (r'{"deep":{"\ud800":[]}}', "deep"),
        (r'{"\ud800":1}', "params"),
        (r'{"text":"\u0000"}', "text"),
    ],
)
def test_half_of_a_character_is_wrong_in_its_field_and_the_request_keeps_its_id(params: str, field: str) -> None:
    request = parsed(f'{{"jsonrpc":"2.0","id":7,"method":"x","params":{params}}}')
    assert request.id == 7
    with pytest.raises(Invalid) as caught:
        validate(Texts, request.params)  # type: ignore[arg-type]  # an object
    assert field in caught.value.data["details"]


@pytest.mark.parametrize("id_", [str(2**70), str(-(2**65)), "1e300", "0.1", "20.0", '"x"', str(2**64 - 1)])
def test_an_id_comes_back_as_it_was_sent(id_: str) -> None:
    request = parsed(f'{{"jsonrpc":"2.0","id":{id_},"method":"x"}}')
    reply = protocol.result(request.id, b"1")
    assert (
        float(id_) == float(reply.split(b":")[2].split(b",")[0]) if id_[0] != '"' else f'"id":{id_}'.encode() in reply
    )
    if "." not in id_ and "e" not in id_:
        assert f'"id":{id_},'.encode() in reply


def test_an_id_with_half_of_a_character_is_none() -> None:
    malformed = protocol.parse(rb'{"jsonrpc":"2.0","id":"\ud83d","method":"x"}', max_batch=50)
    assert isinstance(malformed, protocol.Malformed)
    assert malformed.id is None


@pytest.mark.parametrize("frame", [b"{", b'{"a":NaN}', b"\xff", b'{"id":Infinity}', b"[" * 5000, b""])
def test_what_is_not_json_is_a_parse_error(frame: bytes) -> None:
    malformed = protocol.parse(frame, max_batch=50)
    assert isinstance(malformed, protocol.Malformed)


def test_whole_numbers_may_be_written_with_a_point() -> None:
    assert validate(Texts, {"number": 20.0}) == Texts(number=20)
    for wrong in (20.5, 1e20, 2**70, "20", True):
        with pytest.raises(Invalid) as caught:
            validate(Texts, {"number": wrong})
        assert list(caught.value.data["details"]) == ["number"]
    with pytest.raises(Invalid) as caught:
        validate(Texts, {"text": 1e20})
    assert caught.value.data["details"] == {"text": ["This must be a text."]}
    assert encode({"a": 1e20, "b": [1.0, {"c": 2.0}]}) == b'{"a":1e+20,"b":[1,{"c":2}]}'
