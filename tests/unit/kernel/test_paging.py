"""Cursors: opaque texts that come back from clients, and may be anything."""

import base64
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import Invalid
from server.kernel.paging import ListParams, decode_cursor, encode_cursor
from server.kernel.validation import validate

TEXT = ["This is not a cursor that a list gave you."]


def packed(value: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


def refused(cursor: str, length: int = 2) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        decode_cursor(cursor, length)
    found: dict[str, list[str]] = caught.value.data["details"]
    return found


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "=",
        "====",
        "a",
        "abcde",
        "é",
        "\0",
        "\ud800",
        "null",
        "A" * 400,
        packed(None),
        packed(1),
        packed("ab"),
        packed({"a": 1, "b": 2}),
        packed([]),
        packed([1]),
        packed([2, 2, 3, 4]),
        base64.b64encode(b"[" * 300).decode(),
        base64.b64encode(b"[NaN,1]").decode(),
        base64.b64encode(b"\xff\xfe").decode(),
    ],
)
def test_what_no_list_gave_is_refused(cursor: str) -> None:
    assert refused(cursor) == {"cursor": TEXT}


def test_what_a_list_gave_is_read() -> None:
    at, id_ = datetime(2026, 11, 21, 9, tzinfo=UTC), uuid4()
    assert decode_cursor(encode_cursor(at, id_), 2) == ["2026-11-21T09:00:00+00:00", str(id_)]


def test_a_cursor_stands_in_a_url_as_it_is() -> None:
    cursor = encode_cursor("?>~ÿ" * 20, "/+=")
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.lists(st.none() | st.text() | st.integers(-(2**63), 2**63) | st.booleans(), max_size=4))
def test_whatever_goes_in_comes_out(values: list[Any]) -> None:
    assert decode_cursor(encode_cursor(*values), len(values)) == values


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_nothing_but_a_refusal_comes_of_garbage(cursor: str) -> None:
    try:
        assert len(decode_cursor(cursor, 2)) == 2
    except Invalid as error:
        assert error.data["details"] == {"cursor": TEXT}  # noqa: PT017 - either outcome is right


@pytest.mark.seed("S1-H03")
@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": -1}, "limit"),
        ({"limit": "5"}, "limit"),
        ({"limit": 1.5}, "limit"),
        ({"cursor": 5}, "cursor"),
        ({"cursor": "a" * 401}, "cursor"),
        ({"page": 2}, "page"),
    ],
)
def test_the_params_of_a_list_have_bounds(params: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        validate(ListParams, params)
    assert list(caught.value.data["details"]) == [field]


def test_a_list_gives_twenty_unless_it_is_told() -> None:
    assert validate(ListParams, {}) == ListParams(limit=20, cursor=None)
