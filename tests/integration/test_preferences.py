"""Preferences: how one sees this, and how one is seen."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from tests.support import Client, Person, RpcError, Server
from tests.tasks import carry_out

Me = tuple[Person, Client]
DEFAULT = {
    "privacy": {"email": "contacts", "profile": "everybody", "presence": True},
    "locale": "en",
    "theme": "system",
}


@pytest.fixture
async def me(server: Server) -> Me:
    return await joined(server, "Ada Lovelace")


async def joined(server: Server, name: str) -> Me:
    """Somebody on a socket that follows their own topic."""
    person = await server.user(name)
    client = await server.connect(person)
    await client.subscribe({person.topic: None})
    return person, client


async def update(client: Client, **members: Any) -> dict[str, Any]:
    return await client.call("account.preferences.update", **members)


async def refused(call: Awaitable[Any]) -> RpcError:
    with pytest.raises(RpcError) as caught:
        await call
    return caught.value


async def status_of(client: Client, person: Person) -> str:
    seen: str = (await client.call("presence.get", user_ids=[person.id]))[person.id]["status"]
    return seen


async def acquaint(one: Me, other: Me) -> None:
    """Let two people write to each other."""
    await one[1].call("message.send", receiver_id=other[0].id, content="hi")
    await other[1].call("message.send", receiver_id=one[0].id, content="hi")


async def until_online(client: Client, person: Person) -> None:
    async with asyncio.timeout(10):
        while await status_of(client, person) != "online":
            await asyncio.sleep(0.05)


async def test_what_is_there_before_anything_was_chosen(me: Me) -> None:
    assert await me[1].call("account.preferences.get") == DEFAULT


async def test_only_what_is_given_changes_and_is_told_whole(me: Me) -> None:
    _, client = me
    after = await update(client, theme="dark", privacy={"email": "nobody"})
    assert after == {**DEFAULT, "theme": "dark", "privacy": {**DEFAULT["privacy"], "email": "nobody"}}
    assert (await client.event("account.preferences_updated"))["params"]["data"] == after
    assert await client.call("account.preferences.get") == after
    assert await update(client, theme="dark", privacy={}) == after
    again = await update(client, locale="zh-hant-tw")
    assert again == {**after, "locale": "zh-Hant-TW"}
    names = [event["method"] for event in await client.until(3)]
    assert names == ["account.preferences_updated", "account.updated", "account.preferences_updated"]
    assert client.logged[1]["params"]["data"] == {"fields": ["locale"], "rev": 2}


async def test_the_locale_is_one_wherever_it_is_changed(me: Me) -> None:
    _, client = me
    await client.call("account.profile.update", locale="pt-br")
    assert (await client.event("account.preferences_updated"))["params"]["data"]["locale"] == "pt-BR"
    await update(client, locale="fr")
    profile = await client.call("account.profile.get")
    assert (profile["locale"], profile["rev"]) == ("fr", 3)


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"theme": "blue"}, "theme"),
        ({"locale": "x"}, "locale"),
        ({"privacy": {"email": "friends"}}, "privacy.email"),
        ({"privacy": {"profile": True}}, "privacy.profile"),
        ({"privacy": {"presence": "nobody"}}, "privacy.presence"),
        ({"privacy": {"phone": "nobody"}}, "privacy.phone"),
        ({"colour": 1}, "colour"),
    ],
)
async def test_what_cannot_be_chosen_is_refused(me: Me, members: dict[str, Any], field: str) -> None:
    error = await refused(update(me[1], **members))
    assert (error.code, set(error.data["details"])) == (-32602, {field})
    assert await me[1].call("account.preferences.get") == DEFAULT


class TestTheAddressInTheListOfConversations:
    async def email(self, client: Client) -> str | None:
        (item,) = (await client.call("conversation.list"))["items"]
        address: str | None = item["email"]
        return address

    async def test_is_shown_to_contacts_once_they_are_some(self, server: Server, me: Me) -> None:
        bob, b = await joined(server, "Bob Marley")
        opened = await me[1].call("conversation.open", user_id=bob.id)
        assert opened["email"] is None
        assert await self.email(me[1]) is None
        await me[1].call("message.send", receiver_id=bob.id, content="hi")
        assert await self.email(me[1]) is None
        assert await self.email(b) is None
        await b.call("message.send", receiver_id=me[0].id, content="hi")
        assert await self.email(me[1]) == bob.email
        assert await self.email(b) == me[0].email
        await me[1].until(4)
        told = [one["params"]["data"] for one in me[1].logged if one["method"] == "conversation.updated"]
        assert [one["email"] for one in told] == [None, bob.email]

    @pytest.mark.parametrize("audience", ["nobody", "everybody"])
    async def test_follows_the_choice(self, server: Server, me: Me, audience: str) -> None:
        bob, b = await joined(server, "Bob Marley")
        await update(b, privacy={"email": audience})
        opened = await me[1].call("conversation.open", user_id=bob.id)
        assert opened["email"] == (bob.email if audience == "everybody" else None)
        await acquaint(me, (bob, b))
        assert await self.email(me[1]) == opened["email"]
        await update(b, privacy={"email": "contacts"})
        assert await carry_out(server, "conversation.tell_contacts", bob.id) >= 1
        assert await self.email(me[1]) == bob.email
        last = [one for one in me[1].logged if one["method"] == "conversation.updated"][-1]
        assert last["params"]["data"]["email"] == bob.email

    async def test_is_told_to_many_a_part_at_a_time(self, server: Server, me: Me, monkeypatch: Any) -> None:
        monkeypatch.setattr("models.messaging.contacts.AT_ONCE", 2)
        others = [await joined(server, f"Person {letter}") for letter in "ABCDE"]
        for other in others:
            await acquaint(me, other)
        await update(me[1], privacy={"email": "nobody"})
        assert await carry_out(server, "conversation.tell_contacts", me[0].id) == 3
        for _, client in others:
            told = [(await client.event("conversation.updated"))["params"]["data"]["email"] for _ in range(3)]
            assert told == [None, me[0].email, None]


class TestPresence:
    async def test_who_hides_it_is_offline_for_all_others(self, server: Server, me: Me) -> None:
        bob, b = await joined(server, "Bob Marley")
        await acquaint(me, (bob, b))
        topic = f"presence:{bob.id}"
        await me[1].subscribe({topic: None})
        await until_online(me[1], bob)
        await update(b, privacy={"presence": False})
        gone = (await me[1].event("presence.changed"))["params"]["data"]
        while gone["status"] != "offline":
            gone = (await me[1].event("presence.changed"))["params"]["data"]
        assert gone == {"user_id": bob.id, "status": "offline", "last_seen_at": None}
        assert await status_of(me[1], bob) == "offline"
        assert await status_of(b, bob) == "online"
        await me[1].call("session.unsubscribe", topics=[topic])
        assert (await me[1].subscribe({topic: None}))["topics"][topic]["state"]["status"] == "offline"
        before = len(me[1].events)
        await b.call("presence.set", status="away")
        await asyncio.sleep(0.3)
        assert [one for one in me[1].events[before:] if one["method"] == "presence.changed"] == []

    async def test_who_shows_it_again_is_announced(self, server: Server, me: Me) -> None:
        bob, b = await joined(server, "Bob Marley")
        await acquaint(me, (bob, b))
        await until_online(me[1], bob)
        await update(b, privacy={"presence": False})
        await me[1].subscribe({f"presence:{bob.id}": None})
        await update(b, privacy={"presence": True})
        assert await carry_out(server, "presence.announce", bob.id) == 1
        assert (await me[1].event("presence.changed"))["params"]["data"]["status"] == "online"
