"""What every answer over HTTP tells a browser not to do with it (OWASP's list of secure headers)."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.kernel.http import NOTHING_ELSE

A_YEAR = 31_536_000

# Answers that a page may not use as anything else than what they are: no frame, no sniffed type, no device, no
# address of ours in the requests that follow. An answer that needs more says so itself, and then that holds.
_HEADERS = {
    b"content-security-policy": NOTHING_ELSE.encode(),
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
}
_ONLY_TLS = {b"strict-transport-security": f"max-age={A_YEAR}".encode()}


class SecurityHeaders:
    """Adds to each answer the headers that it does not have; sockets pass untouched.

    Args:
        app: Everything else, with what answers faults: those get the headers too.
        strict_transport: Tell browsers that came over TLS to come no other way. In production only, for a browser
            remembers it for a year, and for a developer's `localhost` too.
    """

    def __init__(self, app: ASGIApp, *, strict_transport: bool) -> None:
        self._app = app
        self._plain = list(_HEADERS.items())
        self._secure = list((_HEADERS | _ONLY_TLS).items()) if strict_transport else self._plain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and complete the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ours = self._secure if scope["scheme"] == "https" else self._plain

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                theirs = list(message.get("headers", ()))
                present = {name.lower() for name, _ in theirs}
                message["headers"] = theirs + [header for header in ours if header[0] not in present]
            await send(message)

        await self._app(scope, receive, completed)
