"""Health checks and metrics: what watches a process (PROTOCOL.md, section 9)."""

import asyncio
import ipaddress
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from server.kernel import metrics
from server.kernel.context import SystemInfo
from server.web.answers import refusal
from server.web.requests import address_of


@dataclass(frozen=True)
class Health:
    """Says what is running, whether it can work, and how it does."""

    info: SystemInfo
    metrics_allow: Sequence[str]
    database_answers: Callable[[], Awaitable[bool]]
    networks: Sequence[Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "networks", [ipaddress.ip_network(one) for one in self.metrics_allow])

    def routes(self) -> list[BaseRoute]:
        """The health checks and the metrics."""
        return [
            Route("/health", self.healthy),
            Route("/health/live", self.live),
            Route("/health/ready", self.ready),
            Route("/metrics", self.metrics),
        ]

    async def healthy(self, _request: Request) -> Response:
        """What is running."""
        return Response(self.info.model_dump_json(), media_type="application/json")

    async def live(self, _request: Request) -> Response:
        """The process answers."""
        return JSONResponse({"status": "live"})

    async def ready(self, _request: Request) -> Response:
        """The process can do its work: the database answers."""
        if await self.database_answers():
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "unavailable"}, 503, {"Retry-After": "1"})

    async def metrics(self, request: Request) -> Response:
        """Prometheus' text format, for those who may see it."""
        if not self.may_watch(request):
            return refusal(403, "forbidden", "Forbidden", "This address may not read the metrics.")
        metrics.TALLY.hand_on()
        content = await asyncio.to_thread(_collected)
        return Response(content, media_type=CONTENT_TYPE_LATEST)

    def may_watch(self, request: HTTPConnection) -> bool:
        """Whether who asks comes from a network that may look behind the scenes."""
        try:
            ip = ipaddress.ip_address(address_of(request))
        except ValueError:
            return False
        return any(ip in network for network in self.networks)


def _collected() -> bytes:
    """The metrics of this process, or of all processes behind the one port."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # theirs
    return generate_latest(registry)
