"""What there is: methods, topics and events, each declared once.

The declarations make dispatch, validation, the documentation, the metrics and the access tests. They are plain
objects in the handlers' modules; the composition root lists the modules, nothing is scanned and nothing is global.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from types import ModuleType
from typing import Any, get_type_hints
from uuid import UUID

from pydantic import TypeAdapter

from models.errors import NotFound
from models.kit.scope import Scope
from server.kernel.access import Access
from server.kernel.context import Services
from server.kernel.deferred import BeatType, TaskType
from server.kernel.http import Rest, RouteType
from server.kernel.identity import Identity
from server.kernel.limits import Rate
from server.kernel.notifications import NotificationType
from server.kernel.shapes import Nothing, Params, View


class Kind(StrEnum):
    """How a method runs on a socket (PROTOCOL.md, section 2)."""

    QUERY = "query"
    COMMAND = "command"
    SIGNAL = "signal"
    CONTROL = "control"


Handler = Callable[..., Any]


@dataclass(frozen=True)
class Method:
    """One method of the contract. Calling it calls the function that it was declared on.

    Attributes:
        audit: Leaves a row in the audit log.
        secret: The reply holds a secret, which is not kept for a repetition with the same idempotency key.
        before: What a command does before its transaction; the handler gets what comes of it.
        rest: The HTTP route that carries it out as well.
        wider: A rule by which some callers reach more than others, as `ctx.reach` asks.
    """

    name: str
    kind: Kind
    handler: Handler
    params: type[Params]
    result: Any
    access: Access
    limit: Rate | None
    timeout_seconds: float
    audit: bool = False
    secret: bool = False
    before: Handler | None = None
    rest: Rest | None = None
    weight: float = 1
    wider: Access | None = None

    @property
    def rules(self) -> tuple[Access, ...]:
        """By which somebody reaches what the method is about: one of them has to hold."""
        return (self.access,) if self.wider is None or not self.access.own else (self.access, self.wider)

    def depends_on_roles(self, identity: Identity) -> bool:
        """Whether a role that the caller holds decides what the method does for them."""
        rules = (self.access,) if self.wider is None else (self.access, self.wider)
        return any(rule.depends_on_roles(identity) for rule in rules)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the handler itself, without dispatch."""
        return self.handler(*args, **kwargs)

    @cached_property
    def instant(self) -> bool:
        """A plain function never waits: it runs where it stands, without a task."""
        return not inspect.iscoroutinefunction(self.handler)

    @cached_property
    def takes_params(self) -> bool:
        """Whether the handler wants its params beside the context."""
        return len(inspect.signature(self.handler).parameters) > 1

    @cached_property
    def adapter(self) -> "TypeAdapter[Any]":
        """What turns a result into bytes and describes its shape."""
        return TypeAdapter(self.result)

    @property
    def summary(self) -> str:
        """The first line of the handler's docstring."""
        return inspect.cleandoc(self.handler.__doc__ or "").split("\n", 1)[0]

    @property
    def description(self) -> str:
        """The handler's docstring."""
        return inspect.cleandoc(self.handler.__doc__ or "")


def declare(
    kind: Kind,
    name: str,
    *,
    access: Access,
    limit: str | None = None,
    timeout_seconds: float = 10.0,
    result: Any = None,
    audit: bool = False,
    secret: bool = False,
    before: Handler | None = None,
    rest: Rest | None = None,
    weight: float = 1,
    wider: Access | None = None,
) -> Callable[[Handler], Method]:
    """Make a method of a function `(ctx)` or `(ctx, params)`; its annotations are its contract.

    Args:
        kind: How it runs.
        name: As clients call it.
        access: Who may call it.
        limit: How often, such as `10/minute`.
        timeout_seconds: How long it may take.
        result: What comes out where the handler encodes it itself.
        audit: It leaves a row in the audit log.
        secret: Its reply is not kept for a repetition.
        before: Of a command, what takes long and needs no transaction, such as hashing a password: `(ctx, params)`. It
            may read and refuse; it writes nothing, for it may run again. The handler's third parameter gets its result.
        rest: Of a command, the HTTP route that carries it out as well.
        weight: How many tokens of the caller's rate a call takes; 0: it is never refused for being called too often.
        wider: A rule by which some callers reach more, as `ctx.reach` asks: their roles are read anew for each call.
    """

    def decorate(handler: Handler) -> Method:
        hints = get_type_hints(handler, include_extras=True)
        returned = hints.pop("return") if result is None else result
        parameters = list(inspect.signature(handler).parameters)
        params = hints[parameters[1]] if len(parameters) > 1 else Nothing
        prepared = [hints[one] for one in parameters[2:]]
        if prepared != ([] if before is None else [get_type_hints(before)["return"]]):
            raise TypeError(f"{name}: what the handler takes beside its params is what `before` returns")
        if before is not None and kind is not Kind.COMMAND:
            raise TypeError(f"{name}: only a command has a transaction to do something before")
        rate = Rate.parse(limit) if limit else None
        rights = (access, rate, timeout_seconds, audit, secret)
        return Method(name, kind, handler, params, returned, *rights, before, rest, weight, wider)

    return decorate


