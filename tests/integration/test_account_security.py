"""Passwords, sessions, addresses and outside identities of an account, as their owner handles them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from models.account import Identity, Passwords, Session, User
from models.account.common_passwords import _COMMON, is_common
from models.account.rules import password_faults
from models.system import AuditEntry
from tests.auth import address, later, login, post, refresh, whoami
from tests.mail import mails
from tests.support import PASSWORD, Client, Person, RpcError, Server, ServerProcess

NEW = "Battery-Staple-9"
CHANGE = {"current_password": PASSWORD, "new_password": NEW, "confirm_new_password": NEW}


async def error_of(call: Any) -> RpcError:
    with pytest.raises(RpcError) as refused:
        await call
    return refused.value


@pytest.fixture
async def person(server: Server) -> Person:
    return await server.user()


@pytest.fixture
async def socket(server: Server, person: Person) -> Client:
    socket = await server.connect(person)
    await socket.subscribe({person.topic: None})
    return socket


# Changing the password


async def test_changing_the_password(server: Server, person: Person, socket: Client) -> None:
    assert await socket.call("auth.password.change", **CHANGE) == {"changed": True}
    data = (await socket.event("auth.password_changed"))["params"]["data"]
    assert data["ip"] == "127.0.0.1"
    assert data["at"].endswith("Z")
    assert (await login(server, person.email)).status_code == 401
    assert (await login(server, person.email, NEW)).status_code == 200
    assert (await mails(server, person.email))[0].subject == "Your password was changed"


async def test_the_others_are_logged_out_if_that_is_wanted(server: Server, person: Person, socket: Client) -> None:
    other = (await login(server, person.email)).json()
    await socket.call("auth.password.change", **CHANGE)
    assert (await whoami(server, other["access_token"])).status_code == 200
    again = {"current_password": NEW, "new_password": PASSWORD, "confirm_new_password": PASSWORD}
    await socket.call("auth.password.change", **again, revoke_others=True)
    assert (await whoami(server, other["access_token"])).status_code == 401
    assert (await refresh(server, other["refresh_token"])).status_code == 401
    assert (await socket.call("session.whoami"))["user"]["id"] == person.id


@pytest.mark.seed("S4-24", "S4-27")
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"current_password": "Wrong-Horse-7"}, "current_password"),
        ({"confirm_new_password": "Battery-Staple-8"}, "confirm_new_password"),
        ({"new_password": PASSWORD, "confirm_new_password": PASSWORD}, "new_password"),
        ({"new_password": "short", "confirm_new_password": "short"}, "new_password"),
        ({"new_password": "Welcome2026!", "confirm_new_password": "Welcome2026!"}, "new_password"),
        ({"new_password": "My-LOVELACE-99", "confirm_new_password": "My-LOVELACE-99"}, "new_password"),
    ],
)
async def test_what_does_not_do(server: Server, person: Person, socket: Client, wrong: Any, field: str) -> None:
    error = await error_of(socket.call("auth.password.change", **{**CHANGE, **wrong}))
    assert list(error.data["details"]) == [field]
    assert (await login(server, person.email)).status_code == 200


async def test_guesses_at_the_present_password_have_to_wait(socket: Client) -> None:
    wrong = {**CHANGE, "current_password": "Wrong-Horse-7"}
    kinds = [(await error_of(socket.call("auth.password.change", **wrong))).kind for _ in range(7)]
    assert kinds[:5] == ["validation_failed"] * 5
    assert "rate_limited" in kinds


# Passwords that everybody has


@pytest.mark.parametrize(
    "password",
    [
        *("Password1!", "P@ssw0rd", "p4$$W0RD", "Password123!", "Passwort2026!", "W3lc0me!!", "Qwerty123!"),
        *("1qaz@WSX", "Q1w2e3r4!", "Admin@2026", "@dm1n1strat0r", "Iloveyou2!", "!L0vey0u", "Letmein!1", "Ch@ngeme1"),
        *("Summer2026!", "Dr@g0n99", "Abcd1234!", "Aa123456!", "Football#1", "Liverpool1!", "Sunsh1n3!", "2026Monkey!"),
    ],
)  # fmt: skip
def test_a_common_password_is_refused_however_it_is_dressed_up(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password", [PASSWORD, NEW, "DemoPass123!", "Wrong-Horse-7", "xK9#mQ2$vL", "Teal-Otter-Piano-4", "Ünïcödé-Wörd-1"]
)
def test_others_are_not(password: str) -> None:
    assert password_faults(password) == []


def test_the_list_holds_what_matters() -> None:
    assert len(_COMMON) > 500


@pytest.mark.parametrize(
    ("fields", "password"),
    [
        ({"full_name": "Grace Hopper"}, "Xy-hopper-99"),
        ({"full_name": "Grace Hopper"}, "9-GraceHopper"),
        ({"first_name": "Grace", "last_name": "Hopper"}, "Xy-HOPPER-99"),
        ({"username": "commodore"}, "1-Commodore"),
        ({"full_name": "Ada Lovelace", "email": "rear.admiral@example.org"}, "Rear.Admiral1"),
    ],
)
async def test_nobody_signs_up_with_their_name_as_password(server: Server, fields: Any, password: str) -> None:
    answer = await post(server, "signup", {"email": address(), **fields, "password": password})
    assert answer.status_code == 400
    assert list(answer.json()["details"]) == ["password"]


# Guessing


@pytest.mark.slow
async def test_a_thousand_wrong_passwords_lock_nobody_out_for_good(
    start_app: Callable[..., Awaitable[Server]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.auth.login.PASSWORDS", Passwords(time_cost=1, memory_kib=8))
    server = await start_app()
    person = await server.user()
    now = [1000.0]
    attempts = server.app.core.services.attempts  # type: ignore[attr-defined]
    for counter in (attempts, attempts._networks, attempts._everywhere):
        monkeypatch.setattr(counter, "_clock", lambda: now[0])
    statuses, waited = [], []
    for _ in range(1000):
        answer = await login(server, person.email, "Wrong-Horse-7")
        statuses.append(answer.status_code)
        if answer.status_code == 429:
            waited.append(answer.json()["retry_after"])
            now[0] += waited[-1] / 2
    assert set(statuses) == {401, 429}
    assert max(waited) <= 15 * 60, "never longer than a quarter of an hour"
    now[0] += 3600
    assert (await login(server, person.email)).status_code == 200


async def log_in_from(server: Server, network: str, email: str, password: str = PASSWORD) -> int:
    body = {"email": email, "password": password}
    return (await post(server, "login", body, headers={"X-Forwarded-For": network})).status_code


async def test_a_stranger_who_guesses_locks_the_owner_out_neither_here_nor_there(
    server: Server, person: Person, socket: Client
) -> None:
    guesses = [await log_in_from(server, "203.0.113.7", person.email, f"Wrong-{number}") for number in range(8)]
    assert guesses == [401] * 5 + [429] * 3
    assert await log_in_from(server, "203.0.113.7", person.email) == 429
    assert await log_in_from(server, "198.51.100.1", person.email) == 200
    # Confirming is counted apart, in both directions.
    assert "until" in await socket.call("auth.reauthenticate", password=PASSWORD)
    kinds = [(await error_of(socket.call("auth.reauthenticate", password="Wrong-1"))).kind for _ in range(6)]
    assert kinds == ["validation_failed"] * 5 + ["rate_limited"]
    assert await log_in_from(server, "127.0.0.1", person.email) == 200


async def test_guesses_are_counted_by_what_was_typed_also_where_there_is_no_such_account(server: Server) -> None:
    nobody = f"{uuid4().hex}@example.org"
    assert [await log_in_from(server, "203.0.113.7", nobody) for _ in range(6)] == [401] * 5 + [429]
    assert await log_in_from(server, "203.0.113.7", nobody.upper()) == 429


async def test_who_resets_the_password_does_not_wait_for_others_guesses(server: Server, person: Person) -> None:
    for _ in range(6):
        await login(server, person.email, "Wrong-Horse-7")
    assert (await login(server, person.email)).status_code == 429
    await post(server, "forgot-password", {"email": person.email})
    body = {"token": (await mails(server, person.email))[0].token, "new_password": NEW, "confirm_new_password": NEW}
    assert (await post(server, "reset-password", body)).status_code == 200
    assert (await login(server, person.email, NEW)).status_code == 200


async def test_an_unknown_account_costs_as_much_as_a_known_one(
    start_app: Callable[..., Awaitable[Server]], monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords = Passwords(time_cost=1, memory_kib=8)
    monkeypatch.setattr("handlers.auth.login.PASSWORDS", passwords)
    server = await start_app()
    person = await server.user()
    compared: list[str] = []
    verify = passwords._verify
    monkeypatch.setattr(
        passwords, "_verify", lambda stored, given: compared.append(stored[:30]) or verify(stored, given)
    )
    for email in (person.email, address()):
        assert (await login(server, email, "Wrong-Horse-7")).status_code == 401
    assert len(compared) == 2
    assert len({one.rpartition("$")[0] for one in compared}) == 1, "the same parameters, so the same work"


# Sessions


async def agent(server: Server, person: Person, name: str) -> httpx.Response:
    body = {"email": person.email, "password": PASSWORD}
    return await post(server, "login", body, headers={"User-Agent": name})


async def test_the_devices_on_which_one_is_logged_in(server: Server, person: Person, socket: Client) -> None:
    await agent(server, person, "Phone/1.0")
    await server.user()
    page = await socket.call("auth.session.list")
    assert [one["current"] for one in page["items"]] == [False, True]
    assert page["items"][0]["device"] == "Phone/1.0"
    assert page["items"][0]["ip"] == "127.0.0.1"
    first = await socket.call("auth.session.list", limit=1)
    rest = await socket.call("auth.session.list", limit=1, cursor=first["next_cursor"])
    assert first["items"] + rest["items"] == page["items"]


async def test_logging_one_device_out(server: Server, person: Person, socket: Client) -> None:
    other = (await agent(server, person, "Phone/1.0")).json()
    phone = await server.connect(Person(person.id, person.email, "", other["access_token"], ""))
    session_id = (await socket.call("auth.session.list"))["items"][0]["id"]
    assert await socket.call("auth.session.revoke", session_id=session_id) == {"revoked": True}
    assert await phone.closed() == 4403
    assert (await socket.event("auth.session_revoked"))["params"]["data"] == {"session_id": session_id}
    assert (await refresh(server, other["refresh_token"])).status_code == 401
    assert await socket.call("auth.session.revoke", session_id=session_id) == {"revoked": False}
    assert len((await socket.call("auth.session.list"))["items"]) == 1


async def test_nobody_logs_somebody_elses_device_out(server: Server, socket: Client) -> None:
    victim = await server.user()
    session = await Session.get(user_id=victim.id)
    assert (await error_of(socket.call("auth.session.revoke", session_id=str(session.id)))).code == -32004
    assert (await whoami(server, victim.token)).status_code == 200


async def test_logging_all_others_out_on_two_processes(pair: tuple[ServerProcess, ServerProcess]) -> None:
    one, two = pair
    person = await one.user()
    others = [(await login(two, person.email)).json()["access_token"] for _ in range(2)]
    sockets = [await two.connect(Person(person.id, "", "", token, "")) for token in others]
    mine = await one.connect(person)
    assert await mine.call("auth.session.revoke_others") == {"revoked": 2}
    assert [await socket.closed(2) for socket in sockets] == [4403, 4403]
    assert (await mine.call("session.whoami"))["user"]["id"] == person.id
    assert await mine.call("auth.session.revoke_others") == {"revoked": 0}


async def test_a_device_that_was_never_seen_is_told(server: Server, person: Person, socket: Client) -> None:
    await login(server, person.email)
    await agent(server, person, "Phone/1.0\tX")
    data = (await socket.event("auth.new_device"))["params"]["data"]
    assert (data["device"], data["ip"]) == ("Phone/1.0\tX", "127.0.0.1")
    told = (await mails(server, person.email))[0]
    assert told.subject == "A new device has logged in"
    assert "Phone/1.0" in told.text
    await agent(server, person, "Phone/1.0\tX")
    assert len([mail for mail in await mails(server, person.email) if mail.subject == told.subject]) == 1


# Confirming who one is


async def test_confirming_the_password_opens_what_wants_it(server: Server, person: Person, socket: Client) -> None:
    elsewhere = await server.connect(person)
    later(server, 601)
    for one in (socket, elsewhere):
        assert (await error_of(one.call("auth.mfa.totp.begin"))).kind == "reauthentication_required"
    assert (await error_of(socket.call("auth.reauthenticate", password="Wrong-Horse-7"))).code == -32602
    assert (await error_of(socket.call("auth.reauthenticate"))).code == -32602
    assert (await error_of(socket.call("auth.reauthenticate", password=PASSWORD, code="1"))).code == -32602
    assert (await error_of(socket.call("auth.mfa.totp.begin"))).kind == "reauthentication_required"
    assert (await socket.call("auth.reauthenticate", password=PASSWORD))["until"].endswith("Z")
    for one in (socket, elsewhere):
        assert (await one.call("auth.mfa.totp.begin"))["secret"]
    later(server, 601)
    assert (await error_of(socket.call("auth.mfa.totp.begin"))).kind == "reauthentication_required"


async def test_it_confirms_this_session_and_no_other(server: Server, person: Person, socket: Client) -> None:
    other = (await login(server, person.email)).json()["access_token"]
    elsewhere = await server.connect(Person(person.id, "", "", other, ""))
    later(server, 601)
    await socket.call("auth.reauthenticate", password=PASSWORD)
    assert (await error_of(elsewhere.call("auth.mfa.totp.begin"))).kind == "reauthentication_required"


# Another address


async def test_taking_another_address(server: Server, person: Person, socket: Client) -> None:
    new = address()
    (old_link,) = await mails(server, person.email)
    assert await socket.call("auth.email.change.request", new_email=new) == {"sent": True}
    (mail,) = await mails(server, new)
    assert "/account/confirm-email#token=" in mail.link
    assert new in (await mails(server, person.email))[0].text
    assert (await login(server, new)).status_code == 401, "nothing has changed yet"
    guest = await server.connect()
    assert await guest.call("auth.email.change.confirm", token=mail.token) == {"email": new}
    data = (await socket.event("account.updated"))["params"]["data"]
    assert data == {"fields": ["email", "email_verified"], "rev": 2}
    assert (await login(server, new)).json()["user"]["email_verified"] is True
    assert (await login(server, person.email)).status_code == 401
    assert (await mails(server, person.email))[0].subject == "Your account has another e-mail address"
    assert (await error_of(guest.call("auth.email.change.confirm", token=mail.token))).code == -32602
    assert (await post(server, "verify-email", {"token": old_link.token})).status_code == 400
    async with asyncio.timeout(5):
        while (await socket.call("session.whoami"))["user"]["email"] != new:
            await asyncio.sleep(0.01)


async def test_an_address_that_is_taken_meanwhile_is_a_conflict(server: Server, socket: Client) -> None:
    new = address()
    await socket.call("auth.email.change.request", new_email=new)
    (mail,) = await mails(server, new)
    await server.user(email=new.upper())
    error = await error_of((await server.connect()).call("auth.email.change.confirm", token=mail.token))
    assert (error.code, error.message) == (-32009, "A user with this email already exists")


async def test_which_addresses_cannot_be_taken(server: Server, person: Person, socket: Client) -> None:
    other = await server.user()
    error = await error_of(socket.call("auth.email.change.request", new_email=other.email.title()))
    assert error.code == -32009
    for wrong in (person.email, "nonsense", ""):
        error = await error_of(socket.call("auth.email.change.request", new_email=wrong))
        assert list(error.data["details"]) == ["new_email"]
    await socket.call("auth.email.change.request", new_email=address())
    assert (await error_of(socket.call("auth.email.change.request", new_email=address()))).kind == "rate_limited"
    later(server, 601)
    error = await error_of(socket.call("auth.email.change.request", new_email=address()))
    assert error.kind == "reauthentication_required"


async def test_a_new_password_stops_a_change_of_address(server: Server, socket: Client) -> None:
    new = address()
    await socket.call("auth.email.change.request", new_email=new)
    (mail,) = await mails(server, new)
    await socket.call("auth.password.change", **CHANGE)
    assert (await error_of(socket.call("auth.email.change.confirm", token=mail.token))).code == -32602


@pytest.mark.parametrize("spelling", ["ADA.{}@EXAMPLE.ORG", "ａda.{}@example.org", "ada.{}@example.ORG"])
async def test_one_address_in_two_spellings_is_one_account(server: Server, spelling: str) -> None:
    tail = address().partition("@")[0]
    await server.user(email=f"ada.{tail}@example.org")
    body = {"full_name": "Ada Other", "email": spelling.format(tail), "password": PASSWORD}
    assert (await post(server, "signup", body)).status_code == 409


# Outside identities


async def test_unlinking_an_identity(person: Person, socket: Client) -> None:
    row = await Identity.create(user_id=person.id, provider="google", subject=person.id, email="ada@example.org")
    (shown,) = (await socket.call("auth.identity.list"))["items"]
    assert (shown["id"], shown["provider"], shown["email"]) == (str(row.id), "google", "ada@example.org")
    assert await socket.call("auth.identity.unlink", identity_id=str(row.id)) == {"unlinked": True}
    assert (await socket.event("auth.identity_changed"))["params"]["data"] == {"provider": "google", "linked": False}
    assert (await error_of(socket.call("auth.identity.unlink", identity_id=str(row.id)))).code == -32004


async def test_the_last_way_in_stays(server: Server, person: Person, socket: Client) -> None:
    await User.filter(id=person.id).update(password_hash=None)
    rows = [
        await Identity.create(user_id=person.id, provider=provider, subject=person.id) for provider in ("one", "two")
    ]
    foreign = await Identity.create(user_id=(await server.user()).id, provider="one", subject=address())
    assert (await error_of(socket.call("auth.identity.unlink", identity_id=str(foreign.id)))).code == -32004
    await socket.call("auth.identity.unlink", identity_id=str(rows[0].id))
    error = await error_of(socket.call("auth.identity.unlink", identity_id=str(rows[1].id)))
    assert error.data["state"] == "last_way_in"


# What is remembered of it


async def test_the_audit_log_says_who_did_what_and_no_secret(person: Person, socket: Client) -> None:
    await socket.call("auth.password.change", **CHANGE)
    await socket.call("auth.email.change.request", new_email=address())
    await socket.call("auth.mfa.totp.begin")
    rows = await AuditEntry.filter(actor_id=person.id)
    assert {row.action for row in rows} >= {
        "auth.password.change",
        "auth.email.change.request",
        "auth.mfa.totp.begin",
    }
    assert all(row.address == "127.0.0.1" for row in rows)
    kept = str([(row.before, row.after) for row in rows])
    assert PASSWORD not in kept
    assert NEW not in kept
    opened = await AuditEntry.filter(action="auth.signup", target=person.topic)
    assert len(opened) == 1
