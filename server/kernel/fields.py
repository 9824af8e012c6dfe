"""The types of what comes in. Every text, number and moment of a method's params is one of these.

Lengths are UTF-16 code units, as JavaScript counts them. Lone surrogates and U+0000 are refused wherever a text may
stand (server/kernel/validation.py). A text is blank if nothing of it can be seen. Moments are RFC 3339.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from models.errors import Invalid
from models.kit.text import is_blank, utf16_length
from server.kernel.shapes import View

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
LARGEST = 2**53 - 1
"""The largest whole number that JavaScript holds exactly."""

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Text:
    """Bounds of a text in UTF-16 code units; `blank` says whether one that shows nothing is taken."""

    max: int
    min: int = 0
    blank: bool = True

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        described = handler(schema)
        return {**described, "minLength": max(self.min, int(not self.blank)), "maxLength": self.max}

    def _check(self, text: str) -> str:
        length = utf16_length(text)
        if length > self.max:
            raise PydanticCustomError(
                "too_long", "At most {max} characters; this has {length}.", {"max": self.max, "length": length}
            )
        if length < self.min:
            raise PydanticCustomError("too_short", "At least {min} characters.", {"min": self.min})
        if not self.blank and is_blank(text):
            raise PydanticCustomError("blank", "This cannot be blank.")
        return text


class _RFC3339Moment:
    """A moment as RFC 3339, section 5.6, writes it, in UTC; and bounded, so that no arithmetic leaves the calendar."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(read_moment)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": "date-time"}


class _Day:
    """A day of the calendar, `YYYY-MM-DD`."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(read_day)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": "date"}


def read_moment(value: object) -> datetime:
    """Read a moment; raises PydanticCustomError for anything but RFC 3339, and outside of 1900 to 2200."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise PydanticCustomError("moment", "This must be a moment such as 2026-01-31T09:30:00Z.")
    try:
        # Python keeps microseconds; what is finer is cut.
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value.upper())).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise PydanticCustomError("moment", "There is no such moment.") from error
    if not EARLIEST <= moment < LATEST:
        raise PydanticCustomError("moment", "This must be a moment between the years 1900 and 2200.")
    return moment


def read_day(value: object) -> date:
    """Read a day; raises PydanticCustomError for anything but `YYYY-MM-DD`."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise PydanticCustomError("day", "This must be a date such as 2026-01-31.")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise PydanticCustomError("day", "There is no such date.") from error


Moment = Annotated[datetime, _RFC3339Moment]
Day = Annotated[date, _Day]

Title = Annotated[str, Text(max=200, blank=False)]
Category = Annotated[str, Text(max=80, blank=False)]
LongText = Annotated[str, Text(max=10_000, blank=False)]
"""A message, a prompt, a cover letter (PROTOCOL.md, section 12)."""
OptionalText = Annotated[str, Text(max=10_000)]
Search = Annotated[str, Text(max=100)]
Tag = Annotated[str, Text(max=40, blank=False)]
Tags = Annotated[list[Tag], Field(max_length=20)]
Rev = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""A revision, for `if_rev`."""
Whole = Annotated[int, Field(ge=0, le=10 * 365 * 86_400)]
"""A number of seconds or things, from 0 on."""


Number = Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False)]
"""A number that people write, such as an answer or a tolerance."""
Currency = Annotated[str, Text(max=3), Field(pattern=r"^[A-Z]{3}$")]
"""A currency by ISO 4217."""


class Deleted(View):
    """The thing is deleted."""

    deleted: bool


def exactly_one_of(params: BaseModel, *names: str) -> None:
    """Raise Invalid, naming all of them, unless exactly one of these members is given."""
    if _given(params, names) != 1:
        raise _one_of("exactly", names)


def at_most_one_of(params: BaseModel, *names: str) -> None:
    """Raise Invalid, naming all of them, where more than one of these members is given."""
    if _given(params, names) > 1:
        raise _one_of("at most", names)


def _given(params: BaseModel, names: Sequence[str]) -> int:
    return sum(getattr(params, name) is not None for name in names)


def _one_of(how_many: str, names: Sequence[str]) -> Invalid:
    return Invalid({name: [f"Give {how_many} one of {', '.join(names)}."] for name in names})


def whole_numbers(value: Any) -> Any:
    """Return JSON with whole numbers as such: `20.0` is 20. What JavaScript cannot hold exactly stays as it is."""
    match value:
        case float() if value.is_integer() and abs(value) <= LARGEST:
            return int(value)
        case Mapping():
            return {name: whole_numbers(one) for name, one in value.items()}
        case Sequence() if not isinstance(value, str | bytes):
            return [whole_numbers(one) for one in value]
        case _:
            return value