@dataclass(frozen=True)
class EventType:
    """One kind of event: on which kind of topic, whether it is logged, and the shape of its data."""

    name: str
    topic: str
    data: type[View]
    logged: bool
    description: str = ""


@dataclass(frozen=True)
class Countdown:
    """What followers of a kind of topic are told while its time runs down: every 30 s, every second in the last 10.

    Attributes:
        event: The live event that tells it.
        deadlines: Reads when the time of each of these is up, of those among them whose time runs.
        tell: Makes the event's data of an id, the seconds left and the moment.
    """

    event: str
    deadlines: Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, datetime]]]
    tell: Callable[[UUID, int, datetime], View]


Readable = Callable[[Scope, UUID], Awaitable[bool]]
"""Whether a topic's thing exists and lies within a scope."""
Readers = Mapping[Access, Readable | None]
"""Who may follow a topic: role and ownership together. None: whomever the rule admits."""
ReadState = Callable[[Services, UUID], Awaitable[View]]


@dataclass(frozen=True)
class TopicType:
    """One kind of topic, such as `user` in `user:<id>`: who may follow it, and whether it has a log.

    Attributes:
        readers: The rules, each with what the thing has to be to who follows it by that rule; one of them has to hold.
        audience: The same in words.
    """

    kind: str
    logged: bool
    readers: Readers
    audience: str
    state: ReadState | None = None
    has_id: bool = True
    countdown: Countdown | None = None

    async def may_follow(self, identity: Identity | None, id_: UUID | None) -> bool:
        """Whether somebody may follow this topic; None: a guest."""
        for access, readable in self.readers.items():
            if readable is None:
                if access.guest or access.scope(identity) is not None:
                    return True
            elif (scope := access.scope(identity)) is not None and id_ is not None and await readable(scope, id_):
                return True
        return False

    def depends_on_roles(self, identity: Identity) -> bool:
        """Whether somebody may follow it for a role that they hold."""
        return any(access.depends_on_roles(identity) for access in self.readers)


@dataclass(frozen=True)
class TopicName:
    """A topic as a client named it, taken apart."""

    type: TopicType
    id: UUID | None


@dataclass
class Registry:
    """All that was declared, by name."""

    methods: dict[str, Method] = field(default_factory=dict)
    events: dict[str, EventType] = field(default_factory=dict)
    topics: dict[str, TopicType] = field(default_factory=dict)
    tasks: dict[str, TaskType] = field(default_factory=dict)
    beats: dict[str, BeatType] = field(default_factory=dict)
    routes: dict[str, RouteType] = field(default_factory=dict)
    notifications: dict[str, NotificationType] = field(default_factory=dict)

    @classmethod
    def of(cls, modules: Iterable[ModuleType]) -> "Registry":
        """Collect the declarations of the listed modules; raises ValueError where a name is declared twice."""
        registry = cls()
        for module in modules:
            for declared in vars(module).values():
                registry._add(declared)
        registry._check()
        return registry

    def _add(self, declared: object) -> None:
        match declared:
            case Method():
                _put(self.methods, declared.name, declared)
            case EventType():
                _put(self.events, declared.name, declared)
            case TopicType():
                _put(self.topics, declared.kind, declared)
            case TaskType():
                _put(self.tasks, declared.name, declared)
            case BeatType():
                _put(self.beats, declared.name, declared)
            case RouteType():
                _put(self.routes, declared.name, declared)
            case NotificationType():
                _put(self.notifications, declared.name, declared)

    def _check(self) -> None:
        unknown = {event.name for event in self.events.values() if event.topic not in self.topics}
        if unknown:
            raise ValueError(f"events on topics that nobody declared: {sorted(unknown)}")

    def event(self, name: str, topic: str) -> EventType:
        """The declaration of an event that is about to be emitted; a fault of ours where there is none."""
        declared = self.events[name]
        if topic.partition(":")[0] != declared.topic:
            raise ValueError(f"{name} belongs on {declared.topic!r}, not on {topic!r}")
        return declared

    def topic(self, name: str) -> TopicName:
        """Take a topic's name apart; raises NotFound when there can be no such topic."""
        kind, _, key = name.partition(":")
        declared = self.topics.get(kind)
        if declared is None or declared.has_id != bool(key):
            raise NotFound
        if not declared.has_id:
            return TopicName(declared, None)
        try:
            id_ = UUID(key)
        except ValueError as error:
            raise NotFound from error
        if str(id_) != key:
            raise NotFound
        return TopicName(declared, id_)


def _put(table: dict[str, Any], name: str, declared: object) -> None:
    if table.setdefault(name, declared) is not declared:
        raise ValueError(f"{name} is declared twice")


def described(mapping: Mapping[str, Any]) -> list[Any]:
    """The values of a table in the order of their names, for documentation that does not jump about."""
    return [mapping[name] for name in sorted(mapping)]
