"""What admins do to the accounts of others, and what those notice of it."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from websockets.exceptions import InvalidStatus

from models.account import Session, User
from models.account.administration import set_roles, suspend
from models.errors import InvalidState
from models.system import AuditEntry, DeferredTask
from tests.auth import later, login, post, refresh, whoami
from tests.contract.samples import World
from tests.mail import caught
from tests.support import Client, Person, RpcError, Server, ServerProcess, key
from tests.tasks import carry_out, queued

SPAM = {"status": "suspended", "reason": "spam"}


async def error_of(call: Any) -> RpcError:
    with pytest.raises(RpcError) as refused:
        await call
    return refused.value


async def admin_of(server: Server, *roles: str) -> Person:
    return await World(server).person("Ada Admin", ["admin", *roles], verified=True)


async def person_of(server: Server, name: str = "Some Body", *roles: str) -> Person:
    return await World(server).person(name, roles)


@pytest.fixture
async def no_other_admin(server: Server) -> AsyncIterator[None]:  # noqa: ARG001 - what connects the models
    """Nobody is an admin while the test runs; the admins that other tests share are back afterwards."""
    admins = await User.filter(roles__contains=["admin"]).values_list("id", "roles")
    await User.filter(roles__contains=["admin"]).update(roles=["user"])
    yield
    for id_, roles in admins:
        await User.filter(id=id_).update(roles=roles)


@pytest.fixture
async def admin(server: Server) -> Client:
    client = await server.connect(await admin_of(server))
    await client.subscribe({"admin": None})
    return client


def in_a_day(server: Server, days: float = 1) -> datetime:
    now: datetime = server.app.clock.now()  # type: ignore[attr-defined]
    return now + timedelta(days=days)


def z(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


# Who there is


class TestTheListOfAccounts:
    @pytest.mark.seed("S2-49")
    async def test_shows_what_an_admins_dashboard_shows(self, server: Server, admin: Client) -> None:
        person = await server.user("Grace Hopper", is_employer=True)
        await User.filter(id=person.id).update(courses_completed_count=3)
        (item,) = (await admin.call("admin.user.list", search=person.email))["items"]
        assert {name: item[name] for name in ("id", "full_name", "email", "role", "courses_completed_count")} == {
            "id": person.id,
            "full_name": "Grace Hopper",
            "email": person.email,
            "role": "employer",
            "courses_completed_count": 3,
        }
        assert item["created_at"].endswith("Z")
        assert (item["roles"], item["status"], item["email_verified"]) == (["user", "employer"], "active", False)

    async def test_is_searched_filtered_and_sorted(self, server: Server, admin: Client) -> None:
        mark = uuid4().hex[:10]
        make = World(server).person
        ada = await make(f"Ada {mark}", ["employer"], verified=True)
        bob = await make(f"bob {mark}", ["employer", "instructor"])
        eve = await make(f"Eve {mark}")
        await User.filter(id=eve.id).update(status="suspended")

        async def found(**params: Any) -> list[str]:
            return [one["id"] for one in (await admin.call("admin.user.list", search=mark.upper(), **params))["items"]]

        assert await found() == [eve.id, bob.id, ada.id]
        assert await found(sort="created_at") == [ada.id, bob.id, eve.id]
        assert await found(filter={"role": "employer"}) == [bob.id, ada.id]
        assert await found(filter={"status": "suspended"}) == [eve.id]
        assert await found(filter={"verified": True}) == [ada.id]
        assert await found(filter={"verified": False, "role": "instructor"}) == [bob.id]
        assert (await found(sort="full_name"))[::-1] == await found(sort="-full_name")
        await User.filter(id=bob.id).update(username=f"B_{mark}", username_canonical=f"b_{mark}", full_name="Bob")
        assert await found(filter={"role": "instructor"}) == [bob.id]

    async def test_what_is_searched_is_no_pattern(self, server: Server, admin: Client) -> None:
        await person_of(server, "Percy")
        for text in ("%", "_", "\\", "P_rcy", "%' OR 1=1 --"):
            found = await admin.call("admin.user.list", search=text)
            assert all(text.lower() in str(one).lower() for one in found["items"])

    @pytest.mark.seed("S1-H04")
    @pytest.mark.parametrize("sort", ["-created_at", "full_name", "-email"])
    async def test_its_pages_are_the_list(self, server: Server, admin: Client, sort: str) -> None:
        mark = uuid4().hex[:10]
        for number in range(5):
            await person_of(server, f"{mark} {number % 2}")
        whole = await admin.call("admin.user.list", search=mark, sort=sort)
        pages, cursor = [], {}
        while True:
            page = await admin.call("admin.user.list", search=mark, sort=sort, limit=2, **cursor)
            pages += page["items"]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert pages == whole["items"]
        assert len(pages) == 5

    async def test_wrong_filters_are_named(self, admin: Client) -> None:
        error = await error_of(admin.call("admin.user.list", filter={"role": "king", "status": 1}, sort="password"))
        assert set(error.data["details"]) == {"filter.role", "filter.status", "sort"}


async def test_one_account_with_its_devices(server: Server, admin: Client) -> None:
    person = await server.user("Grace Hopper", date_of_birth="1980-01-31")
    await post(server, "login", {"email": person.email, "password": "Correct-Horse-7"}, headers={"User-Agent": "Phone"})
    record = await admin.call("admin.user.get", user_id=person.id)
    assert (record["id"], record["date_of_birth"], record["has_password"]) == (person.id, "1980-01-31", True)
    assert record["sessions"][0]["device"] == "Phone"
    assert record["counts"]["sessions"] == len(record["sessions"]) == 2
    assert record["second_factor"] is False
    assert not [name for name in record if "hash" in name or "secret" in name]
    assert (await error_of(admin.call("admin.user.get", user_id=str(uuid4())))).code == -32004


# Suspending


async def test_a_suspended_person_is_out_within_a_second_on_every_process(
    server: Server, pair: tuple[ServerProcess, ServerProcess], admin: Client
) -> None:
    other, _ = pair
    person = await server.user()
    phone = replace(person, token=(await login(server, person.email)).json()["access_token"])
    sockets = [await one.connect(who) for one in (server, other) for who in (person, phone)]
    await sockets[0].subscribe({person.topic: None})
    begun = time.monotonic()
    shown = await admin.call("admin.user.status.set", user_id=person.id, **SPAM)
    assert [await socket.closed() for socket in sockets] == [4404] * 4
    assert time.monotonic() - begun < 1
    assert (shown["status"], shown["suspension_reason"], shown["suspended_until"]) == ("suspended", "spam", None)
    assert (await admin.event("admin.user_changed"))["params"]["data"] == shown
    for one in (server, other):
        assert (await whoami(one, person.token)).status_code == 401
        with pytest.raises(InvalidStatus, match="401"):
            await one.connect(person)
        for answer in (await login(one, person.email), await refresh(one, person.refresh_token)):
            body = answer.json()
            assert (answer.status_code, body["code"], body["error"]) == (403, "forbidden", "Account suspended")
            assert (body["reason"], body["until"]) == ("spam", None)


async def test_who_is_let_in_again_goes_on_with_the_sessions_that_there_were(server: Server, admin: Client) -> None:
    person = await server.user()
    await admin.call("admin.user.status.set", user_id=person.id, **SPAM)
    shown = await admin.call("admin.user.status.set", user_id=person.id, status="active", reason="a mistake")
    assert (shown["status"], shown["suspension_reason"]) == ("active", None)
    assert (await whoami(server, person.token)).status_code == 200
    assert (await refresh(server, person.refresh_token)).status_code == 200
    assert (await login(server, person.email)).status_code == 200
    await (await server.connect(person)).call("account.profile.get")


async def test_a_suspension_ends_by_the_clock(server: Server, admin: Client) -> None:
    person = await server.user()
    until = in_a_day(server)
    await admin.call("admin.user.status.set", user_id=person.id, **SPAM, until=z(until))
    assert (await login(server, person.email)).json()["until"] == z(until)[:23] + "Z"
    assert await carry_out(server, "account.end_suspension", person.id) == 0
    later(server, 86_000)
    assert (await login(server, person.email)).status_code == 403
    later(server, 500)
    await admin.event("admin.user_changed")
    assert await carry_out(server, "account.end_suspension", person.id) == 1
    data = (await admin.event("admin.user_changed"))["params"]["data"]
    assert (data["id"], data["status"], data["suspended_until"]) == (person.id, "active", None)
    assert (await login(server, person.email)).status_code == 200
    entry = await AuditEntry.filter(target=person.topic, action="account.end_suspension").get()
    assert (entry.actor_id, entry.address) == (None, "")


async def test_when_the_clock_is_late_the_end_is_the_end_all_the_same(server: Server, admin: Client) -> None:
    person = await server.user()
    await admin.call("admin.user.status.set", user_id=person.id, **SPAM, until=z(in_a_day(server)))
    later(server, 86_401)
    assert (await refresh(server, person.refresh_token)).status_code == 200
    assert (await login(server, person.email)).status_code == 200
    assert (await User.get(id=person.id)).status == "active"
    await carry_out(server, "account.end_suspension", person.id)
    assert (await User.get(id=person.id)).status == "active"


async def test_only_the_last_end_ends_it(server: Server, admin: Client) -> None:
    person = await server.user()
    for days in (1, 3):
        await admin.call("admin.user.status.set", user_id=person.id, **SPAM, until=z(in_a_day(server, days)))
    later(server, 2 * 86_400)
    assert await carry_out(server, "account.end_suspension", person.id) == 1
    assert (await login(server, person.email)).status_code == 403
    later(server, 86_401)
    await carry_out(server, "account.end_suspension", person.id)
    assert (await login(server, person.email)).status_code == 200


async def test_the_person_is_told_why_by_mail(server: Server, admin: Client) -> None:
    person = await server.user("Grace Hopper")
    reason = "{{ 7 * 7 }} <b>spam</b>\r\nBcc: eve@example.org"
    await admin.call("admin.user.status.set", user_id=person.id, status="suspended", reason=reason)
    await carry_out(server, "mail.send", person.email)
    mail = (await caught(server, person.email))[0]
    assert mail.subject == "Your account was suspended"
    assert "Reason: {{ 7 * 7 }} <b>spam</b> Bcc: eve@example.org" in mail.text
    assert "<b>spam" not in mail.html


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": " \n "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"status": "banned"}, "status"),
        ({"until": "2020-01-01T00:00:00Z"}, "until"),
        ({"until": "9999-12-31T23:59:59-14:00"}, "until"),
        ({"until": "2026-12-01T00:00:00"}, "until"),
        ({"status": "active", "until": "2027-01-01T00:00:00Z"}, "until"),
        ({"user_id": "nobody"}, "user_id"),
    ],
)
async def test_what_is_no_suspension(server: Server, admin: Client, wrong: dict[str, str], field: str) -> None:
    person = await person_of(server)
    error = await error_of(admin.call("admin.user.status.set", **{"user_id": person.id, **SPAM, **wrong}))
    assert list(error.data["details"]) == [field]
    assert (await User.get(id=person.id)).status == "active"


async def test_an_old_proof_of_who_one_is_does_not_do(server: Server) -> None:
    stale = await World(server).person("Ada Admin", ["admin"], stale=True)
    client = await server.connect(stale)
    person = await person_of(server)
    for method, more in (("admin.user.status.set", SPAM), ("admin.user.role.set", {"roles": []})):
        error = await error_of(client.call(method, user_id=person.id, **more))
        assert error.kind == "reauthentication_required"


# Roles


@pytest.mark.seed("S1-H19")
async def test_a_role_that_is_granted_and_taken_reaches_open_sockets_of_every_process(
    server: Server, pair: tuple[ServerProcess, ServerProcess], admin: Client
) -> None:
    other, _ = pair
    person = await person_of(server)
    sockets = [await one.connect(person) for one in (server, other)]
    for socket in sockets:
        await socket.subscribe({person.topic: None})
    shown = await admin.call("admin.user.role.set", user_id=person.id, roles=["admin", "employer"])
    assert (shown["role"], shown["roles"]) == ("admin", ["user", "employer", "admin"])
    assert (await admin.event("admin.user_changed"))["params"]["data"] == shown
    for socket in sockets:
        assert (await socket.event("account.updated"))["params"]["data"] == {"fields": ["roles"], "rev": 2}
        await until_roles(socket, ["user", "employer", "admin"])
        await socket.subscribe({"admin": None})
        await socket.call("admin.user.list", limit=1)
    begun = time.monotonic()
    await admin.call("admin.user.role.set", user_id=person.id, roles=["employer"])
    for socket in sockets:
        assert (await socket.event("session.unsubscribed"))["params"] == {"topic": "admin", "reason": "forbidden"}
        assert (await error_of(socket.call("admin.user.list", limit=1))).code == -32003
    assert time.monotonic() - begun < 1
    await carry_out(server, "mail.send", person.email)
    assert (await caught(server, person.email))[0].subject == "Your roles were changed"


async def until_roles(socket: Client, roles: list[str]) -> None:
    async with asyncio.timeout(1):
        while (await socket.call("session.whoami"))["roles"] != roles:
            await asyncio.sleep(0.01)


async def test_the_same_roles_change_nothing(server: Server, admin: Client) -> None:
    person = await person_of(server, "Some Body", "employer")
    await admin.call("admin.user.role.set", user_id=person.id, roles=["employer", "employer", "user"])
    assert (await User.get(id=person.id)).rev == 1
    assert await AuditEntry.filter(target=person.topic).count() == 0


async def test_nobody_does_it_to_themselves(server: Server) -> None:
    boss = await admin_of(server)
    client = await server.connect(boss)
    for method, more in (
        ("admin.user.status.set", SPAM),
        ("admin.user.role.set", {"roles": ["admin", "instructor"]}),
        ("admin.user.sessions.revoke", {}),
    ):
        assert list((await error_of(client.call(method, user_id=boss.id, **more))).data["details"]) == ["user_id"]
    assert (await User.get(id=boss.id)).roles == ["admin", "user"]


@pytest.mark.parametrize("roles", [["king"], ["admin", 1], "admin", [["admin"]], ["user"] * 7])
async def test_what_are_no_roles(server: Server, admin: Client, roles: Any) -> None:
    person = await person_of(server)
    assert (await error_of(admin.call("admin.user.role.set", user_id=person.id, roles=roles))).code == -32602
    assert (await User.get(id=person.id)).roles == ["user"]


async def test_who_is_nobody_is_not_found(admin: Client) -> None:
    for method, more in (
        ("admin.user.status.set", SPAM),
        ("admin.user.role.set", {"roles": []}),
        ("admin.user.sessions.revoke", {}),
    ):
        assert (await error_of(admin.call(method, user_id=str(uuid4()), **more))).code == -32004


@pytest.mark.slow
@pytest.mark.usefixtures("no_other_admin")
async def test_of_admins_who_all_dismiss_each_other_at_once_one_stays(server: Server) -> None:
    admins = [await admin_of(server) for _ in range(15)]
    calls = [
        {"jsonrpc": "2.0", "id": number, "method": method, "params": {"user_id": whom.id, **more}}
        for number, (_, whom) in enumerate(permutations(admins, 2))
        for method, more in [("admin.user.role.set", {"roles": []}) if number % 2 else ("admin.user.status.set", SPAM)]
    ]
    assert len(calls) == 210
    tokens = [who.token for who, _ in permutations(admins, 2)]

    async def dismiss(call: dict[str, Any], token: str) -> int | None:
        while True:
            answer = await server.rpc(call, token)
            if answer.status_code == 401:
                return 401
            error = answer.json().get("error")
            # A machine that is busy may let so many wait too long: what can be tried again is tried again.
            if error is None or not error["data"]["retryable"]:
                return error["code"] if error else None

    codes = await asyncio.gather(*(dismiss(call, token) for call, token in zip(calls, tokens, strict=True)))
    assert set(codes) <= {None, -32003, 401}
    assert await User.filter(roles__contains=["admin"], status="active").count() == 1


@pytest.mark.usefixtures("no_other_admin")
async def test_not_even_the_operator_dismisses_the_last_admin(server: Server) -> None:
    last, world = await admin_of(server), World(server)
    for act in (
        lambda work: set_roles(work, None, UUID(last.id), []),
        lambda work: suspend(work, None, UUID(last.id), "spam", None),
    ):
        with pytest.raises(InvalidState, match="last active admin"):
            await world.act(act)
    second = await admin_of(server)
    await world.act(lambda work: set_roles(work, None, UUID(last.id), ["employer"]))
    assert (await User.get(id=last.id)).roles == ["employer", "user"]
    assert (await User.get(id=second.id)).roles == ["admin", "user"]


# Sessions


async def test_logging_somebody_out_everywhere(server: Server, admin: Client) -> None:
    person = await server.user()
    phone = replace(person, token=(await login(server, person.email)).json()["access_token"])
    sockets = [await server.connect(who) for who in (person, phone)]
    assert await admin.call("admin.user.sessions.revoke", user_id=person.id) == {"revoked": 2}
    assert [await socket.closed(1) for socket in sockets] == [4403, 4403]
    assert (await refresh(server, person.refresh_token)).status_code == 401
    assert await admin.call("admin.user.sessions.revoke", user_id=person.id) == {"revoked": 0}
    assert (await login(server, person.email)).status_code == 200


# Once, and written down


async def test_with_a_key_it_is_done_once(server: Server, admin: Client) -> None:
    person = await person_of(server)
    params = {"user_id": person.id, **SPAM, "until": z(in_a_day(server)), "idempotency_key": key()}
    first = await admin.call("admin.user.status.set", **params)
    assert await admin.call("admin.user.status.set", **params) == first
    assert len(await queued("account.end_suspension", person.id)) == 1
    assert await DeferredTask.filter(name="mail.send", args__contains=person.email).count() == 1


async def test_the_audit_log_tells_who_did_what_to_whom(server: Server) -> None:
    boss = await admin_of(server)
    client = await server.connect(boss)
    person = await person_of(server, "Some Body", "employer")
    await client.call("admin.user.role.set", user_id=person.id, roles=["instructor"])
    await client.call("admin.user.status.set", user_id=person.id, **SPAM)
    await client.call("admin.user.status.set", user_id=person.id, status="active", reason="a mistake")
    await client.call("admin.user.sessions.revoke", user_id=person.id)
    entries = (await client.call("admin.audit.list", filter={"target": person.topic}))["items"]
    told = [(one["action"].removeprefix("admin.user."), one["before"], one["after"]) for one in entries]
    active, out = {"status": "active", "until": None}, {"status": "suspended", "reason": "spam", "until": None}
    assert told == [
        ("sessions.revoke", None, {"revoked": 1}),
        ("status.set", out, {**active, "reason": "a mistake"}),
        ("status.set", {**active, "reason": None}, out),
        ("role.set", {"roles": ["employer", "user"]}, {"roles": ["instructor", "user"]}),
    ]
    for one in entries:
        assert (one["actor_id"], one["actor_name"], one["target"]) == (boss.id, "Ada Admin", person.topic)
        assert one["address"] == "127.0.0.1"
        assert UUID(one["request_id"]).version == 7
        assert one["at"].endswith("Z")


async def test_what_fails_is_not_in_the_log(server: Server) -> None:
    boss = await admin_of(server)
    client = await server.connect(boss)
    await error_of(client.call("admin.user.status.set", user_id=str(uuid4()), **SPAM))
    assert (await client.call("admin.audit.list", filter={"actor": boss.id}))["items"] == []


async def test_the_audit_log_is_filtered_and_paged(server: Server) -> None:
    boss = await admin_of(server)
    client = await server.connect(boss)
    people = [await person_of(server) for _ in range(3)]
    moments = []
    for person in people:
        await client.call("admin.user.role.set", user_id=person.id, roles=["employer"])
        later(server, 60)
        moments.append(in_a_day(server, 0))
        await client.call("admin.user.sessions.revoke", user_id=person.id)

    async def found(limit: int = 100, **filter_: Any) -> list[str]:
        targets, cursor = [], {}
        while True:
            page = await client.call("admin.audit.list", filter={"actor": boss.id, **filter_}, limit=limit, **cursor)
            targets += [one["target"] for one in page["items"]]
            if page["next_cursor"] is None:
                return targets
            cursor = {"cursor": page["next_cursor"]}

    topics = [person.topic for person in people]
    assert await found() == await found(limit=2) == [topic for topic in topics[::-1] for _ in range(2)]
    assert await found(action="admin.user.role.set") == topics[::-1]
    assert await found(target=topics[1]) == [topics[1]] * 2
    assert await found(**{"from": z(moments[2])}) == [topics[2]]
    assert await found(to=z(moments[0])) == [topics[0]]
    assert await found(actor=people[0].id) == []
    error = await error_of(client.call("admin.audit.list", filter={"from": "yesterday", "actor": "me"}))
    assert set(error.data["details"]) == {"filter.from", "filter.actor"}


async def test_the_session_of_a_dismissed_admin_acts_no_more_even_with_old_rights(server: Server) -> None:
    """The socket may not have heard yet: what counts is the row, under its lock."""
    boss, person = await admin_of(server), await person_of(server)
    await World(server).act(lambda work: set_roles(work, None, UUID(boss.id), []))
    for act in (
        lambda work: set_roles(work, UUID(boss.id), UUID(person.id), ["admin"]),
        lambda work: suspend(work, UUID(boss.id), UUID(person.id), "spam", None),
    ):
        with pytest.raises(Exception, match="not allowed"):
            await World(server).act(act)
    assert await Session.filter(user_id=person.id, revoked_at=None).count() == 1
