"""All that a handler imports.

@command("appointment.book", access=verified, limit="10/minute")
async def book(ctx: Ctx, params: BookParams) -> AppointmentView: ...
"""

from functools import partial

from server.kernel.access import internal, own, own_unless, public, reauth, role, user, verified
from server.kernel.context import Ctx
from server.kernel.deferred import Lane, beat, task
from server.kernel.fields import (
    Category,
    Currency,
    Day,
    Deleted,
    LongText,
    Moment,
    Number,
    OptionalText,
    Rev,
    Search,
    Tag,
    Tags,
    Text,
    Title,
    Whole,
    at_most_one_of,
    exactly_one_of,
)
from server.kernel.http import Gate, HttpRequest, HttpResponse, Rest, RouteCtx, RouteType, route
from server.kernel.paging import (
    PAGE_BYTES,
    ListParams,
    Page,
    Slice,
    cursor_value,
    decode_cursor,
    encode_cursor,
    keyset,
    page_of,
)
from server.kernel.registry import Countdown, EventType, Kind, Readable, Readers, ReadState, TopicType, declare
from server.kernel.shapes import Encoded, Nothing, Params, View

__all__ = [
    "PAGE_BYTES",
    "Category",
    "Countdown",
    "Ctx",
    "Currency",
    "Day",
    "Deleted",
    "Encoded",
    "Gate",
    "HttpRequest",
    "HttpResponse",
    "Lane",
    "ListParams",
    "LongText",
    "Moment",
    "Nothing",
    "Number",
    "OptionalText",
    "Page",
    "Params",
    "Readable",
    "Readers",
    "Rest",
    "Rev",
    "RouteCtx",
    "RouteType",
    "Search",
    "Slice",
    "Tag",
    "Tags",
    "Text",
    "Title",
    "View",
    "Whole",
    "at_most_one_of",
    "beat",
    "command",
    "control",
    "cursor_value",
    "decode_cursor",
    "encode_cursor",
    "exactly_one_of",
    "internal",
    "keyset",
    "live_event",
    "logged_event",
    "own",
    "own_unless",
    "page_of",
    "public",
    "query",
    "reauth",
    "role",
    "route",
    "signal",
    "task",
    "topic",
    "user",
    "verified",
]

query = partial(declare, Kind.QUERY)
"""Reads, and writes no row. A plain function (not async) never waits and costs no task."""

command = partial(declare, Kind.COMMAND)
"""May change something, in one transaction with its events and its stored reply."""

signal = partial(declare, Kind.SIGNAL)
"""Live only: nothing is stored."""

control = partial(declare, Kind.CONTROL)
"""About this socket; the edge declares these."""


def logged_event(name: str, topic: str, data: type[View], description: str = "") -> EventType:
    """Declare an event that its topic's log keeps."""
    return EventType(name, topic, data, logged=True, description=description)


def live_event(name: str, topic: str, data: type[View], description: str = "") -> EventType:
    """Declare an event that only reaches who is subscribed at that moment."""
    return EventType(name, topic, data, logged=False, description=description)


def topic(
    kind: str,
    *,
    logged: bool,
    audience: str,
    readers: Readers,
    state: ReadState | None = None,
    has_id: bool = True,
    countdown: Countdown | None = None,
) -> TopicType:
    """Declare a kind of topic: `topic("thread", …, readers={own: Thread.readable})`.

    Args:
        kind: Its name, before the colon.
        logged: Whether it has a log.
        audience: Who may follow it, in words.
        readers: Rules of access, each with a function that says whether the thing exists and lies within the scope
            that the rule gives (None: whomever the rule admits). Guests follow what a `public` rule opens.
        state: Reads what a newcomer is shown.
        has_id: Whether names end with an id.
        countdown: What followers are told while its time runs down.
    """
    return TopicType(kind, logged, readers, audience, state, has_id, countdown)
