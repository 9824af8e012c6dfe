"""Adapters: how each outside service is configured, built, emulated and refused.

A new service is a client, an emulator, a port, an adapter with its settings, and one line in each of two tables:
`ADAPTERS` below, and the bases of `Settings`.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clients.ports import Ports
from server.compose.adapters import extraction, gemini, mail, presence, runs, storage
from server.compose.adapters.adapter import Adapter, Place, Service

if TYPE_CHECKING:
    from server.compose.settings import Settings

ADAPTERS: Mapping[str, Adapter[Any]] = {
    "presence": presence.ADAPTER,
    "mail": mail.ADAPTER,
    "gemini": gemini.ADAPTER,
    "extractor": extraction.ADAPTER,
    "runs": runs.ADAPTER,
    "storage": storage.ADAPTER,
}
"""Every outside service, by the name of its port."""


@dataclass(frozen=True, slots=True)
class Outside:
    """The outside services of one process."""

    ports: Ports
    services: Mapping[str, Service]

    @classmethod
    def of(cls, settings: "Settings", redis_url: str) -> "Outside":
        """Build every service from the settings."""
        place = Place(redis_url, settings.redis_prefix, settings.data_dir)
        services = {name: adapter.build(settings, place) for name, adapter in ADAPTERS.items()}
        return cls(Ports(**{name: service.client for name, service in services.items()}), services)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Connect to every service, and disconnect in the opposite order."""
        async with AsyncExitStack() as stack:
            for service in self.services.values():
                if service.stop is not None:
                    stack.push_async_callback(service.stop)
                if service.start is not None:
                    await service.start()
            yield

    async def load(self) -> None:
        """Load what workers need and servers do not."""
        await asyncio.gather(*(service.load() for service in self.services.values() if service.load is not None))


def emulated(settings: "Settings") -> list[str]:
    """Return the names of the services that emulators take the place of."""
    return [name for name, adapter in ADAPTERS.items() if adapter.emulated(settings)]
