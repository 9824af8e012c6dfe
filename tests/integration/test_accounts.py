"""Signing up and logging in, over real HTTP."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import jwt
import pytest

from models.account import PASSWORDS, Passwords, RefreshToken, User
from models.errors import Unavailable
from server.kernel.errors import OutcomeUnknownError
from server.web.gates import Slots
from tests.auth import address, login, post, refresh, whoami
from tests.support import PASSWORD, Server

SIGNED_UP = "Registration successful. Please check your email to confirm your account."


# Signing up


@pytest.mark.seed("S0-14", "S2-11", "S2-12", "S4-11", "S4-12")
async def test_signing_up_answers_tokens_and_the_user(server: Server) -> None:
    email = address()
    answer = await post(
        server,
        "signup",
        {
            "full_name": "Dr. Sarah Chen",
            "email": email,
            "password": PASSWORD,
            "confirm_password": PASSWORD,
            "date_of_birth": "1990-05-17",
        },
    )
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    user = body.pop("user")
    assert UUID(user.pop("id")).version == 7
    assert user.pop("created_at").endswith("Z")
    assert user.pop("updated_at").endswith("Z")
    assert user == {
        "email": email,
        "full_name": "Dr. Sarah Chen",
        "first_name": "Dr. Sarah",
        "last_name": "Chen",
        "username": None,
        "role": "user",
        "roles": ["user"],
        "date_of_birth": "1990-05-17",
        "email_verified": False,
    }
    assert jwt.get_unverified_header(body.pop("access_token"))["alg"] == "EdDSA"
    assert len(body.pop("refresh_token")) >= 43
    assert body == {"message": SIGNED_UP, "token_type": "Bearer", "expires_in": 3600}


@pytest.mark.seed("S0-13", "S0-15", "S0-17", "S1-J04", "S1-J05", "S1-J06", "S1-J01")
async def test_a_username_signs_up_and_logs_in_whatever_its_case(server: Server) -> None:
    username = f"Seeker-{uuid4().hex[:8]}"
    signup = {"username": username, "email": address(), "password": PASSWORD, "is_job_seeker": True}
    answer = await post(server, "signup/", signup)
    assert answer.status_code == 201, answer.text
    user = answer.json()["user"]
    assert (user["full_name"], user["username"]) == (username, username)
    assert (user["role"], user["roles"]) == ("job_seeker", ["user", "job_seeker"])

    answer = await post(server, "login/", {"username": username.upper(), "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["message"] == "Login successful."
    assert answer.json()["user"] == user
    assert (await whoami(server, answer.json()["access_token"])).json()["result"]["user"]["id"] == user["id"]


@pytest.mark.seed("S0-15")
async def test_first_and_last_name_come_back(server: Server) -> None:
    names = {"first_name": "Ada", "last_name": "Lovelace"}
    answer = await post(server, "signup", {**names, "email": address(), "password": PASSWORD})
    assert {name: answer.json()["user"][name] for name in names} == names


@pytest.mark.seed("S2-15", "S4-20")
async def test_an_address_in_another_spelling_is_taken(server: Server) -> None:
    person = await server.user()
    answer = await post(
        server, "signup", {"full_name": "Ada Other", "email": person.email.upper(), "password": PASSWORD}
    )
    assert answer.status_code == 409
    body = answer.json()
    assert body.pop("request_id")
    assert body == {
        "code": "conflict",
        "error": "User already exists",
        "message": "A user with this email already exists",
        "detail": "Email already registered.",
    }


async def test_of_two_who_sign_up_at_once_one_gets_the_address(server: Server) -> None:
    signup = {"full_name": "Ada Twin", "email": address(), "username": f"twin{uuid4().hex[:8]}", "password": PASSWORD}
    answers = await asyncio.gather(*(post(server, "signup", signup) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_a_username_is_taken(server: Server) -> None:
    username = f"u{uuid4().hex[:8]}"
    await server.user(username=username)
    answer = await post(server, "signup", {"username": username.upper(), "email": address(), "password": PASSWORD})
    assert answer.status_code == 409
    assert answer.json()["message"] == "A user with this username already exists"


@pytest.mark.seed("S2-15", "S4-18", "S4-25", "S4-27")
async def test_what_is_wrong_is_named(server: Server) -> None:
    answer = await post(server, "signup", {"password": "demopass123!", "date_of_birth": "2025-01-01"})
    assert answer.status_code == 400
    body = answer.json()
    assert (body["code"], body["error"], body["detail"]) == (
        "validation_failed",
        "Validation failed",
        "Invalid input data.",
    )
    assert body["details"] == {
        "email": ["This field is required."],
        "full_name": ["This field is required."],
        "password": ["Password must contain at least one uppercase letter"],
        "date_of_birth": ["You must be at least 13 years old."],
    }


@pytest.mark.seed("S2-13", "S2-15")
async def test_passwords_that_differ(server: Server) -> None:
    signup = {"full_name": "Ada", "email": address(), "password": PASSWORD, "confirm_password": PASSWORD + "!"}
    answer = await post(server, "signup", signup)
    assert answer.status_code == 400
    assert answer.json()["detail"] == "Passwords do not match."


async def test_nobody_makes_themselves_an_admin(server: Server) -> None:
    signup = {"full_name": "Ada", "email": address(), "password": PASSWORD}
    answers = [await post(server, "signup", {**signup, **extra}) for extra in ({"role": "admin"}, {"roles": ["admin"]})]
    assert [answer.status_code for answer in answers] == [400, 400]


async def test_an_address_signs_up_so_many_an_hour(start_app: Callable[..., Awaitable[Server]]) -> None:
    server = await start_app(signups_per_hour=2)
    await server.user()
    await server.user()
    answer = await post(server, "signup", {"full_name": "Ada", "email": address(), "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert 0 < int(answer.headers["retry-after"]) <= 1800


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "parse_error"),
        (b"", 400, "parse_error"),
        (b"\xff", 400, "parse_error"),
        (b"[]", 400, "invalid_request"),
        (b'"x"', 400, "invalid_request"),
        (b'{"password": "%s"}' % (b"Aa1_" * 1000), 400, "validation_failed"),
        (b'{"password": "%s"}' % (b"Aa1_" * 262_144), 413, "too_large"),
    ],
    ids=["cut off", "empty", "not UTF-8", "a list", "a text", "a long password", "a megabyte"],
)
@pytest.mark.parametrize("route", ["signup", "login", "refresh"])
async def test_bodies_that_are_none(server: Server, route: str, body: bytes, status: int, code: str) -> None:
    answer = await post(server, route, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("method", ["auth.signup", "auth.login", "auth.refresh", "auth.logout"])
async def test_only_the_routes_show_these_methods(server: Server, method: str) -> None:
    person = await server.user()
    answer = await server.rpc({"jsonrpc": "2.0", "id": 1, "method": method, "params": {}}, person.token)
    assert answer.json()["error"]["data"]["kind"] == "method_not_found"


# Logging in


@pytest.mark.seed("S0-16", "S2-16", "S4-13")
async def test_logging_in_by_address_in_any_spelling(server: Server) -> None:
    person = await server.user()
    answer = await login(server, f" {person.email.upper()} ")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["message"], body["token_type"], body["expires_in"]) == ("Login successful.", "Bearer", 3600)
    assert body["user"]["id"] == person.id
    assert (await whoami(server, body["access_token"])).json()["result"]["user"]["email"] == person.email


@pytest.mark.seed("S2-17", "S4-19")
async def test_a_wrong_password_and_an_unknown_address_look_the_same(server: Server) -> None:
    person = await server.user()
    answers = [await login(server, person.email, "Wrong-Horse-7"), await login(server, address())]
    bodies = [answer.json() for answer in answers]
    assert [answer.status_code for answer in answers] == [401, 401]
    for body in bodies:
        assert body.pop("request_id")
        assert body == {
            "code": "unauthenticated",
            "error": "Invalid credentials",
            "message": "Email or password is incorrect",
            "detail": "Invalid credentials.",
        }


@pytest.mark.seed("S4-26")
async def test_logging_in_without_what_it_takes(server: Server) -> None:
    answer = await post(server, "login", {"email": "nobody"})
    assert answer.status_code == 400
    assert set(answer.json()["details"]) == {"email", "password"}


async def test_guessing_is_delayed_and_the_right_password_too(server: Server) -> None:
    person = await server.user()
    wrong = [await login(server, person.email, f"Wrong-{number}") for number in range(5)]
    assert [answer.status_code for answer in wrong] == [401] * 5
    answer = await login(server, person.email)
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert answer.headers["retry-after"] == "1"
    await asyncio.sleep(answer.json()["retry_after"])
    assert (await login(server, person.email)).status_code == 200


async def test_guesses_at_once_do_not_slip_through(server: Server) -> None:
    person = await server.user()
    answers = await asyncio.gather(*(login(server, person.email, f"Wrong-{number}") for number in range(20)))
    assert [answer.status_code for answer in answers].count(401) <= 6


async def test_a_suspended_account_is_told_only_with_its_password(server: Server) -> None:
    person = await server.user()
    await User.filter(id=person.id).update(status="suspended")
    assert (await login(server, person.email, "Wrong-Horse-7")).status_code == 401
    answer = await login(server, person.email)
    assert (answer.status_code, answer.json()["error"]) == (403, "Account suspended")
    answer = await refresh(server, person.refresh_token)
    assert (answer.status_code, answer.json()["error"]) == (403, "Account suspended")
    assert (await whoami(server, person.token)).status_code == 401


@pytest.mark.seed("S2-10")
async def test_only_hashes_are_stored(server: Server) -> None:
    person = await server.user()
    user = await User.get(id=person.id)
    assert (user.password_hash or "").startswith("$argon2id$")
    tokens = await RefreshToken.filter(session__user_id=person.id)
    assert len(tokens) == 1
    assert person.refresh_token not in {tokens[0].token_hash, str(tokens[0].id)}


async def test_an_old_hash_is_renewed_at_the_next_login(server: Server) -> None:
    person = await server.user()
    await User.filter(id=person.id).update(password_hash=await Passwords(time_cost=1, memory_kib=64).hash(PASSWORD))
    assert (await login(server, person.email)).status_code == 200
    user = await User.get(id=person.id)
    assert not PASSWORDS.outdated(user.password_hash or "")
    assert (await login(server, person.email)).status_code == 200


async def test_logging_in_does_not_keep_others_from_the_database(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await server.user()
    hashed = asyncio.Event()

    async def matches(*_arguments: object) -> bool:
        return await hashed.wait()

    monkeypatch.setattr(PASSWORDS, "matches", matches)
    async with server.http() as http:
        body = {"email": person.email, "password": PASSWORD}
        logins = [asyncio.ensure_future(http.post("/api/v1/auth/login", json=body)) for _ in range(30)]
        await asyncio.sleep(0.3)
        assert (await whoami(server, person.token)).status_code == 200
        hashed.set()
        assert {(await one).status_code for one in logins} == {200}


async def test_too_many_who_wait_are_sent_away_at_once() -> None:
    gate = Slots(1, 1)
    async with gate.entered():
        waiting = asyncio.ensure_future(_pass(gate))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await _pass(gate)
    await waiting
    await _pass(gate)


async def _pass(gate: Slots) -> None:
    async with gate.entered():
        pass


async def test_nobody_knows_whether_the_commit_happened(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(_call: object) -> None:
        raise OutcomeUnknownError

    monkeypatch.setattr(server.app.dispatcher, "run", run)  # type: ignore[attr-defined]
    answer = await post(server, "login", {"email": address(), "password": PASSWORD})
    assert answer.status_code == 503
    assert answer.json()["code"] == "outcome_unknown"


@pytest.mark.seed("S4-21")
async def test_a_fault_of_ours_leaks_nothing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async def matches(*_arguments: object) -> bool:
        raise RuntimeError("a secret")

    monkeypatch.setattr(PASSWORDS, "matches", matches)
    answer = await login(server, address())
    assert answer.status_code == 500
    body = answer.json()
    assert (body["error"], body["message"]) == ("Internal server error", "An unexpected error occurred")
    assert "secret" not in answer.text
