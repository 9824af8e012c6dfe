"""Params from JSON to typed objects, with every field that is wrong named at once."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from models.errors import Invalid
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

MOST_TEXTS = 100
LONGEST_NAME = 120
"""A message of 64 KiB can be wrong in thousands of places with long names: the answer to it must stay small."""


def encode(params: Mapping[str, Any], option: int = 0) -> bytes:
    """Params as JSON again; raises Invalid when they are nested too deeply for that."""
    try:
        return orjson.dumps(params, option=option)
    except orjson.JSONEncodeError as error:
        raise Invalid({"params": [TEXTS["json_invalid"]]}) from error


def validate(model: type[Params], params: Mapping[str, Any]) -> Params:
    """Read params as a method's type; raises Invalid with texts for the fields that are wrong, all at once."""
    encoded = encode(params)
    try:
        typed = model.model_validate_json(encoded)
    except ValidationError as error:
        raise Invalid(details_of(error)) from error
    # PostgreSQL stores no U+0000, so it is refused here rather than failing there.
    if b"\\u0000" in encoded and (found := list(islice(_null_characters(params), MOST_TEXTS))):
        raise Invalid({field: ["The character U+0000 is not allowed."] for field in found})
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


def _null_characters(value: object, path: str = "") -> Iterator[str]:
    match value:
        case str() if "\0" in value:
            yield path
        case dict():
            for key, one in value.items():
                yield from _null_characters(key, path or "params")
                yield from _null_characters(one, _below(path, key))
        case list():
            for index, one in enumerate(value):
                yield from _null_characters(one, _below(path, index))


def _below(path: str, part: object) -> str:
    return f"{path}.{part}".lstrip(".")[:LONGEST_NAME]
