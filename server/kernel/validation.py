"""Params from JSON to typed objects, with every field that is wrong named at once."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from models.errors import Invalid
from models.kit.text import has_surrogate, storable
from server.kernel.fields import whole_numbers
from server.kernel.shapes import Params

TEXTS: Mapping[str, str] = {
    "missing": "This field is required.",
    "extra_forbidden": "Unknown parameter.",
    "string_type": "This must be a text.",
    "int_type": "This must be a whole number.",
    "float_type": "This must be a number.",
    "bool_type": "This must be true or false.",
    "list_type": "This must be a list.",
    "dict_type": "This must be an object.",
    "model_type": "This must be an object.",
    "uuid_parsing": "This must be an id.",
    "uuid_type": "This must be an id.",
    "json_invalid": "This is nested too deeply.",  # it came out of a JSON parser, so it can be nothing else
}
"""What a person reads in place of pydantic's own words, where those speak of Python."""

NULL = "The character U+0000 is not allowed."
SURROGATE = "This holds half of a character (a lone surrogate)."
MOST_TEXTS = 100
LONGEST_NAME = 120
"""A message of 64 KiB can be wrong in thousands of places with long names: the answer to it must stay small."""


def encode(params: Mapping[str, Any], option: int = 0) -> bytes:
    """Params as JSON again, with whole numbers as such: `20.0` is 20.

    Raises Invalid for lone surrogates, on their fields, and for what is nested too deeply.
    """
    try:
        encoded = _encode(params, option)
        # orjson writes whole floats with one zero; a text that looks like one costs a walk and no more.
        return orjson.dumps(whole_numbers(params), option=option) if b".0" in encoded else encoded
    except (orjson.JSONEncodeError, RecursionError) as error:
        raise Invalid({"params": [TEXTS["json_invalid"]]}) from error


def _encode(params: Mapping[str, Any], option: int) -> bytes:
    try:
        return orjson.dumps(params, option=option)
    except orjson.JSONEncodeError as error:
        if found := _fields_with(params, has_surrogate, SURROGATE):
            raise Invalid(found) from error
    # Whole numbers beyond 64 bits came out of the exact parser; a float is what everything else reads them as.
    return orjson.dumps(_within_64_bits(params), option=option)


def validate(model: type[Params], params: Mapping[str, Any]) -> Params:
    """Read params as a method's type; raises Invalid with texts for the fields that are wrong, all at once."""
    encoded = encode(params)
    try:
        typed = model.model_validate_json(encoded)
    except ValidationError as error:
        raise Invalid(details_of(error)) from error
    # PostgreSQL stores no U+0000, so it is refused here rather than failing there.
    if b"\\u0000" in encoded and (found := _fields_with(params, _has_null, NULL)):
        raise Invalid(found)
    return typed


def details_of(error: ValidationError) -> dict[str, list[str]]:
    """Texts by field, a hundred at most; what is nested is named with dots, as in `address.city` or `items.0`."""
    details: dict[str, list[str]] = {}
    for one in error.errors(include_url=False, include_input=False)[:MOST_TEXTS]:
        field = ".".join(str(part)[:LONGEST_NAME] for part in one["loc"])[:LONGEST_NAME]
        details.setdefault(field or "params", []).append(_text(one))
    return details


def _text(error: ErrorDetails) -> str:
    message = TEXTS.get(error["type"], error["msg"])
    message = message.removeprefix("Value error, ").removeprefix("Input should be ")
    return message[:1].upper() + message[1:]


def _fields_with(params: Mapping[str, Any], odd: Callable[[str], bool], text: str) -> dict[str, list[str]]:
    """The fields whose texts, or names, are odd, with what to say of each."""
    return {field: [text] for field in islice(_odd(params, odd), MOST_TEXTS)}


def _has_null(text: str) -> bool:
    return "\0" in text


def _odd(value: object, odd: Callable[[str], bool], path: str = "") -> Iterator[str]:
    match value:
        case str() if odd(value):
            yield path
        case dict():
            for key, one in value.items():
                yield from _odd(key, odd, path or "params")
                yield from _odd(one, odd, _below(path, key))
        case list():
            for index, one in enumerate(value):
                yield from _odd(one, odd, _below(path, index))


def _below(path: str, part: object) -> str:
    return storable(f"{path}.{part}".lstrip(".")[:LONGEST_NAME])


def _within_64_bits(value: Any) -> Any:
    match value:
        case bool():
            return value
        case int() if not -(2**63) <= value < 2**64:
            return float(value) if abs(value) < 10**300 else 1e300
        case dict():
            return {name: _within_64_bits(one) for name, one in value.items()}
        case list():
            return [_within_64_bits(one) for one in value]
        case _:
            return value
