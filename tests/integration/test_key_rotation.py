"""The next signing key: every process takes it, and nobody is logged out."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import jwt
import pytest

from server.compose.keys import LATE, KeyRing, chosen, rotate
from server.compose.settings import DEVELOPMENT_SECRET
from server.kernel.identity import SigningKey, TokenInvalid, Tokens, UnknownKey
from tests.auth import later, login, refresh, whoami
from tests.conftest import Backing
from tests.support import ROOT, Server, ServerProcess

HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def first_generation(backing: Backing) -> AsyncIterator[None]:
    """Other tests find the keys as they were."""
    yield
    connection = await asyncpg.connect(backing.database_url)
    await connection.execute("DELETE FROM signing_generation WHERE generation > 1")
    await connection.close()


def kid(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


def key_of(generation: int) -> str:
    return SigningKey.derive(DEVELOPMENT_SECRET, generation).kid


def ring(server: Server) -> KeyRing:
    found: KeyRing = server.app.core.keys  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize(
    ("minutes_ago", "generations"),
    [
        ([9000], [1, 2]),
        ([9000, 0], [2, 1, 3]),
        ([9000, 61], [2, 1, 3]),
        ([9000, 63], [2, 3]),
        ([9000, 50, 10], [3, 2, 1, 4]),
        ([9000, 100, 10], [3, 2, 4]),
    ],
)
def test_a_key_verifies_as_long_as_its_tokens_live(minutes_ago: list[int], generations: list[int]) -> None:
    history = [(number, NOW - timedelta(minutes=ago)) for number, ago in enumerate(minutes_ago, 1)]
    assert chosen(history, NOW, HOUR) == generations


@pytest.mark.seed("S4-47", "S0-19")
async def test_a_rotation_logs_nobody_out(server: Server, backing: Backing) -> None:
    person = await server.user()
    socket = await server.connect(person)
    assert kid(person.token) == key_of(1)
    assert await rotate(backing.database_url) == 2
    await ring(server)._look()
    assert (await whoami(server, person.token)).status_code == 200
    assert (await socket.call("session.whoami"))["user"]["id"] == person.id
    renewed = (await refresh(server, person.refresh_token)).json()
    assert kid(renewed["access_token"]) == key_of(2)
    assert (await socket.call("session.refresh", access_token=renewed["access_token"]))["expires_at"]


async def test_an_old_key_is_forgotten_once_its_tokens_are_over(server: Server, backing: Backing) -> None:
    person = await server.user()
    await rotate(backing.database_url)
    later(server, (HOUR + LATE).total_seconds() + 1)
    await ring(server)._look()
    tokens = server.app.core.tokens  # type: ignore[attr-defined]
    with pytest.raises(UnknownKey):
        tokens.verify(person.token, NOW)
    async with server.http() as http:
        published = (await http.get("/.well-known/jwks.json")).json()["keys"]
    assert [key["kid"] for key in published] == [key_of(2), key_of(3)]


async def test_the_next_key_is_published_before_anybody_signs_with_it(server: Server) -> None:
    async with server.http() as http:
        published = (await http.get("/.well-known/jwks.json")).json()["keys"]
    assert [key["kid"] for key in published] == [key_of(1), key_of(2)]


async def test_rotations_at_once_are_never_one_generation_twice(server: Server, backing: Backing) -> None:
    assert await server.user()
    numbers = await asyncio.gather(*(rotate(backing.database_url) for _ in range(3)))
    assert sorted(numbers) == [2, 3, 4]
    await ring(server)._look()
    assert kid((await server.user()).token) == key_of(4)


async def test_a_process_that_has_not_looked_yet_looks_when_it_meets_a_new_key(
    server: Server, backing: Backing
) -> None:
    """Two rotations within seconds: the key that is met was not among those known before."""
    person = await server.user()
    await rotate(backing.database_url)
    await rotate(backing.database_url)
    elsewhere = Tokens([SigningKey.derive(DEVELOPMENT_SECRET, 3)], issuer="nexa", audience="nexa", seconds=3600)
    here: Any = server.app.core.tokens  # type: ignore[attr-defined]
    claims = here.verify(person.token, datetime.now(UTC))
    token = elsewhere.issue(claims.user_id, claims.session_id, datetime.now(UTC))
    with pytest.raises(UnknownKey):
        here.verify(token, datetime.now(UTC))
    await asyncio.sleep(1)
    assert (await whoami(server, token)).status_code == 200


async def test_invented_keys_do_not_ask_the_database_each_time(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[None] = []
    look = ring(server)._look

    async def counted() -> None:
        looked.append(None)
        await look()

    monkeypatch.setattr(ring(server), "_look", counted)
    person = await server.user()
    forged = jwt.encode(
        {"sub": person.id}, SigningKey.derive("another").private, "EdDSA", {"kid": "x", "typ": "at+jwt"}
    )
    answers = [await whoami(server, forged) for _ in range(20)]
    assert {answer.status_code for answer in answers} == {401}
    assert len(looked) <= 2
    with pytest.raises(TokenInvalid):
        await server.app.core.tokens.verify_or_renew(forged, NOW)  # type: ignore[attr-defined]


@pytest.mark.slow
async def test_the_command_line_rotates_while_processes_run(
    start_process: Callable[..., Awaitable[ServerProcess]], backing: Backing
) -> None:
    one, two = await asyncio.gather(start_process(), start_process())
    person = await one.user()
    for expected in ("2", "3"):
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "server", "rotate-keys"],
            cwd=ROOT,
            env={**os.environ, **backing.environment},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == expected
    # A process that starts now signs with the newest key, which the others have not read yet.
    three = await ServerProcess.start(backing.environment)
    try:
        token = (await login(three, person.email)).json()["access_token"]
        assert kid(token) == key_of(3)
        for server in (one, two, three):
            assert (await whoami(server, token)).status_code == 200
            assert (await whoami(server, person.token)).status_code == 200
    finally:
        await three.end()
