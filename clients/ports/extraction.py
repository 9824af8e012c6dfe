"""Reading the text of files that people upload."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a file.

    Attributes:
        text: The text, as far as it was kept.
        truncated: Whether there is more text than was kept.
        reason: Why nothing could be read: a sentence for the file's owner; None where something was.
    """

    text: str = ""
    truncated: bool = False
    reason: str | None = None


class Extractor(Protocol):
    """Reads untrusted files."""

    async def read(self, content: bytes, media_type: str) -> Extracted:
        """Return the text of a file; nothing is raised."""
