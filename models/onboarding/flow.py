"""Flows: their steps are data with a version, and each step makes the model that its answers have to fit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model
from pydantic_core import PydanticCustomError
from tortoise import fields
from uuid_utils.compat import uuid7

from models.account.profile_rules import clean_locale, locale_faults, timezone_faults
from models.base import Row
from models.kit.text import is_blank, utf16_length
from models.onboarding import default
from models.work import Work

TEXT_MAX, TEXTS_MAX = 500, 20

_ADD = """
WITH added AS (
    INSERT INTO onboarding_flow (id, name, version, steps, created_at, updated_at)
    VALUES ($1, $2, $3, $4::jsonb, $5, $5) ON CONFLICT (name, version) DO NOTHING
) SELECT
"""


class Answers(BaseModel):
    """What the model of every step has in common: types are those of JSON, and nothing else may be there."""

    model_config = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a flow.

    Attributes:
        optional: It may be skipped.
        roles: Who gets it, by the role that they have chosen; None: everybody.
        questions: As in `models.onboarding.default`.
    """

    name: str
    title: str
    optional: bool
    roles: Sequence[str] | None
    questions: Sequence[Mapping[str, Any]]

    @property
    def model(self) -> type[Answers]:
        """What its answers have to fit."""
        return _model(self.name, orjson.dumps(list(self.questions)))

    @property
    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema, for who draws the form."""
        return self.model.model_json_schema()

    def read(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The answers as they are kept; raises pydantic's ValidationError for those that do not fit."""
        return self.model.model_validate_json(orjson.dumps(answers)).model_dump(mode="json", exclude_none=True)

    def concerns(self, role: str | None) -> bool:
        """Whether it is on the way of somebody who has chosen this role."""
        return self.roles is None or role in self.roles


class OnboardingFlow(Row):
    """One version of a flow. It never changes: who has begun it goes on with it."""

    name = fields.CharField(max_length=40)
    version: int = fields.IntField()
    steps: list[dict[str, Any]] = fields.JSONField()

    class Meta:
        table = "onboarding_flow"
        unique_together = (("name", "version"),)

    @classmethod
    def current(cls) -> Self:
        """The flow that somebody new takes, as it would be stored."""
        return cls(name=default.NAME, version=default.VERSION, steps=[dict(step) for step in default.STEPS])

    @classmethod
    async def stored(cls, work: Work) -> Self:
        """The same as a row."""
        flow = cls.current()
        row = await cls.get_or_none(name=flow.name, version=flow.version)
        if row is None:
            steps = orjson.dumps(flow.steps).decode()
            await cls._meta.db.execute_query_dict(_ADD, [uuid7(), flow.name, flow.version, steps, work.now])
            row = await cls.get(name=flow.name, version=flow.version)
        return row

    def path(self, role: str | None) -> list[Step]:
        """The steps of somebody who has chosen a role, or none yet, in their order."""
        return [step for step in (Step(**one) for one in self.steps) if step.concerns(role)]


@cache
def _model(name: str, questions: bytes) -> type[Answers]:
    members: dict[str, Any] = {question["name"]: _member(question) for question in orjson.loads(questions)}
    made: type[Answers] = create_model(f"{name.title().replace('_', '')}Answers", __base__=Answers, **members)
    return made


def _member(question: Mapping[str, Any]) -> tuple[Any, Any]:
    kind = KINDS[question["kind"]](question)
    described = Field(title=question["title"]) if question["required"] else Field(None, title=question["title"])
    return kind if question["required"] else kind | None, described


def _checked(faults: Callable[[str], list[str]]) -> AfterValidator:
    def check(text: str) -> str:
        if found := faults(text):
            raise PydanticCustomError("rule", "{text}", {"text": found[0]})
        return text

    return AfterValidator(check)


def _distinct(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _fits(text: str) -> list[str]:
    return [] if utf16_length(text) <= TEXT_MAX else [f"At most {TEXT_MAX} characters."]


def _not_blank(text: str) -> list[str]:
    return ["This field is required."] if is_blank(text) else []


def _choice(question: Mapping[str, Any]) -> Any:
    return Literal[tuple(question["options"])]


_Text = Annotated[str, _checked(_fits), AfterValidator(str.strip), _checked(_not_blank)]
_List = Field(min_length=1, max_length=TEXTS_MAX)

KINDS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "text": lambda _: _Text,
    "texts": lambda _: Annotated[list[_Text], _List, AfterValidator(_distinct)],
    "choice": _choice,
    "choices": lambda question: Annotated[list[_choice(question)], _List, AfterValidator(_distinct)],  # type: ignore[misc]
    "integer": lambda question: Annotated[int, Field(ge=0, le=question["max"])],
    "boolean": lambda _: bool,
    "language": lambda _: Annotated[str, _checked(locale_faults), AfterValidator(clean_locale)],
    "timezone": lambda _: Annotated[str, _checked(timezone_faults)],
}
"""By the kind of a question, the type of its answer."""
