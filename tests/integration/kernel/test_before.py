"""What a command does before its transaction."""

import asyncio
from typing import Any

import pytest

from models.errors import Conflict
from server.kernel.registry import Registry
from server.kernel.rpc import Ctx, Params, View, command, query, user
from tests.contract.samples import World
from tests.support import Client, RpcError, Server, key

PREPARED: list[int] = []


class Number(Params):
    """A number."""

    n: int


class Doubled(View):
    """Twice as much."""

    n: int


async def _double(ctx: Ctx, params: Number) -> int:
    PREPARED.append(params.n)
    if params.n < 0:
        raise Conflict("not this one")
    if params.n == 0:
        ctx.work.emit(ctx.user.topic, "account.updated", {"fields": [], "rev": 1})
    if params.n > 99:
        await asyncio.sleep(60)
    return params.n * 2


@command("test.double", access=user, timeout_seconds=0.2, before=_double)
async def double(ctx: Ctx, params: Number, doubled: int) -> Doubled:
    """Takes what was made before."""
    assert ctx.unit is not None
    assert params.n * 2 == doubled
    return Doubled(n=doubled)


@pytest.fixture
async def client(server: Server) -> Client:
    PREPARED.clear()
    server.app.core.registry.methods.setdefault("test.double", double)  # type: ignore[attr-defined]
    return await server.connect(await World(server).person())


async def code_of(call: Any) -> int:
    with pytest.raises(RpcError) as refused:
        await call
    return refused.value.code


async def test_the_handler_gets_what_came_of_it(client: Client) -> None:
    assert (await client.request("test.double", n=4))["result"] == {"n": 8}


async def test_it_may_refuse_and_takes_its_time_and_changes_nothing(client: Client) -> None:
    assert await code_of(client.call("test.double", n=-1)) == -32009
    assert await code_of(client.call("test.double", n=100)) == -32008
    assert await code_of(client.call("test.double", n=0)) == -32603, "there is no unit of work yet"


async def test_access_and_params_come_first(server: Server, client: Client) -> None:
    guest = await server.connect()
    assert await code_of(guest.call("test.double", n=1)) == -32001
    assert await code_of(client.call("test.double", n="1")) == -32602
    assert PREPARED == []


async def test_what_was_done_with_a_key_is_not_prepared_again(client: Client) -> None:
    params = {"n": 5, "idempotency_key": key()}
    assert await client.call("test.double", **params) == await client.call("test.double", **params)
    assert PREPARED == [5]


def test_the_declaration_has_to_fit() -> None:
    async def takes_text(_ctx: Ctx, _params: Number, _made: str) -> Doubled:
        return Doubled(n=0)

    async def takes_nothing(_ctx: Ctx, _params: Number) -> Doubled:
        return Doubled(n=0)

    async def takes_it(_ctx: Ctx, _params: Number, _made: int) -> Doubled:
        return Doubled(n=0)

    for handler in (takes_text, takes_nothing):
        with pytest.raises(TypeError, match="before"):
            command("test.wrong", access=user, before=_double)(handler)
    with pytest.raises(TypeError, match="before"):
        command("test.wrong", access=user)(takes_it)
    with pytest.raises(TypeError, match="only a command"):
        query("test.wrong", access=user, before=_double)(takes_it)
    assert Registry().methods == {}
