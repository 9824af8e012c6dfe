"""The documented flow of each of the four systems, from the first request to the last, as their readers would take it.

Over real HTTP, real sockets and real SMTP: links come out of mails that the caught mail's server has received.
"""

import asyncio
from typing import Any

import httpx
import pytest

from tests.auth import address, post, whoami
from tests.contract.samples import World
from tests.mail import mails
from tests.support import PASSWORD, Person, RpcError, Server, ServerProcess

NEW = "Battery-Staple-9"


async def call(server: Server, token: str | None, method: str, **params: Any) -> Any:
    """Over HTTP, as a page without a socket would."""
    answer = await server.rpc({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, token)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return body["result"] if "result" in body else body["error"]["data"]["kind"]


def person_of(answer: httpx.Response) -> Person:
    body = answer.json()
    user = body["user"]
    return Person(user["id"], user["email"], user["full_name"], body["access_token"], body["refresh_token"])


@pytest.mark.seed("S0-13", "S0-14", "S0-15", "S0-16", "S0-17", "S0-18", "S0-20", "S0-22", "S0-23")
async def test_the_mobile_developers_four_steps(server: Server) -> None:
    """Register, get tokens, call with them, refresh."""
    email = address()
    form = {"email": email, "password": PASSWORD, "first_name": "Ada", "last_name": "King"}
    registered = (await post(server, "signup/", form)).json()["user"]
    assert {name: registered[name] for name in ("email", "first_name", "last_name")} == {
        "email": email,
        "first_name": "Ada",
        "last_name": "King",
    }
    assert PASSWORD not in str(registered)

    tokens = (await post(server, "login/", {"email": email, "password": PASSWORD})).json()
    assert (await whoami(server, "expired.or.invalid")).status_code == 401

    profile = await call(server, tokens["access_token"], "account.profile.get")
    assert profile["first_name"] == "Ada"
    changed = await call(server, tokens["access_token"], "account.profile.update", last_name="Lovelace")
    assert changed["full_name"] == "Ada Lovelace"

    renewed = (await post(server, "refresh/", {"refresh_token": tokens["refresh_token"]})).json()
    socket = await server.connect(Person(registered["id"], email, "", renewed["access_token"], ""))
    assert (await socket.call("account.profile.get"))["last_name"] == "Lovelace"


@pytest.mark.seed("S1-J01", "S1-J04", "S1-J05", "S1-J06")
async def test_the_job_boards_two_kinds_of_users(server: Server) -> None:
    people = {}
    for kind in ("job_seeker", "employer"):
        name = f"{kind}_{address()[:8]}"
        form = {"username": name, "email": address(), "password": PASSWORD, f"is_{kind}": True}
        assert (await post(server, "signup/", form)).status_code == 201
        people[kind] = (await post(server, "login/", {"username": name, "password": PASSWORD})).json()
        assert people[kind]["user"]["username"] == name
    assert {kind: one["user"]["roles"] for kind, one in people.items()} == {
        "job_seeker": ["user", "job_seeker"],
        "employer": ["user", "employer"],
    }
    for one in people.values():
        assert await call(server, one["access_token"], "admin.user.list") == "forbidden"
        assert (await call(server, one["access_token"], "account.profile.get"))["role"] == one["user"]["role"]


@pytest.mark.seed("S2-01", "S2-02", "S2-03", "S2-14", "S2-18", "S2-20", "S2-22", "S2-23", "S2-49")
async def test_the_pages_of_the_school(server: Server, pair: tuple[ServerProcess, ServerProcess]) -> None:
    """Register, confirm, log in, profile, forgotten password, messages, the admin's dashboard; nothing is mocked."""
    email = address()
    form = {"full_name": "Grace Hopper", "email": email, "password": PASSWORD, "confirm_password": PASSWORD}
    registered = await post(server, "signup", form)
    assert registered.json()["message"].startswith("Registration successful. Please check your email")
    assert registered.json()["access_token"], "a token comes with the registration too"
    confirm = next(mail for mail in await mails(server, email) if "/verify-email" in mail.link)
    assert (await post(server, "verify-email", {"token": confirm.token})).status_code == 200

    answer = await post(server, "login", {"email": email, "password": PASSWORD})
    assert answer.json()["message"] == "Login successful."
    grace = person_of(answer)
    assert answer.json()["user"]["email_verified"] is True

    changed = await call(server, grace.token, "account.profile.update", full_name="Grace B. Hopper")
    assert {name: changed[name] for name in ("id", "email", "full_name", "role")} == {
        "id": grace.id,
        "email": email,
        "full_name": "Grace B. Hopper",
        "role": "user",
    }
    assert await call(server, grace.token, "account.profile.update", email="other@example.org") == "validation_failed"

    assert (await post(server, "forgot-password", {"email": email})).json()["message"].startswith("Password reset link")
    link = (await mails(server, email))[0]
    twice = {"new_password": NEW, "confirm_new_password": NEW}
    reset = await post(server, "reset-password", {"token": link.token, **twice})
    assert reset.json()["message"] == "Your password has been updated successfully."
    assert (await whoami(server, grace.token)).status_code == 401, "all sessions have ended"

    # Another process on the same database: what was done is there.
    elsewhere, _ = pair
    grace = person_of(await post(elsewhere, "login", {"email": email, "password": NEW}))
    renewed = (await post(elsewhere, "refresh", {"refresh_token": grace.refresh_token})).json()
    assert (await call(elsewhere, renewed["access_token"], "account.profile.get"))["full_name"] == "Grace B. Hopper"

    ada = await server.user("Ada Lovelace")
    page = await elsewhere.connect(grace)
    await page.subscribe({grace.topic: None})
    await call(server, ada.token, "message.send", receiver_id=grace.id, content="Is the exam on Monday?")
    assert (await page.event("message.created"))["params"]["data"]["content"] == "Is the exam on Monday?"

    admin = await World(server).person("Ada Admin", ["admin"])
    users = await call(server, admin.token, "admin.user.list", search=email)
    assert [(one["full_name"], one["courses_completed_count"]) for one in users["items"]] == [("Grace B. Hopper", 0)]
    assert await call(server, grace.token, "admin.user.list") == "forbidden"


@pytest.mark.seed("S4-11", "S4-12", "S4-13", "S4-14", "S4-15", "S4-16", "S4-17", "S4-48")
async def test_the_language_platforms_endpoints(server: Server) -> None:
    """Sign up, log in, refresh, log out, profile, health: which need a token, and which do not."""
    email = address()
    form = {"full_name": "Jane Doe", "email": email, "password": PASSWORD, "date_of_birth": "1990-05-15"}
    signed_up = await post(server, "signup/", form)
    body = signed_up.json()
    assert (signed_up.status_code, body["token_type"], body["expires_in"]) == (201, "Bearer", 3600)
    assert body["user"]["date_of_birth"] == "1990-05-15"
    logged_in = (await post(server, "login/", {"email": email, "password": PASSWORD})).json()
    pair = (await post(server, "refresh/", {"refresh_token": logged_in["refresh_token"]})).json()
    assert pair.keys() == {"access_token", "refresh_token", "token_type", "expires_in"}
    profile = await call(server, pair["access_token"], "account.profile.get")
    assert {"id", "full_name", "email", "date_of_birth", "created_at", "updated_at"} <= profile.keys()
    assert await call(server, None, "account.profile.get") == "unauthenticated"
    async with server.http() as http:
        health = (await http.get("/health/")).json()
    assert (health["status"], health["auth0_configured"], health["supabase_configured"]) == ("healthy", False, False)
    info = await call(server, None, "system.info")
    assert info["version"] == health["version"]

    socket = await server.connect(Person(profile["id"], email, "", pair["access_token"], ""))
    assert (await post(server, "logout/", {"refresh_token": pair["refresh_token"]})).status_code == 401
    headers = {"Authorization": f"Bearer {pair['access_token']}"}
    answer = await post(server, "logout/", {"refresh_token": pair["refresh_token"]}, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"message": "Successfully logged out"})
    assert await socket.closed(2) == 4403
    assert (await post(server, "refresh/", {"refresh_token": pair["refresh_token"]})).status_code == 401


@pytest.mark.seed("S2-02", "S1-H18")
async def test_a_token_travels_in_a_header_or_a_message_and_nowhere_else(server: Server) -> None:
    person = await server.user()
    async with server.http() as http:
        by_query = await http.post(
            f"/api/v1/rpc?access_token={person.token}",
            json={"jsonrpc": "2.0", "id": 1, "method": "account.profile.get", "params": {}},
        )
    assert by_query.json()["error"]["code"] == -32001
    guest = await server.connect()
    with pytest.raises(RpcError):
        await guest.call("account.profile.get")
    await guest.call("session.authenticate", access_token=person.token)
    assert (await asyncio.wait_for(guest.call("account.profile.get"), 5))["id"] == person.id
