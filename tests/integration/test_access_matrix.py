"""Who may call what: every method as everybody, on own and on foreign rows, compared with what the contract says."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

from models.errors import DomainError
from server.compose.domains import MODULES
from server.kernel.access import Access, internal, own, own_unless, public, reauth, role, user, verified
from server.kernel.errors import kind_of
from server.kernel.identity import ROLES, Identity
from server.kernel.registry import Kind, Method, Registry
from server.kernel.rpc import command
from tests.contract.access import METHOD_RULES, TOPIC_RULES, Rule
from tests.contract.samples import SAMPLES, TOPICS, Params, World
from tests.support import Client, Server

REGISTRY = Registry.of(MODULES)
ENOUGH = 100_000
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Who:
    """One kind of caller."""

    name: str
    roles: frozenset[str] = frozenset()
    verified: bool = False
    stale: bool = False

    @property
    def is_guest(self) -> bool:
        return not self.roles

    @property
    def identity(self) -> Identity | None:
        if self.is_guest:
            return None
        given = NOW - timedelta(hours=self.stale)
        return Identity(uuid4(), uuid4(), "a@example.org", "Ada", self.roles, self.verified, given)


CALLERS = [
    Who("guest"),
    Who("user whose address is not confirmed", frozenset({"user"})),
    Who("user who gave the password long ago", frozenset({"user"}), verified=True, stale=True),
    Who("user", frozenset({"user"}), verified=True),
    *[Who(name, frozenset({"user", name}), verified=True) for name in ROLES if name != "user"],
]

SLOW = {"job_seeker", "employer", "consultant"}
"""Roles that few methods ask for: all methods are tried as them too, but only in `make test-all`."""

everybody = pytest.mark.parametrize(
    "who",
    [pytest.param(who, id=who.name, marks=pytest.mark.slow if who.name in SLOW else ()) for who in CALLERS],
)


@pytest.fixture
async def server(start_app: Callable[..., Awaitable[Server]]) -> Server:
    return await start_app(guest_calls_burst=ENOUGH, commands_burst=ENOUGH, guests_per_network=ENOUGH)


async def world_of(server: Server, who: Who) -> World:
    world = World(server, None, who.roles, who.verified)
    if not who.is_guest:
        world.caller = await world.person("Ada Lovelace", sorted(who.roles), verified=who.verified, stale=who.stale)
    return world


def code_for(rule: Rule, who: Who, *, foreign: bool = False) -> int | None:
    """What the contract answers this caller before any row is looked at, or for another's row."""
    return rule.code(who.roles, verified=who.verified, stale=who.stale, foreign=foreign)


PLAIN = next(who for who in CALLERS if who.name == "user")
WHOLE = {"guest", "user", "admin"}
"""Callers as whom all methods are tried; the others only where the contract treats them unlike a plain user."""


def methods_for(who: Who) -> list[str]:
    """The methods that are worth trying as this caller."""

    def differs(rule: Rule) -> bool:
        return any(code_for(rule, who, foreign=one) != code_for(rule, PLAIN, foreign=one) for one in (False, True))

    return [name for name, rule in sorted(METHOD_RULES.items()) if who.name in WHOLE or differs(rule)]


@dataclass
class Caller:
    """Calls on one socket, and on a new one where a call has ended the last."""

    world: World
    client: Client | None = None

    async def ask(self, method: str, params: Params) -> tuple[int | None, Any]:
        """Call; returns the code of the error, and the result."""
        if self.client is None or self.client.socket.close_code is not None:
            self.client = await self.world.connect()
        response = await self.client.request(method, **params)
        if method == "session.authenticate":
            await self.client.close()
        error = response.get("error")
        return (error["code"] if error else None), response.get("result")


@pytest.mark.parametrize("name", sorted(REGISTRY.methods))
def test_every_method_has_a_sample(name: str) -> None:
    assert name in SAMPLES, f"{name} has no sample in tests/contract/samples.py"
    sample = SAMPLES[name]
    own, owners = METHOD_RULES[name].own, METHOD_RULES[name].owners
    assert len(owners) < 2 or sample.owned.keys() == owners, f"{name}: say what each of {owners} has as their own"
    assert not own or sample.foreign or sample.lists, f"{name} reaches own rows: say what foreign ones are"


def test_no_sample_is_left_over() -> None:
    assert not SAMPLES.keys() - REGISTRY.methods.keys()
    assert TOPICS.keys() == REGISTRY.topics.keys()


