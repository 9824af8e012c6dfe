"""JSON-RPC as bytes: the examples of the specification, every kind of id, and garbage of every kind."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel import protocol
from server.kernel.errors import to_wire
from server.kernel.protocol import NO_ID, Batch, Malformed, Request

MAX_BATCH = 50

Parsed = Request | Malformed | Batch


def parse(frame: bytes | str) -> Parsed:
    return protocol.parse(frame, max_batch=MAX_BATCH)


def request(frame: bytes | str) -> Request:
    parsed = parse(frame)
    assert isinstance(parsed, Request), parsed
    return parsed


def refused(parsed: Parsed) -> tuple[int, Any]:
    """The code and the id that something is answered with."""
    assert isinstance(parsed, Malformed), parsed
    return to_wire(parsed.error).kind.code, parsed.id


def call(id_: str) -> bytes:
    return b'{"jsonrpc":"2.0","method":"a.b","id":%b}' % id_.encode()


# The examples of the specification, section 7


def test_positional_params_are_read_as_they_came() -> None:
    read = request('{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}')
    assert read == Request("subtract", [42, 23], 1)


def test_named_params_are_read_as_they_came() -> None:
    read = request('{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}')
    assert read == Request("subtract", {"subtrahend": 23, "minuend": 42}, 3)


@pytest.mark.parametrize(
    ("frame", "params"),
    [
        ('{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}', [1, 2, 3, 4, 5]),
        ('{"jsonrpc": "2.0", "method": "foobar"}', None),
    ],
)
def test_without_an_id_it_is_a_notification(frame: str, params: Any) -> None:
    read = request(frame)
    assert read.is_notification
    assert read.params == params


@pytest.mark.parametrize(
    "frame",
    [
        '{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]',
        '[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},{"jsonrpc": "2.0", "method"]',
    ],
)
def test_invalid_json_is_a_parse_error(frame: str) -> None:
    assert refused(parse(frame)) == (-32700, None)


def test_an_invalid_request_object_is_refused() -> None:
    assert refused(parse('{"jsonrpc": "2.0", "method": 1, "params": "bar"}')) == (-32600, None)


def test_an_empty_batch_is_one_invalid_request() -> None:
    assert refused(parse("[]")) == (-32600, None)


@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_of_what_are_no_requests_is_refused_item_by_item(count: int) -> None:
    parsed = parse(orjson.dumps(list(range(count))))
    assert isinstance(parsed, Batch)
    assert [refused(item) for item in parsed.items] == [(-32600, None)] * count


def test_a_mixed_batch_is_read_item_by_item() -> None:
    parsed = parse("""[
        {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
        {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
        {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
        {"foo": "boo"},
        {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
        {"jsonrpc": "2.0", "method": "get_data", "id": "9"}
    ]""")
    assert isinstance(parsed, Batch)
    ids = [item.id for item in parsed.items]
    assert ids == ["1", NO_ID, "2", None, "5", "9"]
    assert refused(parsed.items[3]) == (-32600, None)


# Ids


@pytest.mark.parametrize(
    ("id_", "value"),
    [
        ('"1"', "1"),
        ('""', ""),
        ('"\\ud83d\\ude00"', "\U0001f600"),
        ("1", 1),
        ("0", 0),
        ("-7", -7),
        ("9223372036854775807", 2**63 - 1),
        ("18446744073709551615", 2**64 - 1),
        ("1.5", 1.5),
        ("1e20", 1e20),
        ("null", None),
    ],
)
def test_a_string_a_number_and_null_are_ids(id_: str, value: Any) -> None:
    read = request(call(id_))
    assert (type(read.id), read.id) == (type(value), value)
    assert not read.is_notification


@pytest.mark.parametrize("id_", ["true", "false", "[]", "[1]", "{}", '{"a":1}'])
def test_no_other_value_is_an_id(id_: str) -> None:
    assert refused(parse(call(id_))) == (-32600, None)


def test_an_id_beyond_64_bits_is_the_nearest_number_a_double_can_hold() -> None:
    assert request(call(str(2**70))).id == float(2**70)


@pytest.mark.parametrize("id_", [None, "a", 'a"b\\c\u2028\U0001f600', 0, -1, 1.5, 2**63])
def test_a_reply_gives_the_id_back(id_: Any) -> None:
    assert orjson.loads(protocol.result(id_, b"[1]")) == {"jsonrpc": "2.0", "id": id_, "result": [1]}
    assert orjson.loads(protocol.error(id_, {"code": 1})) == {"jsonrpc": "2.0", "id": id_, "error": {"code": 1}}


# What a request is


@pytest.mark.parametrize(
    "version", ['"1.0"', "2.0", "2", "null", '"2"', '["2.0"]', '"2.0 "'], ids=lambda text: text.replace('"', "'")
)
def test_another_version_is_refused_with_the_id(version: str) -> None:
    assert refused(parse(f'{{"jsonrpc":{version},"method":"a","id":7}}')) == (-32600, 7)


def test_a_missing_version_is_refused_with_the_id() -> None:
    assert refused(parse('{"method":"a","id":"x"}')) == (-32600, "x")


@pytest.mark.parametrize("method", ["null", "1", "true", "[]", "{}"])
def test_a_method_that_is_no_text_is_refused_with_the_id(method: str) -> None:
    assert refused(parse(f'{{"jsonrpc":"2.0","method":{method},"id":7}}')) == (-32600, 7)


@pytest.mark.parametrize("params", ["null", "1", '"bar"', "true", "1.5"])
def test_params_are_an_object_or_an_array(params: str) -> None:
    assert refused(parse(f'{{"jsonrpc":"2.0","method":"a","params":{params},"id":7}}')) == (-32600, 7)


@pytest.mark.parametrize("value", ["null", "true", "1", "1.5", '"text"'])
def test_any_other_json_value_is_an_invalid_request(value: str) -> None:
    assert refused(parse(value)) == (-32600, None)


def test_a_response_is_no_request() -> None:
    assert refused(parse('{"jsonrpc":"2.0","id":3,"result":1}')) == (-32600, 3)


def test_members_that_nobody_knows_are_ignored() -> None:
    assert request('{"jsonrpc":"2.0","method":"a","id":1,"trace":"x"}') == Request("a", None, 1)


# Batches


@pytest.mark.parametrize(("count", "fits"), [(1, True), (50, True), (51, False), (5000, False)])
def test_a_batch_holds_at_most_fifty(count: int, fits: bool) -> None:
    parsed = parse(b"[" + b",".join([call("1")] * count) + b"]")
    if fits:
        assert isinstance(parsed, Batch)
        assert len(parsed.items) == count
        return
    assert refused(parsed) == (-32600, None)
    assert isinstance(parsed, Malformed)
    assert parsed.error.data == {"limit": 50}


def test_a_batch_in_a_batch_is_an_invalid_request() -> None:
    parsed = parse(b"[[" + call("1") + b"]]")
    assert isinstance(parsed, Batch)
    assert [refused(item) for item in parsed.items] == [(-32600, None)]


# Garbage


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b" ",
        b"{",
        b"nul",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"1e400",
        b"-1e400",
        b"'a'",
        b"01",
        b"{'a':1}",
        b'{"a":1,}',
        b"[1,]",
        b"{}{}",
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b'"\x01"',
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'{"jsonrpc":"2.0","method":"a","params":{"x":NaN},"id":1}',
        b'{"jsonrpc":"2.0","method":"a","params":{"x":1e400},"id":1}',
        "\ud800",
        '"\ud800"',
    ],
)
def test_what_is_not_json_is_a_parse_error(frame: bytes | str) -> None:
    assert refused(parse(frame)) == (-32700, None)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("closed", [True, False])
def test_ten_thousand_levels_are_a_parse_error(opening: str, closing: str, closed: bool) -> None:
    deep = opening * 10_000 + "1" + (closing * 10_000 if closed else "")
    assert refused(parse(deep)) == (-32700, None)


def test_the_last_of_two_equal_members_counts() -> None:
    assert request('{"jsonrpc":"2.0","method":"a","method":"b","id":1,"id":2}') == Request("b", None, 2)


# Whatever comes

ids = st.none() | st.text() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.floats(allow_nan=False)
values = st.recursive(
    scalars.filter(lambda value: value not in (float("inf"), float("-inf"))),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
requests = st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0"), "method": st.text()},
    optional={"id": ids, "params": st.dictionaries(st.text(), values, max_size=4) | st.lists(values, max_size=4)},
)


@given(st.binary())
def test_no_bytes_make_it_raise(frame: bytes) -> None:
    assert isinstance(parse(frame), Request | Malformed | Batch)


@given(st.text(st.characters()))
def test_no_text_makes_it_raise(frame: str) -> None:
    assert isinstance(parse(frame), Request | Malformed | Batch)


@given(values)
def test_no_json_makes_it_raise(value: Any) -> None:
    parsed = parse(orjson.dumps(value))
    items = parsed.items if isinstance(parsed, Batch) else [parsed]
    for item in items:
        if isinstance(item, Malformed):
            assert refused(item)[0] == -32600


@given(
    st.dictionaries(st.sampled_from(["jsonrpc", "method", "params", "id", "x"]), values | st.just("2.0")).map(
        orjson.dumps
    )
)
def test_what_is_nearly_a_request_is_read_or_refused(frame: bytes) -> None:
    parsed = parse(frame)
    if isinstance(parsed, Malformed):
        assert refused(parsed)[0] == -32600
    else:
        assert isinstance(parsed, Request)


@given(requests)
def test_every_well_formed_request_is_read_back(value: dict[str, Any]) -> None:
    read = request(orjson.dumps(value))
    assert read.method == value["method"]
    assert read.params == value.get("params")
    assert read.is_notification == ("id" not in value)
    if "id" in value:
        assert orjson.dumps(read.id) == orjson.dumps(value["id"])


@given(st.lists(requests, min_size=1, max_size=50))
def test_every_well_formed_batch_is_read_back(many: list[dict[str, Any]]) -> None:
    parsed = parse(orjson.dumps(many))
    assert isinstance(parsed, Batch)
    assert [item.method for item in parsed.items if isinstance(item, Request)] == [one["method"] for one in many]


@given(ids, values)
def test_every_reply_is_json_with_exactly_three_members(id_: Any, value: Any) -> None:
    encoded = orjson.dumps(value)
    assert orjson.loads(protocol.result(id_, encoded)) == {
        "jsonrpc": "2.0",
        "id": orjson.loads(orjson.dumps(id_)),
        "result": orjson.loads(encoded),
    }
    assert (
        orjson.loads(protocol.batch([protocol.result(id_, encoded)] * 2))
        == [orjson.loads(protocol.result(id_, encoded))] * 2
    )
