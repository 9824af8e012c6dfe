"""A language model that streams answers."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an answer did not come, or broke off.

    Attributes:
        kind: One word for programs.
        message: A sentence for the person who asked.
        retryable: Whether asking again may help.
        billed: Whether the service may have charged for the prompt, even if it did not say so.
    """

    kind: str
    message: str
    retryable: bool
    billed: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an answer. The last piece has either a `finish` or a `failure`.

    Attributes:
        text: The text of this part.
        finish: `stop` or `max_tokens` where the answer ended in order.
        failure: Why it did not.
        prompt_tokens: Tokens of the prompt, as far as they are known yet.
        output_tokens: Tokens of the answer, as far as they are known yet.
    """

    text: str = ""
    finish: str | None = None
    failure: Failure | None = None
    prompt_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Model:
    """A model that writes answers; limits are in tokens."""

    id: str
    display_name: str
    input_tokens: int
    output_tokens: int


class Gemini(Protocol):
    """Writes answers."""

    def stream(
        self, *, model: str, system: str, turns: Sequence[tuple[str, Sequence[str]]], max_tokens: int
    ) -> AsyncGenerator[Piece, None]:
        """Ask, and yield the answer as it comes; nothing is raised. Cancelling the reading task ends the call."""

    async def models(self) -> Sequence[Model]:
        """Return the models that write answers. Raises Away."""
