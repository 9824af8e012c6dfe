"""The base classes of what goes in and what comes out."""

from typing import Self

from pydantic import BaseModel, ConfigDict


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
