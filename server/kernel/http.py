"""HTTP beside the socket, as domains declare it: routes, and commands that are also an HTTP route.

A handler sees these classes and nothing of the web framework, so that a webhook or a page stands beside its domain.
"""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from clients.ports import Ports
    from server.kernel.context import Services
    from server.kernel.dispatch import Outcome

MAX_BODY_BYTES = 65_536
NOTHING_ELSE = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""The content security policy of an answer that loads nothing."""

_INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Gate:
    """A limit on calls that run at the same time; further ones wait, and beyond `waiting` are refused with 503.

    Attributes:
        name: Routes that name the same gate share it.
        at_once: How many calls run.
        waiting: How many may wait.
    """

    name: str
    at_once: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Rest:
    """Makes a command an HTTP route as well: `POST path`, with the body as its params.

    Attributes:
        path: Such as `/api/v1/auth/login`; a trailing slash is accepted too.
        status: The status of success.
        guest: A bearer token is not read.
        gate: Limits how many calls run at once.
    """

    path: str
    status: int = 200
    guest: bool = True
    gate: Gate | None = None


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One HTTP request.

    Attributes:
        path_params: The parts of the path that the route names, as text.
        query: The last value of each query parameter.
        headers: By lower-case name.
        body: The raw body, as a signature covers it.
        address: The client's address, as a trusted proxy states it.
    """

    method: str
    path: str
    path_params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    address: str


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """One HTTP answer."""

    content: bytes
    media_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, content: object, status: int = 200, **headers: str) -> "HttpResponse":
        """Make an answer of what orjson can encode."""
        return cls(orjson.dumps(content), "application/json", status, headers)

    @classmethod
    def page(cls, html: str, status: int = 200, *, cache: str = "no-store", **sources: str) -> "HttpResponse":
        """Make a page whose inline scripts and styles run, and no others.

        Args:
            html: The page as it is sent.
            status: Its status.
            cache: The `Cache-Control` header.
            sources: What the page may use besides, by directive written with `_`: `connect_src="'self'"`.
        """
        headers = {"Cache-Control": cache, "Content-Security-Policy": page_policy(html, **sources)}
        return cls(html.encode(), "text/html", status, headers)


@dataclass(frozen=True, slots=True)
class RouteCtx:
    """What a route may use.

    Attributes:
        call: Carries out a method, internal ones too, as a guest: `await ctx.call("payment.receive", {…})`.
    """

    services: "Services"
    now: datetime
    call: Callable[[str, dict[str, Any]], Awaitable["Outcome"]]

    @property
    def ports(self) -> "Ports":
        """The outside services."""
        return self.services.ports


RouteHandler = Callable[[RouteCtx, HttpRequest], Awaitable[HttpResponse]]


@dataclass(frozen=True, slots=True)
class RouteType:
    """One HTTP route of a domain."""

    path: str
    method: str
    handler: RouteHandler
    max_body_bytes: int

    @property
    def name(self) -> str:
        """The method and path, which no two routes share."""
        return f"{self.method} {self.path}"


def route(
    path: str, *, method: str = "GET", max_body_bytes: int = MAX_BODY_BYTES
) -> Callable[[RouteHandler], RouteType]:
    """Declare an HTTP route: a page, a feed, a webhook. What changes something is a command that it calls.

    Args:
        path: With parts in braces, such as `/jobs/{slug}`. A trailing slash is accepted too.
        method: The HTTP method.
        max_body_bytes: The largest body; a larger one is refused with 413.
    """

    def decorate(handler: RouteHandler) -> RouteType:
        return RouteType(path, method, handler, max_body_bytes)

    return decorate


def page_policy(html: str, **sources: str) -> str:
    """Return the content security policy of a page whose inline scripts and styles run, known by their hashes."""
    allowed: dict[str, list[str]] = {"script": [], "style": []}
    for kind, content in _INLINE.findall(html):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        allowed[kind].append(f"'sha256-{digest}'")
    inline = [f"{kind}-src {' '.join(hashes)}" for kind, hashes in allowed.items() if hashes]
    return "; ".join([NOTHING_ELSE, *inline, *(f"{name.replace('_', '-')} {value}" for name, value in sources.items())])