def as_declared(access: Access) -> Rule:
    """What the code declares, written as the contract writes it; its name has to say the same as its members."""
    rule = Rule(access.name.replace(" | ", ", "))
    if access.guest:
        assert rule.text == ("internal" if access.internal else "public")
        return rule
    roles = {clause.role for clause in rule.clauses}
    assert access.roles == (frozenset() if "user" in roles else roles)
    assert access.own == rule.own
    assert access.unless == ({clause.role for clause in rule.clauses if not clause.own} if rule.own else frozenset())
    assert access.verified == any(clause.verified for clause in rule.clauses)
    assert access.reauth == any(clause.reauth for clause in rule.clauses)
    return rule


def test_what_is_declared_is_what_the_contract_says() -> None:
    declared = {
        name: Rule(", ".join(as_declared(rule).text for rule in method.rules))
        for name, method in REGISTRY.methods.items()
    }
    assert declared == METHOD_RULES
    topics = {
        kind: ", ".join(as_declared(one).text for one in topic.readers) for kind, topic in REGISTRY.topics.items()
    }
    assert topics == TOPIC_RULES


@pytest.mark.seed("S0-21", "S0-54", "S1-H19", "S1-H23")
@everybody
async def test_every_method_lets_in_whom_the_contract_names(server: Server, who: Who) -> None:
    world = await world_of(server, who)
    caller = Caller(world)
    wrong: list[str] = []
    await world.foreign()
    await world.file(await world.person())
    for name in methods_for(who):
        sample, expected = SAMPLES[name], code_for(METHOD_RULES[name], who)
        # Access comes before params: who is refused is not told what was wrong with them.
        params = {} if expected is not None else await sample.params(world)
        expected = sample.refused(world) if expected is None else expected
        code, result = await caller.ask(name, params)
        if code != expected:
            wrong.append(f"{name}: {code} instead of {expected}")
        if sample.lists and result is not None:
            wrong += await shown_of_others(world, caller, name)
    assert wrong == []


async def shown_of_others(world: World, caller: Caller, name: str) -> list[str]:
    """What a list shows although it is somebody else's, or hides although this caller sees all."""
    sample = SAMPLES[name]
    strangers = {*world.strangers, *[id_ for make in sample.foreign for id_ in (await make(world)).values()]}
    _, result = await caller.ask(name, {"limit": 100})
    text = orjson.dumps(result)
    if world.roles & sample.sees_all:
        return []
    return [f"{name} shows what is another's" for id_ in strangers if isinstance(id_, str) and id_.encode() in text]


@pytest.mark.seed("S0-54", "S1-H23")
@everybody
async def test_foreign_rows_look_as_if_they_did_not_exist(server: Server, who: Who) -> None:
    world = await world_of(server, who)
    caller = Caller(world)
    wrong: list[str] = []
    for name in methods_for(who):
        rule = METHOD_RULES[name]
        if code_for(rule, who) is not None:
            continue
        expected = code_for(rule, who, foreign=True)
        for make in SAMPLES[name].foreign:
            code, _ = await caller.ask(name, await make(world))
            if code != expected:
                wrong.append(f"{name}: {code} instead of {expected}")
    assert wrong == []


@everybody
async def test_rows_are_reached_by_whom_the_contract_names_with_the_role_by_which_they_have_them(
    server: Server, who: Who
) -> None:
    """Also by nobody who owns what is behind it and has lost the role."""
    world = await world_of(server, who)
    caller = Caller(world)
    wrong: list[str] = []
    several = {name: sample.owned for name, sample in SAMPLES.items() if sample.owned}
    assert several
    for name, owned in several.items():
        rule = METHOD_RULES[name]
        for role_, make in owned.items():
            expected = None if rule.reaches(who.roles, role_) else (-32001 if who.is_guest else -32004)
            code, _ = await caller.ask(name, await make(world))
            if code != expected:
                wrong.append(f"{name} as {role_}: {code} instead of {expected}")
    assert wrong == []


async def test_a_foreign_row_and_none_at_all_are_answered_with_the_same_words(server: Server) -> None:
    world = await world_of(server, PLAIN)
    client = await world.connect()
    for name, sample in SAMPLES.items():
        for make in sample.foreign:
            params = await make(world)
            nothing = {key: str(uuid4()) if key.endswith("_id") else value for key, value in params.items()}
            foreign, absent = [(await client.request(name, **one))["error"] for one in (params, nothing)]
            for error in (foreign, absent):
                del error["data"]["request_id"]
            assert foreign == absent, name


