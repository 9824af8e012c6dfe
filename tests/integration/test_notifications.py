"""Notifications: telling, counting, reading, deleting, and the ways that people choose."""

import asyncio
import contextlib
import time as clocks
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from models.account import User
from models.notification import TYPES, Inbox, Notification, QuietHours
from models.notification.types import CHANNELS, NotificationType
from server.kernel.errors import DATABASE_AWAY
from tests.contract.samples import World
from tests.support import PASSWORD, Client, Person, RpcError, Server
from tests.tasks import arguments, carry_out, queued
from workers.mail import render

ENOUGH = 100_000
KIND = "role.requested"
QUIET = {"start": "22:00", "end": "07:00", "timezone": "Africa/Lagos"}

Me = tuple[Person, Client]


@pytest.fixture
async def server(start_app: Callable[..., Awaitable[Server]]) -> Server:
    return await start_app(commands_burst=ENOUGH, queries_burst=ENOUGH)


@pytest.fixture
async def me(server: Server) -> Me:
    return await joined(server)


async def joined(server: Server) -> Me:
    """Somebody on a socket that follows their own topic."""
    ada = await server.user("Ada Lovelace")
    client = await server.connect(ada)
    await client.subscribe({ada.topic: None})
    return ada, client


async def notify(server: Server, person: Person, title: str = "Look", name: str = KIND, **data: Any) -> None:
    """Tell somebody something, as a command would."""
    await World(server).act(
        lambda work: Notification.notify(work, UUID(person.id), name, title=title, body="Here.", data=data)
    )


async def notify_many(server: Server, person: Person, number: int) -> None:
    """Tell somebody many things at once; whoever finds no free connection has done nothing, and asks again."""

    async def insist(title: str) -> None:
        for _ in range(20):
            with contextlib.suppress(*DATABASE_AWAY):
                await notify(server, person, title)
                return
            await asyncio.sleep(0.2)
        raise AssertionError("the database never answered")

    async with asyncio.timeout(60):
        await asyncio.gather(*(insist(f"Number {n}") for n in range(number)))


async def refused(call: Awaitable[Any]) -> RpcError:
    with pytest.raises(RpcError) as caught:
        await call
    return caught.value


