"""The base classes of what goes in and what comes out, and the types that PROTOCOL.md, section 11, fixes."""

from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


class Params(BaseModel):
    """What a method takes. Types are those of JSON, nothing is converted, and an unknown member is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class View(BaseModel):
    """What a method answers, or an event tells: the one flat shape of a thing."""

    # What has a default is sent all the same, and the published schema says so.
    model_config = ConfigDict(from_attributes=True, frozen=True, json_schema_serialization_defaults_required=True)

    @classmethod
    def of(cls, source: object) -> Self:
        """The view of a row or a mapping."""
        return cls.model_validate(source)


class Encoded(bytes):
    """A result that its handler has encoded already."""


class Nothing(Params):
    """The params of a method that takes none."""


def utf16_length(text: str) -> int:
    """How long JavaScript says a text is: characters beyond the basic plane count twice."""
    return len(text) + sum(character > "\uffff" for character in text)


@dataclass(frozen=True, slots=True)
class Utf16:
    """Bounds of a text in UTF-16 code units (PROTOCOL.md, section 11)."""

    max: int
    min: int = 0

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        described = handler(schema)
        return {**described, "minLength": self.min, "maxLength": self.max}

    def _check(self, text: str) -> str:
        length = utf16_length(text)
        if length > self.max:
            raise PydanticCustomError(
                "too_long", "At most {max} characters; this has {length}.", {"max": self.max, "length": length}
            )
        if length < self.min:
            raise PydanticCustomError("too_short", "At least {min} characters.", {"min": self.min})
        return text


LongText = Annotated[str, Utf16(max=10_000, min=1)]
"""A message, a prompt, a cover letter (PROTOCOL.md, section 12)."""
