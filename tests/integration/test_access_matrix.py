"""Who may call what: every method as everybody, on own and on foreign rows, compared with what it declares."""

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
    return await start_app(guest_calls_burst=ENOUGH, commands_burst=ENOUGH, guests_per_address=ENOUGH)


async def world_of(server: Server, who: Who) -> World:
    world = World(server, None, who.roles, who.verified)
    if not who.is_guest:
        world.caller = await world.person("Ada Lovelace", sorted(who.roles), verified=who.verified, stale=who.stale)
    return world


def code_for(access: Access, who: Who) -> int | None:
    """What the declaration answers this caller before any row is looked at."""
    if access.internal:
        return -32601
    if access.guest:
        return None
    if who.is_guest:
        return -32001
    if access.roles and not access.roles & who.roles:
        return -32003
    if access.verified and not who.verified:
        return -32005
    return -32002 if access.reauth and who.stale else None


def reaches_foreign(access: Access, who: Who) -> bool:
    return bool(access.unless & who.roles)


async def code_of(client: Client, method: str, params: Params) -> tuple[int | None, Any]:
    response = await client.request(method, **params)
    error = response.get("error")
    return (error["code"] if error else None), response.get("result")


@pytest.mark.parametrize("name", sorted(REGISTRY.methods))
def test_every_method_has_a_sample(name: str) -> None:
    assert name in SAMPLES, f"{name} has no sample in tests/contract/samples.py"
    access, sample = REGISTRY.methods[name].access, SAMPLES[name]
    assert not access.own or sample.foreign or sample.lists, f"{name} reaches own rows: say what foreign ones are"


def test_no_sample_is_left_over() -> None:
    assert not SAMPLES.keys() - REGISTRY.methods.keys()
    assert TOPICS.keys() == REGISTRY.topics.keys()


@pytest.mark.seed("S0-21", "S0-54", "S1-H19", "S1-H23")
@everybody
async def test_every_method_lets_in_whom_it_declares(server: Server, who: Who) -> None:
    world = await world_of(server, who)
    wrong: list[str] = []
    for name, method in sorted(REGISTRY.methods.items()):
        client = await world.connect()
        expected = code_for(method.access, who)
        expected = SAMPLES[name].refused(world) if expected is None else expected
        code, result = await code_of(client, name, await SAMPLES[name].params(world))
        if code != expected:
            wrong.append(f"{name}: {code} instead of {expected}")
        if SAMPLES[name].lists and result is not None:
            await world.foreign()
            text = orjson.dumps(await client.call(name))
            wrong += [f"{name} shows what is another's" for id_ in world.strangers if id_.encode() in text]
        await client.close()
    assert wrong == []


@pytest.mark.seed("S0-54", "S1-H23")
@everybody
async def test_foreign_rows_look_as_if_they_did_not_exist(server: Server, who: Who) -> None:
    world = await world_of(server, who)
    client = await world.connect()
    wrong: list[str] = []
    for name, method in sorted(REGISTRY.methods.items()):
        for make in SAMPLES[name].foreign:
            expected = code_for(method.access, who)
            if expected is None and not reaches_foreign(method.access, who):
                expected = -32004
            code, _ = await code_of(client, name, await make(world))
            if code != expected:
                wrong.append(f"{name}: {code} instead of {expected}")
    assert wrong == []


async def test_a_foreign_row_and_none_at_all_are_answered_with_the_same_words(server: Server) -> None:
    world = await world_of(server, CALLERS[3])
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
async def test_http_lets_in_the_same_callers(server: Server, who: Who) -> None:
    world = await world_of(server, who)
    token = world.caller.token if world.caller else None
    wrong: list[str] = []
    for name, method in sorted(REGISTRY.methods.items()):
        expected = code_for(method.access, who)
        if expected is None:
            continue
        params = await SAMPLES[name].params(world)
        answer = await server.rpc({"jsonrpc": "2.0", "id": 1, "method": name, "params": params}, token)
        code = answer.json()["error"]["code"]
        allowed = {expected, -32022} if method.kind in {Kind.SIGNAL, Kind.CONTROL} else {expected}
        if code not in allowed:
            wrong.append(f"{name}: {code} instead of {expected}")
    assert wrong == []


@everybody
async def test_every_topic_is_followed_by_its_audience_alone(server: Server, who: Who) -> None:
    world = await world_of(server, who)
    client = await world.connect()
    for kind, sample in TOPICS.items():
        own_name = await sample.own(world)
        allowed = {own_name: sample.may(world)}
        if sample.foreign is not None:
            allowed[await sample.foreign(world)] = sample.may_foreign(world)
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
            access.unless,
        )
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
    expected = None if access.internal else code_for(access, who)
    refusal = _refusal(access, who)
    assert (kind_of(refusal()).code if refusal else None) == expected
    if who.identity:
        scope = access.scope(who.identity)
        assert (scope is None) == bool(access.roles and not access.roles & who.roles)
        assert scope is None or scope.everything == reaches_foreign(access, who)
