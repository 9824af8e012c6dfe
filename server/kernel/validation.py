"""Params from JSON to typed objects, with every field that is wrong named at once."""

from collections.abc import Mapping
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
}
"""What a person reads in place of pydantic's own words, where those speak of Python."""


def validate(model: type[Params], params: Mapping[str, Any]) -> Params:
    """Read params as a method's type; raises Invalid with texts for every field that is wrong."""
    encoded = orjson.dumps(params)
    try:
        typed = model.model_validate_json(encoded)
    except ValidationError as error:
        raise Invalid(details_of(error)) from error
    # PostgreSQL stores no U+0000, so it is refused here rather than failing there.
    if b"\\u0000" in encoded and (found := _null_characters(params)):
        raise Invalid({field: ["The character U+0000 is not allowed."] for field in found})
    return typed


def details_of(error: ValidationError) -> dict[str, list[str]]:
    """Texts by field; what is nested is named with dots, as in `address.city` or `items.0`."""
    details: dict[str, list[str]] = {}
    for one in error.errors(include_url=False, include_input=False):
        details.setdefault(".".join(map(str, one["loc"])) or "params", []).append(_text(one))
    return details


def _text(error: ErrorDetails) -> str:
    message = TEXTS.get(error["type"], error["msg"])
    message = message.removeprefix("Value error, ").removeprefix("Input should be ")
    return message[:1].upper() + message[1:]


def _null_characters(value: object, path: str = "") -> list[str]:
    match value:
        case str() if "\0" in value:
            return [path]
        case dict():
            found = [
                _null_characters(key, path or "params") + _null_characters(one, f"{path}.{key}".lstrip("."))
                for key, one in value.items()
            ]
            return [field for fields in found for field in fields]
        case list():
            found = [_null_characters(one, f"{path}.{index}".lstrip(".")) for index, one in enumerate(value)]
            return [field for fields in found for field in fields]
        case _:
            return []
