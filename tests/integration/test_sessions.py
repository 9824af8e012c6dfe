"""Staying logged in and logging out, over real HTTP."""

import asyncio
from datetime import timedelta

import jwt
import pytest

from tests.auth import later, login, logout, post, refresh, whoami
from tests.support import Server


@pytest.mark.seed("S0-19", "S0-20", "S4-14")
async def test_refreshing_gives_a_new_pair_of_the_same_session(server: Server) -> None:
    person = await server.user()
    answer = await refresh(server, person.refresh_token)
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert body["refresh_token"] != person.refresh_token
    old, new = (
        jwt.decode(token, options={"verify_signature": False}) for token in (person.token, body["access_token"])
    )
    assert (old["sid"], old["sub"]) == (new["sid"], new["sub"])
    assert (await refresh(server, body["refresh_token"])).status_code == 200


@pytest.mark.seed("S4-14")
async def test_a_used_token_that_comes_again_ends_the_session(server: Server) -> None:
    person = await server.user()
    socket = await server.connect(person)
    await socket.subscribe({person.topic: {"seq": 0}})
    second = (await refresh(server, person.refresh_token)).json()
    later(server, 11)
    answer = await refresh(server, person.refresh_token)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert (await refresh(server, second["refresh_token"])).status_code == 401
    assert (await whoami(server, second["access_token"])).status_code == 401
    assert (await socket.event("auth.session_revoked"))["params"]["seq"] == 1


async def test_two_tabs_refresh_at_once_and_both_stay_logged_in(server: Server) -> None:
    person = await server.user()
    answers = await asyncio.gather(*(refresh(server, person.refresh_token) for _ in range(3)))
    assert [answer.status_code for answer in answers] == [200] * 3
    tokens = {answer.json()["refresh_token"] for answer in answers}
    assert len(tokens) == 3
    later(server, 60)
    assert [(await refresh(server, token)).status_code for token in tokens] == [200] * 3


async def test_a_session_that_nobody_refreshes_ends(server: Server) -> None:
    person, idle = await server.user(), await server.user()
    later(server, timedelta(days=20).total_seconds())
    kept = (await refresh(server, person.refresh_token)).json()["refresh_token"]
    later(server, timedelta(days=20).total_seconds())
    assert (await refresh(server, kept)).status_code == 200
    assert (await refresh(server, idle.refresh_token)).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "ü" * 100, "x" * 201])
async def test_what_is_no_refresh_token(server: Server, token: str) -> None:
    assert (await refresh(server, token)).status_code in {400, 401}


# Logging out


@pytest.mark.seed("S4-15")
async def test_logging_out_ends_the_session(server: Server) -> None:
    person = await server.user()
    answer = await logout(server, person.token, person.refresh_token)
    assert (answer.status_code, answer.json()) == (200, {"message": "Successfully logged out"})
    assert (await refresh(server, person.refresh_token)).status_code == 401
    answer = await whoami(server, person.token)
    assert answer.status_code == 401


async def test_logging_out_is_told_to_the_users_other_devices(server: Server) -> None:
    person = await server.user()
    other = (await login(server, person.email)).json()
    socket = await server.connect(person)
    await socket.subscribe({person.topic: {"seq": 0}})
    assert (await logout(server, other["access_token"], other["refresh_token"])).status_code == 200
    event = await socket.event("auth.session_revoked")
    ended = jwt.decode(other["access_token"], options={"verify_signature": False})["sid"]
    assert event["params"]["data"] == {"session_id": ended}
    assert event["params"]["seq"] == 1
    assert (await whoami(server, person.token)).status_code == 200


async def test_logging_out_ends_the_session_of_the_refresh_token_too(server: Server) -> None:
    person = await server.user()
    other = (await login(server, person.email)).json()
    assert (await logout(server, person.token, other["refresh_token"])).status_code == 200
    assert (await refresh(server, person.refresh_token)).status_code == 401
    assert (await refresh(server, other["refresh_token"])).status_code == 401


async def test_nobody_logs_somebody_else_out(server: Server) -> None:
    person, victim = await server.user(), await server.user()
    assert (await logout(server, person.token, victim.refresh_token)).status_code == 200
    assert (await refresh(server, victim.refresh_token)).status_code == 200


@pytest.mark.seed("S0-17", "S0-18")
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"}])
async def test_logging_out_takes_a_bearer_token(server: Server, headers: dict[str, str]) -> None:
    person = await server.user()
    answer = await post(server, "logout", {"refresh_token": person.refresh_token}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert (await refresh(server, person.refresh_token)).status_code == 200


@pytest.mark.seed("S0-18", "S0-19")
async def test_an_access_token_runs_out(server: Server) -> None:
    person = await server.user()
    later(server, 3601)
    assert (await whoami(server, person.token)).status_code == 401
    renewed = (await refresh(server, person.refresh_token)).json()["access_token"]
    assert (await whoami(server, renewed)).status_code == 200


async def test_revoking_ones_own_session_is_answered_before_the_socket_closes(server: Server) -> None:
    ada = await server.user()
    mine, other = await server.connect(ada), await server.connect(ada)
    (session,) = (await mine.call("auth.session.list"))["items"]
    assert await mine.call("auth.session.revoke", session_id=session["id"]) == {"revoked": True}
    assert await mine.closed() == await other.closed() == 4403