async def listed(client: Client, **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = await client.call("notification.list", limit=100, cursor=cursor, **params)
        items += page["items"]
        if (cursor := page["next_cursor"]) is None:
            return items


async def count(client: Client) -> int:
    unread: int = (await client.call("notification.unread_count"))["count"]
    return unread


async def choose(client: Client, **members: Any) -> dict[str, Any]:
    return await client.call("notification.preference.update", **members)


async def mails(address: str) -> list[dict[str, Any]]:
    """What the mails about notifications to an address show."""
    sent = await arguments("mail.send", address)
    return [mail["shown"] for (mail,) in sent if mail["template"] == "notification"]


def set_clock(server: Server, moment: datetime) -> None:
    server.app.clock.offset = moment.timestamp() - clocks.time()  # type: ignore[attr-defined]


async def test_who_is_told_something_gets_a_row_and_two_events(server: Server, me: Me) -> None:
    ada, client = me
    await notify(server, ada, job_id="1")
    created = (await client.event("notification.created"))["params"]["data"]
    assert (created["type"], created["title"], created["body"]) == (KIND, "Look", "Here.")
    assert (created["data"], created["read_at"]) == ({"job_id": "1"}, None)
    told = (await client.event("notification.unread_changed"))["params"]["data"]
    assert told == {"count": 1, "read": [], "all_read": False, "read_at": None, "deleted": []}
    assert await listed(client) == [created]
    assert await count(client) == 1


async def test_the_list_is_paged_and_can_show_what_is_unread(server: Server, me: Me) -> None:
    ada, client = me
    for number in range(5):
        await notify(server, ada, f"Number {number}")
    titles, cursor = [], None
    while True:
        page = await client.call("notification.list", limit=2, cursor=cursor)
        titles += [item["title"] for item in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
        await notify(server, ada, "added meanwhile")
    assert titles == [f"Number {number}" for number in (4, 3, 2, 1, 0)]
    some = [item["id"] for item in await listed(client)][-2:]
    await client.call("notification.read", notification_ids=some)
    assert [item["id"] for item in await listed(client, filter={"unread": False})] == some
    assert not set(some) & {item["id"] for item in await listed(client, filter={"unread": True})}


async def test_reading_counts_each_once(server: Server, me: Me) -> None:
    ada, client = me
    for _ in range(4):
        await notify(server, ada)
    ids = [item["id"] for item in await listed(client)]
    assert await client.call("notification.read", notification_ids=ids[:2]) == {"unread": 2}
    assert await client.call("notification.read", notification_ids=[ids[0], ids[0], ids[2]]) == {"unread": 1}
    assert await client.call("notification.read", notification_ids=[str(uuid4())]) == {"unread": 1}
    assert await client.call("notification.read", all=True) == {"unread": 0}
    assert await client.call("notification.read", all=True) == {"unread": 0}
    changes = [one for one in await client.until(8 + 3) if one["method"] == "notification.unread_changed"][4:]
    assert [one["params"]["data"]["count"] for one in changes] == [2, 1, 0]
    assert [one["params"]["data"]["read"] for one in changes] == [sorted(ids[:2]), [ids[2]], []]
    assert [one["params"]["data"]["all_read"] for one in changes] == [False, False, True]


async def test_deleting_takes_the_unread_out_of_the_count(server: Server, me: Me) -> None:
    ada, client = me
    for _ in range(3):
        await notify(server, ada)
    ids = [item["id"] for item in await listed(client)]
    await client.call("notification.read", notification_ids=ids[:1])
    assert await client.call("notification.delete", notification_ids=ids[:2]) == {"deleted": True}
    assert await client.call("notification.delete", notification_ids=ids[:2]) == {"deleted": False}
    assert [item["id"] for item in await listed(client)] == ids[2:]
    assert await count(client) == 1
    last = (await client.until(8))[-1]["params"]["data"]
    assert (last["count"], last["deleted"]) == (1, sorted(ids[:2]))


async def test_what_is_anothers_is_passed_over(server: Server, me: Me) -> None:
    _, client = me
    bob, b = await joined(server)
    await notify(server, bob)
    (theirs,) = await listed(b)
    assert await client.call("notification.read", notification_ids=[theirs["id"]]) == {"unread": 0}
    assert await client.call("notification.delete", notification_ids=[theirs["id"]]) == {"deleted": False}
    assert await listed(client) == []
    assert await listed(b) == [theirs]
    assert await count(b) == 1


@pytest.mark.parametrize(
    "params",
    [{}, {"notification_ids": [str(uuid4())], "all": True}, {"all": False}, {"notification_ids": []}],
    ids=["neither", "both", "false", "none"],
)
async def test_reading_names_ids_or_all(me: Me, params: dict[str, Any]) -> None:
    assert (await refused(me[1].call("notification.read", **params))).code == -32602


async def test_the_count_is_right_whatever_happens_at_once(server: Server, me: Me) -> None:
    ada, client = me
    clients = [client, *[await server.connect(ada) for _ in range(3)]]

    async def read_some(own: Client) -> None:
        for _ in range(10):
            items = (await own.call("notification.list", limit=20))["items"]
            ids = [item["id"] for item in items[::3]]
            if ids:
                await own.call("notification.read", notification_ids=ids[:4])
                await own.call("notification.delete", notification_ids=ids[4:] or ids)

    async def tell_some(number: int) -> None:
        for _ in range(15):
            await notify(server, ada, f"By {number}")

    async with asyncio.timeout(60):
        await asyncio.gather(*map(tell_some, range(4)), *map(read_some, clients))
    rows = await listed(client)
    assert await count(client) == sum(row["read_at"] is None for row in rows)
    head = (await client.request("notification.list", as_of=[ada.topic]))["meta"]["positions"][ada.topic]
    events = await client.until(head)
    assert follow(events) == {row["id"]: row for row in rows}
    told = [one["params"]["data"]["count"] for one in events if one["method"] == "notification.unread_changed"]
    assert told[-1] == await count(client)
    assert min(told) >= 0


async def test_200_at_once_are_counted_one_by_one(server: Server, me: Me) -> None:
    ada, client = me
    await notify_many(server, ada, 200)
    assert await count(client) == 200
    events = await client.until(400)
    told = [one["params"]["data"]["count"] for one in events if one["method"] == "notification.unread_changed"]
    assert told == list(range(1, 201))
    assert await client.call("notification.read", all=True) == {"unread": 0}
    shown = follow(await client.until(401))
    assert shown == {row["id"]: row for row in await listed(client)}


def follow(events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The notifications of who has only followed the events."""
    shown: dict[str, dict[str, Any]] = {}
    for event in events:
        data = event["params"]["data"]
        if event["method"] == "notification.created":
            shown[data["id"]] = data
        elif event["method"] == "notification.unread_changed":
            unread = [id_ for id_, row in shown.items() if row["read_at"] is None]
            for id_ in unread if data["all_read"] else data["read"]:
                shown[id_] = {**shown[id_], "read_at": data["read_at"]}
            for id_ in data["deleted"]:
                del shown[id_]
    return shown


class TestPreferences:
    async def test_every_type_has_a_line(self, me: Me) -> None:
        preferences = await me[1].call("notification.preference.get")
        assert preferences["channels"] == list(CHANNELS)
        assert preferences["types"].keys() == TYPES.keys()
        assert preferences["quiet_hours"] is None
        for name, line in preferences["types"].items():
            assert {channel for channel in CHANNELS if line[channel]} == TYPES[name].channels
            assert set(line["required"]) == TYPES[name].required

    async def test_only_what_is_given_changes(self, me: Me) -> None:
        _, client = me
        before = await client.call("notification.preference.get")
        after = await choose(client, types={KIND: {"email": False}}, quiet_hours=QUIET)
        assert after["types"][KIND] == {**before["types"][KIND], "email": False}
        assert after["quiet_hours"] == QUIET
        again = await choose(client, types={KIND: {"in_app": False}})
        assert again["types"][KIND] == {**before["types"][KIND], "email": False, "in_app": False}
        assert again["quiet_hours"] == QUIET
        assert (await choose(client, quiet_hours=None))["quiet_hours"] is None
        assert (await client.call("notification.preference.get"))["types"] == again["types"]

    @pytest.mark.parametrize(
        ("members", "field"),
        [
            ({"types": {"no.such": {"email": True}}}, "types.no.such"),
            ({"types": {"account.security": {"email": False}}}, "types.account.security.email"),
            ({"types": {"account.security": {"in_app": False}}}, "types.account.security.in_app"),
            ({"types": {KIND: {"push": True}}}, f"types.{KIND}.push"),
            ({"types": {KIND: {"email": 1}}}, f"types.{KIND}.email"),
            ({"quiet_hours": {**QUIET, "start": "24:00"}}, "quiet_hours.start"),
            ({"quiet_hours": {**QUIET, "end": "7:00"}}, "quiet_hours.end"),
            ({"quiet_hours": {**QUIET, "timezone": "Mars/Base"}}, "quiet_hours.timezone"),
            ({"quiet_hours": {**QUIET, "end": "22:00"}}, "quiet_hours"),
            ({"quiet_hours": {"start": "22:00"}}, "quiet_hours.end"),
        ],
    )
    async def test_what_cannot_be_chosen_is_refused(self, me: Me, members: dict[str, Any], field: str) -> None:
        before = await me[1].call("notification.preference.get")
        error = await refused(choose(me[1], **members))
        assert error.code == -32602
        assert field in error.data["details"]
        assert await me[1].call("notification.preference.get") == before

    async def test_what_is_switched_off_does_not_come(self, server: Server, me: Me) -> None:
        ada, client = me
        await choose(client, types={KIND: {"in_app": False, "email": False}})
        await notify(server, ada)
        assert (await listed(client), await count(client)) == ([], 0)
        assert await queued("notification.email", ada.id) == []
        await choose(client, types={KIND: {"in_app": True}})
        await notify(server, ada)
        assert await count(client) == 1
        assert await queued("notification.email", ada.id) == []

    async def test_a_way_alone_is_enough(self, server: Server, me: Me) -> None:
        ada, client = me
        await choose(client, types={KIND: {"in_app": False}})
        await notify(server, ada, "By mail alone")
        assert await listed(client) == []
        assert await carry_out(server, "notification.email", ada.id) == 1
        assert len(await mails(ada.email)) == 1

    async def test_choosing_at_once_loses_nothing(self, me: Me) -> None:
        _, client = me
        names = [name for name in TYPES if not TYPES[name].required]
        choices = [{name: {channel: False}} for name in names for channel in CHANNELS]
        await asyncio.gather(*(choose(client, types=one) for one in choices))
        types = (await client.call("notification.preference.get"))["types"]
        assert not any(types[name][channel] for name in names for channel in CHANNELS)


class TestMail:
    async def test_goes_at_once_to_the_address_of_now(self, server: Server, me: Me) -> None:
        ada, _ = me
        await notify(server, ada, "A mail")
        address = f"new-{ada.email}"
        await User.filter(id=ada.id).update(email=address)
        assert await carry_out(server, "notification.email", ada.id) == 1
        assert await mails(address) == [{"name": "Ada Lovelace", "title": "A mail", "body": "Here."}]
        letter = render("notification", (await mails(address))[0])
        assert letter.subject == "A mail"
        assert "Here." in letter.text
        assert "Here." in letter.html

    @pytest.mark.parametrize("reason", ["read", "deleted", "switched off", "suspended"])
    async def test_does_not_go_when_nobody_wants_it_any_more(self, server: Server, me: Me, reason: str) -> None:
        ada, client = me
        await notify(server, ada)
        (row,) = await listed(client)
        if reason == "read":
            await client.call("notification.read", all=True)
        elif reason == "deleted":
            await client.call("notification.delete", notification_ids=[row["id"]])
        elif reason == "switched off":
            await choose(client, types={KIND: {"email": False}})
        else:
            await User.filter(id=ada.id).update(status="suspended")
        assert await carry_out(server, "notification.email", ada.id) == 1
        assert await mails(ada.email) == []

    async def test_waits_for_the_end_of_quiet_hours(self, server: Server) -> None:
        # 22:30 in Lagos, which is an hour ahead of UTC all the year.
        set_clock(server, datetime(2030, 6, 1, 21, 30, tzinfo=UTC))
        ada, client = await joined(server)
        await choose(client, quiet_hours=QUIET)
        await notify(server, ada)
        assert await count(client) == 1
        (task,) = await queued("notification.email", ada.id)
        assert task.due_at == datetime(2030, 6, 2, 6, 0, tzinfo=UTC)
        assert await carry_out(server, "notification.email", ada.id) == 0
        set_clock(server, datetime(2030, 6, 2, 6, 0, 1, tzinfo=UTC))
        assert await carry_out(server, "notification.email", ada.id) == 1
        assert len(await mails(ada.email)) == 1

    async def test_goes_at_once_before_they_begin_but_not_when_they_have_by_then(self, server: Server) -> None:
        set_clock(server, datetime(2030, 6, 1, 20, 59, 30, tzinfo=UTC))
        ada, client = await joined(server)
        await choose(client, quiet_hours=QUIET)
        await notify(server, ada)
        (task,) = await queued("notification.email", ada.id)
        assert task.due_at < datetime(2030, 6, 1, 21, 0, tzinfo=UTC)
        set_clock(server, datetime(2030, 6, 1, 21, 5, tzinfo=UTC))
        await carry_out(server, "notification.email", ada.id)
        assert await mails(ada.email) == []
        (task,) = await queued("notification.email", ada.id)
        assert task.due_at == datetime(2030, 6, 2, 6, 0, tzinfo=UTC)

    async def test_about_security_has_a_sender_of_its_own(self, server: Server, me: Me) -> None:
        ada, client = me
        await notify(server, ada, name="account.security")
        assert await count(client) == 1
        assert await queued("notification.email", ada.id) == []


async def test_a_new_device_and_a_new_password_leave_a_notice(server: Server, me: Me) -> None:
    ada, client = me
    async with server.http() as http:
        login = {"email": ada.email, "password": PASSWORD}
        await http.post("/api/v1/auth/login", json=login, headers={"User-Agent": "a telephone"})
    told = (await client.event("notification.created"))["params"]["data"]
    assert (told["type"], told["title"]) == ("account.security", "A new device has logged in")
    assert told["data"]["device"] == "a telephone"
    new = "Another-Horse-8"
    passwords = {"current_password": PASSWORD, "new_password": new, "confirm_new_password": new}
    await client.call("auth.password.change", **passwords)
    told = (await client.event("notification.created"))["params"]["data"]
    assert (told["type"], told["title"]) == ("account.security", "Your password was changed")
    assert await count(client) == 2
    assert await queued("notification.email", ada.id) == []


@pytest.mark.parametrize(
    ("hours", "now", "end"),
    [
        (("22:00", "07:00", "UTC"), "2030-01-01T21:59:59", None),
        (("22:00", "07:00", "UTC"), "2030-01-01T22:00:00", "2030-01-02T07:00:00"),
        (("22:00", "07:00", "UTC"), "2030-01-02T06:59:59", "2030-01-02T07:00:00"),
        (("22:00", "07:00", "UTC"), "2030-01-02T07:00:00", None),
        (("12:00", "14:00", "UTC"), "2030-01-01T13:00:00", "2030-01-01T14:00:00"),
        (("12:00", "14:00", "UTC"), "2030-01-01T14:00:00", None),
        (("12:00", "14:00", "UTC"), "2030-01-01T11:59:00", None),
        (("22:00", "07:00", "Asia/Kolkata"), "2030-01-01T17:00:00", "2030-01-02T01:30:00"),
        (("22:00", "07:00", "America/New_York"), "2030-07-01T03:00:00", "2030-07-01T11:00:00"),
        # Clocks go forward at 2:00 on 2030-03-10 in New York: 2:30 does not exist and stands for 3:30.
        (("23:00", "02:30", "America/New_York"), "2030-03-10T05:00:00", "2030-03-10T07:30:00"),
        # They go back at 2:00 on 2030-11-03: 1:30 comes twice, an hour apart.
        (("23:00", "01:30", "America/New_York"), "2030-11-03T05:00:00", "2030-11-03T05:30:00"),
        (("23:00", "01:30", "America/New_York"), "2030-11-03T06:10:00", "2030-11-03T06:30:00"),
        (("00:00", "23:59", "UTC"), "2030-01-01T23:59:30", None),
    ],
)
def test_when_quiet_hours_are_over(hours: tuple[str, str, str], now: str, end: str | None) -> None:
    quiet = QuietHours.parse(dict(zip(("start", "end", "timezone"), hours, strict=True)))
    found = quiet.end_of(datetime.fromisoformat(f"{now}+00:00"))
    assert found == (datetime.fromisoformat(f"{end}+00:00") if end else None)
    assert quiet.kept() == dict(zip(("start", "end", "timezone"), hours, strict=True))


def test_what_is_required_is_on_whatever_was_chosen() -> None:
    inbox = Inbox(channels={"account.security": {"email": False, "in_app": False}})
    assert all(inbox.wants("account.security", channel) for channel in CHANNELS)
    assert all(kind.required <= kind.channels for kind in TYPES.values())
    assert isinstance(TYPES[KIND], NotificationType)