@pytest.mark.seed("S1-H19")
@everybody
async def test_http_refuses_the_same_callers(server: Server, who: Who) -> None:
    world = await world_of(server, who)
    expected = {name: code_for(METHOD_RULES[name], who) for name in methods_for(who)}
    names = [name for name, code in expected.items() if code is not None]
    wrong: list[str] = []
    for start in range(0, len(names), 50):
        batch = names[start : start + 50]
        body = [{"jsonrpc": "2.0", "id": name, "method": name, "params": {}} for name in batch]
        answers = (await server.rpc(body, world.caller.token if world.caller else None)).json()
        assert len(answers) == len(batch)
        for answer in answers:
            name, code = answer["id"], answer["error"]["code"]
            of_socket = REGISTRY.methods[name].kind in {Kind.SIGNAL, Kind.CONTROL}
            if code != expected[name] and not (of_socket and code == -32022):
                wrong.append(f"{name}: {code} instead of {expected[name]}")
    assert wrong == []


@everybody
async def test_every_topic_is_followed_by_whom_the_contract_names(server: Server, who: Who) -> None:
    """Also by nobody who owns the thing and has lost the role."""
    world = await world_of(server, who)
    client = await world.connect()
    for kind, sample in TOPICS.items():
        rule, allowed = Rule(TOPIC_RULES[kind]), {}
        for owned_as, name in sample.owned.items():
            allowed[await name(world)] = rule.reaches(who.roles, owned_as)
        if sample.foreign is not None:
            allowed[await sample.foreign(world)] = rule.reaches(who.roles, None)
        answers = (await client.subscribe(dict.fromkeys(allowed)))["topics"]
        for name, may in allowed.items():
            assert ("error" not in answers[name]) == may, (kind, name)
            assert may or answers[name]["error"]["code"] == -32004


async def test_what_is_internal_looks_as_if_it_did_not_exist(server: Server) -> None:
    world = await world_of(server, CALLERS[-1])
    client = await world.connect()
    hidden = [name for name, method in REGISTRY.methods.items() if method.access.internal]
    assert hidden
    unknown = (await client.request("no.such.method"))["error"]
    for name in hidden:
        params = await SAMPLES[name].params(world)
        assert (await client.request(name, **params))["error"]["message"] == unknown["message"]
        answer = await server.rpc({"jsonrpc": "2.0", "id": 1, "method": name, "params": params}, world.caller.token)
        assert answer.json()["error"]["code"] == unknown["code"] == -32601


async def test_what_is_shown_says_who_may(server: Server) -> None:
    client = await server.connect()
    shown = {one["name"]: one["x-access"] for one in (await client.call("rpc.discover"))["methods"]}
    assert shown.keys() == {name for name, method in REGISTRY.methods.items() if not method.access.internal}
    for name, rule in shown.items():
        access = REGISTRY.methods[name].access
        assert (rule["guest"], set(rule["roles"]), rule["verified"], rule["own"], set(rule["unless"])) == (
            access.guest,
            access.roles,
            access.verified,
            access.own,
            frozenset().union(*(one.unless for one in REGISTRY.methods[name].rules)),
        )
        assert Rule(rule["rule"].replace(" | ", ", ")) == METHOD_RULES[name]
    assert shown["message.delete"]["own"]
    assert shown["message.delete"]["unless"] == ["admin"]


# The declaration


async def _handler(_ctx: object) -> None:
    """A method that nobody may forget to protect."""


def test_a_method_without_access_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="access"):
        command("test.unprotected")  # type: ignore[call-arg]


def test_a_method_always_has_an_access() -> None:
    declared = command("test.protected", access=user)(_handler)
    assert isinstance(declared, Method)
    assert declared.access is user
    assert {type(method.access) for method in REGISTRY.methods.values()} == {Access}


def _refusal(access: Access, who: Who) -> type[DomainError] | None:
    try:
        access.check(who.identity, NOW)
    except DomainError as error:
        return type(error)
    return None


@everybody
@pytest.mark.parametrize(
    "access",
    [
        public,
        internal,
        user,
        own,
        verified,
        role("admin"),
        role("employer", "admin", own=True),
        own_unless("admin"),
        reauth(own),
    ],
    ids=lambda access: access.name,
)
def test_a_rule_lets_in_whom_it_names(access: Access, who: Who) -> None:
    expected = None if access.internal else code_for(as_declared(access), who)
    refusal = _refusal(access, who)
    assert (kind_of(refusal()).code if refusal else None) == expected
    if who.identity:
        scope = access.scope(who.identity)
        assert (scope is None) == bool(access.roles and not access.roles & who.roles)
        assert scope is None or scope.everything == bool(access.unless & who.roles)
