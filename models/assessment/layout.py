"""What one attempt asks, in which order: drawn and shuffled once when it starts, and frozen from then on."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from random import SystemRandom
from typing import Any, Protocol
from uuid import UUID

from models.assessment.question_types import MATRIX, ORDERED

RANDOM = SystemRandom()
FREE, SEQUENTIAL, NO_BACKTRACK = "free", "sequential", "no_backtrack"


class Asked(Protocol):
    """A version of a question, as far as a layout concerns itself with it."""

    id: UUID
    question_id: UUID
    points: float

    @property
    def type(self) -> str:
        """Its type."""

    @property
    def tags(self) -> Sequence[str]:
        """What it is about."""

    @property
    def options(self) -> Sequence[Mapping[str, Any]]:
        """What can be chosen, each with its `id`."""


@dataclass(frozen=True, slots=True)
class Place:
    """One question of an attempt.

    Attributes:
        version_id: Which version of it was there when the attempt started.
        points: What it is worth here. The person is not shown this before the review opens.
        options: The ids of its options in the order in which they are shown.
    """

    question_id: UUID
    version_id: UUID
    points: float
    tags: Sequence[str]
    options: Sequence[str]


@dataclass(frozen=True, slots=True)
class Part:
    """One section of an attempt."""

    section_id: UUID
    title: str
    instructions: str
    places: Sequence[Place]


@dataclass(frozen=True)
class Layout:
    """All sections of an attempt."""

    parts: Sequence[Part]

    @cached_property
    def places(self) -> Mapping[UUID, Place]:
        """All questions by their id, in the order in which they are asked."""
        return {place.question_id: place for part in self.parts for place in part.places}

    @cached_property
    def positions(self) -> Mapping[UUID, int]:
        """The number of each question, from 0."""
        return {question_id: number for number, question_id in enumerate(self.places)}

    def kept(self) -> list[dict[str, Any]]:
        """As the attempt's row keeps it."""
        return [_plain(asdict(part)) for part in self.parts]

    @classmethod
    def parse(cls, kept: Sequence[Mapping[str, Any]]) -> "Layout":
        """What `kept` made."""
        return cls([Part(**{**part, "section_id": UUID(part["section_id"]), "places": _places(part)}) for part in kept])


def _places(part: Mapping[str, Any]) -> list[Place]:
    ids = ("question_id", "version_id")
    return [Place(**{**place, **{name: UUID(place[name]) for name in ids}}) for place in part["places"]]


def _plain(part: dict[str, Any]) -> dict[str, Any]:
    places = [
        {**place, "question_id": str(place["question_id"]), "version_id": str(place["version_id"])}
        for place in part["places"]
    ]
    return {**part, "section_id": str(part["section_id"]), "places": places}


def place_of(version: Asked, points: float | None, *, shuffled: bool) -> Place:
    """Where one question stands; with `shuffled` its options are in an order of their own.

    What is to be put in order is always shuffled: authors write it down in the right order.
    """
    options = [option["id"] for option in version.options]
    if version.type == ORDERED or (shuffled and version.type != MATRIX):
        RANDOM.shuffle(options)
    worth = version.points if points is None else points
    return Place(version.question_id, version.id, worth, list(version.tags), options)


def refusal(navigation: str, furthest: int, position: int) -> str | None:
    """Why a question cannot be answered now, where the order is not free; None when it can.

    Args:
        navigation: Free; sequential: one after another, going back is allowed; no_backtrack: only forward.
        furthest: The furthest question that was answered or passed over so far, -1 at the beginning.
        position: The question that is to be answered.
    """
    if navigation == FREE:
        return None
    if position > furthest + 1:
        return "This question comes later: answer those before it first, or pass them over with null."
    if navigation == NO_BACKTRACK and position < furthest:
        return "There is no way back to this question."
    return None
