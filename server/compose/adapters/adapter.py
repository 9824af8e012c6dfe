"""What an adapter is: an outside service, built from the settings."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic_settings import BaseSettings

Own = TypeVar("Own", bound=BaseSettings)


@dataclass(frozen=True, slots=True)
class Place:
    """What adapters use beside their own settings: where Redis is, and the folder of the embedded engines."""

    redis_url: str
    redis_prefix: str
    data_dir: Path


@dataclass(frozen=True, slots=True)
class Service:
    """A client that is ready to be started.

    Attributes:
        client: Implements the port.
        start: Connects; None where nothing has to be made ready.
        stop: Disconnects.
        load: Loads what is heavy and needed by workers alone; called beside other work.
    """

    client: Any
    start: Callable[[], Awaitable[None]] | None = None
    stop: Callable[[], Awaitable[None]] | None = None
    load: Callable[[], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Adapter(Generic[Own]):
    """One outside service.

    Attributes:
        build: Makes the service from the settings; it does not connect yet.
        is_real: Whether the real service is configured; otherwise an emulator takes its place.
        refusal: Why production refuses the emulator: the setting that is missing, and what for.
        note: The start-up line about the emulator; `{address}` is where the server listens.
    """

    build: Callable[[Own, Place], Service]
    is_real: Callable[[Own], bool] | None = None
    refusal: str = ""
    note: str = ""

    def emulated(self, settings: Own) -> bool:
        """Whether an emulator takes the place of the service."""
        return self.is_real is not None and not self.is_real(settings)
