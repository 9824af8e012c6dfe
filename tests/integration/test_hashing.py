"""Hashing a password costs time on purpose: nobody holds a transaction meanwhile, by whichever way they come."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from models.account import PASSWORDS
from tests.auth import address, login, post
from tests.conftest import Backing
from tests.mail import mails
from tests.support import PASSWORD, Person, RpcError, Server, key

NEW = "Battery-Staple-9"
NEW_TWICE = {"new_password": NEW, "confirm_new_password": NEW}
CHANGE = {"current_password": PASSWORD, **NEW_TWICE}
_OPEN = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"

Way = Callable[[Server, Person], Awaitable[Any]]


async def _signup(server: Server, _person: Person) -> None:
    await server.user()


async def _login(server: Server, person: Person) -> None:
    assert (await login(server, person.email)).status_code == 200


async def _reset(server: Server, person: Person) -> None:
    await post(server, "forgot-password", {"email": person.email})
    token = (await mails(server, person.email))[0].token
    assert (await post(server, "reset-password", {"token": token, **NEW_TWICE})).status_code == 200


async def _change(server: Server, person: Person) -> None:
    await (await server.connect(person)).call("auth.password.change", **CHANGE)


async def _reauthenticate(server: Server, person: Person) -> None:
    await (await server.connect(person)).call("auth.reauthenticate", password=PASSWORD)


@pytest.fixture
async def watcher(backing: Backing) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(backing.database_url)
    yield connection
    await connection.close()


@pytest.mark.parametrize("way", [_signup, _login, _reset, _change, _reauthenticate], ids=lambda way: way.__name__)
async def test_no_transaction_is_open_while_a_password_is_hashed(
    server: Server, watcher: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, way: Way
) -> None:
    person = await server.user()
    hashing, go = asyncio.Event(), asyncio.Event()
    for name in ("hash", "matches"):
        quick = getattr(PASSWORDS, name)

        async def slow(*arguments: Any, quick: Any = quick) -> Any:
            hashing.set()
            await go.wait()
            return await quick(*arguments)

        monkeypatch.setattr(PASSWORDS, name, slow)
    coming = asyncio.ensure_future(way(server, person))
    await asyncio.wait_for(hashing.wait(), 10)
    # Several looks, for others' transactions (a periodic one of this process) are open for a moment.
    assert 0 in [await watcher.fetchval(_OPEN) for _ in range(5)]
    go.set()
    await coming


async def test_a_change_that_is_sent_again_with_its_key_is_no_wrong_password(server: Server) -> None:
    person = await server.user()
    client = await server.connect(person)
    params = {**CHANGE, "idempotency_key": key()}
    first = await client.call("auth.password.change", **params)
    assert [await client.call("auth.password.change", **params) for _ in range(8)] == [first] * 8
    assert (await login(server, person.email, NEW)).status_code == 200


async def test_of_two_changes_at_once_one_proves_a_password_that_is_no_more(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await server.user()
    clients = [await server.connect(person) for _ in range(2)]
    both, compared = asyncio.Event(), 0
    matches = PASSWORDS.matches

    async def together(stored: str | None, password: str) -> bool:
        nonlocal compared
        same = await matches(stored, password)
        compared += 1
        if compared == 2:
            both.set()
        await asyncio.wait_for(both.wait(), 10)
        return same

    monkeypatch.setattr(PASSWORDS, "matches", together)
    others = {"new_password": "Teal-Otter-5", "confirm_new_password": "Teal-Otter-5"}
    changes = [CHANGE, {**CHANGE, **others}]
    done = await asyncio.gather(
        *(client.call("auth.password.change", **change) for client, change in zip(clients, changes, strict=True)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["RpcError", "dict"]
    refused = next(one for one in done if isinstance(one, RpcError))
    assert list(refused.data["details"]) == ["current_password"]
    winner = changes[0 if isinstance(done[0], dict) else 1]["new_password"]
    monkeypatch.undo()
    assert (await login(server, person.email, winner)).status_code == 200


async def test_a_password_that_is_reset_while_somebody_logs_in_with_the_old_one_wins(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await server.user()
    await post(server, "forgot-password", {"email": person.email})
    token = (await mails(server, person.email))[0].token
    compared, go = asyncio.Event(), asyncio.Event()
    matches = PASSWORDS.matches

    async def slow(stored: str | None, password: str) -> bool:
        same = await matches(stored, password)
        compared.set()
        await go.wait()
        return same

    monkeypatch.setattr(PASSWORDS, "matches", slow)
    coming = asyncio.ensure_future(login(server, person.email))
    await asyncio.wait_for(compared.wait(), 10)
    assert (await post(server, "reset-password", {"token": token, **NEW_TWICE})).status_code == 200
    go.set()
    assert (await coming).status_code == 401


async def test_a_bad_token_has_nothing_hashed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_password: str) -> str:
        raise AssertionError("hashed")

    monkeypatch.setattr(PASSWORDS, "hash", never)
    answer = await post(server, "reset-password", {"token": address(), **NEW_TWICE})
    assert (answer.status_code, answer.json()["detail"]) == (400, "Invalid or expired token.")
