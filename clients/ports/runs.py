"""The texts of answers that are being written, shared between processes."""

from typing import Protocol
from uuid import UUID


class RunText(Protocol):
    """The text of one attempt, held by its writer."""

    @property
    def text(self) -> str:
        """Everything that was added."""

    async def add(self, piece: str) -> None:
        """Append to the text; readers see it when this returns."""


class RunTexts(Protocol):
    """The texts of all answers that are being written."""

    def write(self, run_id: UUID, attempt: int) -> RunText:
        """Begin the text of an attempt."""

    async def read(self, run_id: UUID, attempt: int) -> str | None:
        """Return the text so far; None where there is none. Raises Away."""
