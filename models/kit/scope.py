"""Whose rows somebody reaches."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows that a person reaches: their own, or with `everything` everybody's."""

    user_id: UUID
    everything: bool = False
