"""The caught mails of an installation that has no mail server: `/dev/mail`, for developers.

There are links in them that open anybody's account. They are therefore shown on this machine only, and under its own
names only: a page elsewhere whose name was made to lead here (DNS rebinding) still sends its own name as `Host`.
"""

import ipaddress
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from server.kernel.http import NOTHING_ELSE
from server.web.requests import address_of

ReadMails = Callable[[], Awaitable[Sequence[Any]]]

HEADERS = {
    "Cache-Control": "no-store",
    # The frames with the mails inherit it, and mails have their styles at the elements.
    "Content-Security-Policy": f"{NOTHING_ELSE}; style-src 'unsafe-inline'; img-src data:; frame-src 'self'",
}

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Caught mail</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430 }
  article { border: 1px solid #d5dae2; border-radius: 8px; margin: 1.5rem 0; overflow: hidden }
  header { background: #f3f5f8; padding: .75rem 1rem }
  h2 { font-size: 1.1rem; margin: 0 }
  p { margin: 0; color: #5b6675; font-size: .9rem; overflow-wrap: anywhere }
  iframe { border: 0; width: 100%; height: 27rem; display: block }
  details { padding: .5rem 1rem; border-top: 1px solid #d5dae2 }
  pre { white-space: pre-wrap; overflow-wrap: anywhere }
</style>
<h1>Caught mail</h1>
<p>No mail server is configured (SMTP_URL), so nothing leaves this installation. The newest {{ mails|length }}, newest
first; <a href="/dev/mail.json">as JSON</a>.</p>
{% for mail in mails %}
<article>
  <header><h2>{{ mail.subject }}</h2><p>to {{ mail.to }} · from {{ mail.sender }} · {{ mail.at }}</p></header>
  <iframe sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="{{ mail.html }}"
    title="{{ mail.subject }}" loading="lazy"></iframe>
  <details><summary>as text</summary><pre>{{ mail.text|urlize(target='_blank', rel='noopener') }}</pre></details>
</article>
{% else %}
<p>Nothing yet.</p>
{% endfor %}
</html>
"""

_PAGE = Environment(autoescape=select_autoescape(default_for_string=True)).from_string(PAGE)


LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def may_read(request: Request, hosts: Collection[str]) -> bool:
    """Whether a request comes from this machine, to one of these names or one of a loopback address."""
    try:
        loopback = ipaddress.ip_address(address_of(request)).is_loopback
        asked = urlsplit(f"//{request.headers.get('host', '')}")
    except ValueError:
        return False
    known = asked.hostname in LOOPBACK_NAMES or asked.hostname in hosts
    return loopback and known and "@" not in asked.netloc


def routes(read: ReadMails, hosts: Collection[str] = ()) -> list[Route]:
    """The routes of caught mail.

    Args:
        read: The mails, newest first.
        hosts: The names, beside those of loopback addresses, under which this server is known.
    """

    async def page(request: Request) -> Response:
        if not may_read(request, hosts):
            return Response(status_code=403)
        return HTMLResponse(_PAGE.render(mails=await read()), headers=HEADERS)

    async def as_json(request: Request) -> Response:
        if not may_read(request, hosts):
            return Response(status_code=403)
        return JSONResponse([asdict(mail) for mail in await read()], headers=HEADERS)

    return [Route("/dev/mail", page), Route("/dev/mail.json", as_json)]
