"""The profile: what can be changed and how, who sees it, and what is told of it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from models.account import User
from tests.support import Client, Person, RpcError, Server
from tests.tasks import carry_out

ENOUGH = 100_000
MEMBERS = {
    *("id", "email", "full_name", "first_name", "last_name", "username", "role", "roles", "date_of_birth"),
    *("headline", "bio", "phone", "location", "timezone", "locale", "avatar", "links"),
    *("created_at", "updated_at", "rev"),
}

Me = tuple[Person, Client]


@pytest.fixture
async def server(start_app: Callable[..., Awaitable[Server]]) -> Server:
    return await start_app(commands_burst=ENOUGH)


@pytest.fixture
async def me(server: Server) -> Me:
    """Somebody on a socket that follows their own topic."""
    ada = await server.user("Ada Lovelace")
    client = await server.connect(ada)
    await client.subscribe({ada.topic: None})
    return ada, client


async def update(client: Client, **members: Any) -> dict[str, Any]:
    return await client.call("account.profile.update", **members)


async def refused(call: Awaitable[Any]) -> RpcError:
    with pytest.raises(RpcError) as caught:
        await call
    return caught.value


async def faults(client: Client, **members: Any) -> dict[str, list[str]]:
    error = await refused(update(client, **members))
    assert error.code == -32602
    return dict(error.data["details"])


@pytest.mark.seed("S0-22", "S4-16")
async def test_the_profile_shows_all_of_an_account(me: Me) -> None:
    ada, client = me
    profile = await client.call("account.profile.get")
    assert profile.keys() == MEMBERS
    assert (profile["id"], profile["email"], profile["full_name"]) == (ada.id, ada.email, "Ada Lovelace")
    assert (profile["first_name"], profile["last_name"], profile["roles"]) == ("Ada", "Lovelace", ["user"])
    assert (profile["timezone"], profile["locale"], profile["links"], profile["rev"]) == ("UTC", "en", [], 1)


@pytest.mark.seed("S0-23", "S2-22")
async def test_only_what_is_given_changes(me: Me) -> None:
    _, client = me
    before = await client.call("account.profile.get")
    links = [{"label": "Code", "url": "https://example.org/ada?x=1"}]
    given = {
        "headline": "Mathematician",
        "bio": "First of all.\nThen more.",
        "phone": "+44 (20) 7946-0018",
        "location": "London",
        "timezone": "Europe/London",
        "locale": "en-gb",
        "links": links,
        "username": "ada.l",
        "date_of_birth": "1990-12-10",
    }
    given["username"] = f"ada.{uuid4().hex[:8]}"
    after = await update(client, **given)
    kept = {**given, "phone": "+442079460018", "locale": "en-GB"}
    assert after == {**before, **kept, "rev": 2, "updated_at": after["updated_at"]}
    assert await client.call("account.profile.get") == after
    event = (await client.event("account.updated"))["params"]["data"]
    assert (set(event["fields"]), event["rev"]) == (set(given), 2)
    cleared = await update(client, headline=None, bio="  ", phone=None, username=None, links=[], full_name=None)
    emptied = {"headline": None, "bio": None, "phone": None, "username": None, "links": []}
    assert cleared == {**after, **emptied, "rev": 3, "updated_at": cleared["updated_at"]}


async def test_what_is_as_it_was_changes_nothing(me: Me) -> None:
    _, client = me
    first = await update(client, headline="Same")
    again = await update(client, headline="Same")
    assert again == first
    await update(client, headline="Other")
    assert [event["params"]["data"]["rev"] for event in await client.until(2)] == [2, 3]


@pytest.mark.seed("S0-15")
@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"full_name": "  Grace   Brewster Hopper "}, ("Grace Brewster Hopper", "Grace Brewster", "Hopper")),
        ({"first_name": "Augusta Ada"}, ("Augusta Ada Lovelace", "Augusta Ada", "Lovelace")),
        ({"last_name": "King"}, ("Ada King", "Ada", "King")),
        ({"first_name": "Grace", "last_name": "van Gogh"}, ("Grace van Gogh", "Grace van", "Gogh")),
        ({"full_name": "Madonna"}, ("Madonna", "Madonna", "")),
        ({"full_name": "Dr. Sarah O’Neil-Šmíd"}, ("Dr. Sarah O’Neil-Šmíd", "Dr. Sarah", "O’Neil-Šmíd")),
    ],
)
async def test_a_name_comes_whole_or_in_parts(me: Me, given: dict[str, Any], names: tuple[str, str, str]) -> None:
    _, client = me
    profile = await update(client, **given)
    assert (profile["full_name"], profile["first_name"], profile["last_name"]) == names
    assert (await client.call("session.whoami"))["user"]["id"] == profile["id"]
    fields = set((await client.event("account.updated"))["params"]["data"]["fields"])
    assert {"full_name"} <= fields <= {"full_name", "first_name", "last_name"}


@pytest.mark.seed("S4-25")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", "A"),
        ("full_name", "x" * 51),
        ("full_name", "R2D2"),
        ("full_name", " .-' "),
        ("first_name", ""),
        ("last_name", "x" * 50),
        ("username", "ab"),
        ("username", "x" * 31),
        ("username", "_ada"),
        ("username", "ada lovelace"),
        ("date_of_birth", f"{datetime.now(UTC).year - 12}-01-01"),
        ("date_of_birth", "2999-01-01"),
        ("date_of_birth", "10.12.1990"),
        ("headline", "x" * 121),
        ("headline", "two\nlines"),
        ("bio", "x" * 2001),
        ("bio", "😀" * 1001),
        ("location", "x" * 101),
        ("phone", "020 7946 0018"),
        ("phone", "+0123456789"),
        ("phone", "+123456"),
        ("phone", "+1234567890123456"),
        ("timezone", "Europe/Atlantis"),
        ("timezone", "../../etc/passwd"),
        ("timezone", ""),
        ("locale", "english"),
        ("locale", "e"),
        ("locale", "en_GB"),
        ("locale", "en-" + "a" * 40),
        ("if_rev", "1"),
        ("headline", 1),
    ],
)
async def test_what_breaks_a_rule_is_refused(me: Me, field: str, value: Any) -> None:
    _, client = me
    assert set(await faults(client, **{field: value})) == {field}
    assert (await client.call("account.profile.get"))["rev"] == 1


@pytest.mark.parametrize("field", ["bio", "headline", "location"])
async def test_the_longest_texts_that_fit(me: Me, field: str) -> None:
    _, client = me
    longest = {"bio": "😀" * 1000, "headline": "x" * 120, "location": "y" * 100}[field]
    assert (await update(client, **{field: longest}))[field] == longest


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://example.org",
        "example.org",
        "https://",
        "https://user:pass@example.org",
        "https://exa mple.org",
        "https://example.org:99999",
        "https://[::1",
        "https:\\\\example.org",
        "https://example.org/" + "x" * 500,
        "data:text/html,x",
    ],
)
async def test_a_link_is_the_address_of_a_web_page(me: Me, url: str) -> None:
    _, client = me
    assert set(await faults(client, links=[{"label": "x", "url": url}])) == {"links.0.url"}


async def test_ten_links_and_no_more(me: Me) -> None:
    _, client = me
    links = [{"label": f"Page {n}", "url": f"http://example.org/{n}"} for n in range(11)]
    assert set(await faults(client, links=links)) == {"links"}
    assert (await update(client, links=links[:10]))["links"] == links[:10]
    wrong = await faults(client, links=[{"label": " ", "url": "https://example.org", "icon": 1}])
    assert set(wrong) == {"links.0.label", "links.0.icon"}


async def test_everything_that_is_wrong_is_named_at_once(me: Me) -> None:
    _, client = me
    wrong = await faults(client, phone="1", timezone="x", full_name="1", email="a@example.org", role="admin", age=3)
    assert set(wrong) == {"phone", "timezone", "full_name", "email", "role", "age"}
    parts = await faults(client, full_name="Ada King", last_name="King")
    assert set(parts) == {"full_name"}


@pytest.mark.seed("S2-23")
async def test_the_address_is_changed_elsewhere(me: Me) -> None:
    ada, client = me
    for email in ("new@example.org", ada.email, None):
        (text,) = (await faults(client, email=email))["email"]
        assert "auth.email.change.request" in text
    assert (await client.call("account.profile.get"))["email"] == ada.email


@pytest.mark.parametrize(
    "members",
    [{"role": "admin"}, {"roles": ["user", "admin"]}, {"role": None}, {"roles": []}],
    ids=["role", "roles", "null", "none"],
)
async def test_nobody_changes_their_own_role(me: Me, members: dict[str, Any]) -> None:
    ada, client = me
    wrong = await faults(client, headline="me", **members)
    assert all("admin grants" in text for texts in wrong.values() for text in texts)
    error = await refused(client.call("account.preferences.update", **members))
    assert error.code == -32602
    row = await User.get(id=ada.id)
    assert (row.roles, row.headline, row.rev) == (["user"], None, 1)


async def test_the_username_belongs_to_one(server: Server, me: Me) -> None:
    _, a = me
    name = f"ada.{uuid4().hex[:8]}"
    await update(a, username=name)
    bob = await server.connect(await server.user("Bob Marley"))
    for taken in (name, name.upper()):
        assert (await refused(update(bob, username=taken))).code == -32009
    assert (await update(a, username=name.upper()))["username"] == name.upper()
    await update(a, username=None)
    assert (await update(bob, username=name))["username"] == name


async def test_of_many_who_want_one_username_one_gets_it(server: Server) -> None:
    people = await asyncio.gather(*(server.user(f"Person {chr(65 + n)}") for n in range(8)))
    clients = [await server.connect(person) for person in people]
    name = f"wanted.{uuid4().hex[:8]}"
    results = await asyncio.gather(*(update(one, username=name) for one in clients), return_exceptions=True)
    lost = [one for one in results if isinstance(one, RpcError)]
    assert len(lost) == 7
    assert {error.code for error in lost} == {-32009}
    assert await User.filter(username_canonical=name).count() == 1


async def test_a_revision_that_is_not_the_present_one_is_refused(me: Me) -> None:
    _, client = me
    assert (await update(client, headline="One", if_rev=1))["rev"] == 2
    error = await refused(update(client, headline="Two", if_rev=1))
    assert (error.code, error.data["current_rev"]) == (-32012, 2)
    assert (await client.call("account.profile.get"))["headline"] == "One"


async def test_of_200_changes_at_once_the_revision_counts_those_that_succeeded(server: Server, me: Me) -> None:
    ada, client = me
    clients = [await server.connect(ada) for _ in range(5)]

    async def change(number: int) -> int:
        """Change as who has read just now; returns how often it succeeded."""
        own = clients[number % 5]
        rev = (await own.call("account.profile.get"))["rev"]
        response = await own.request("account.profile.update", headline=f"Number {number}", if_rev=rev)
        if "result" in response:
            return 1
        assert response["error"]["code"] == -32012
        assert response["error"]["data"]["current_rev"] > rev
        return 0

    async with asyncio.timeout(60):
        succeeded = sum(await asyncio.gather(*(change(n) for n in range(200))))
    profile = await client.call("account.profile.get")
    assert succeeded >= 1
    assert profile["rev"] == 1 + succeeded
    events = await client.until(succeeded)
    assert [event["params"]["data"]["rev"] for event in events] == list(range(2, 2 + succeeded))


async def test_who_reads_when_told_sees_what_a_new_reader_sees(server: Server, me: Me) -> None:
    ada, client = me
    shown = await client.call("account.profile.get")
    for given in ({"headline": "One"}, {"first_name": "Augusta"}, {"locale": "de"}, {"timezone": "Europe/Berlin"}):
        anew = await update(await server.connect(ada), **given)
        told = (await client.event("account.updated"))["params"]["data"]
        assert told["rev"] == anew["rev"]
        # What was not named is as it was: only the named members are taken over.
        shown = {**shown, **{name: anew[name] for name in told["fields"]}, "rev": told["rev"]}
        assert {**shown, "updated_at": anew["updated_at"]} == anew


async def test_sockets_that_are_open_know_the_new_name(me: Me) -> None:
    _, client = me
    await update(client, full_name="Grace Hopper")
    async with asyncio.timeout(5):
        while (await client.call("session.whoami"))["user"]["full_name"] != "Grace Hopper":
            await asyncio.sleep(0.02)


async def test_a_new_name_reaches_the_lists_of_others(server: Server, me: Me) -> None:
    ada, client = me
    bob = await server.user("Bob Marley")
    b = await server.connect(bob)
    await client.call("message.send", receiver_id=bob.id, content="hi")
    await b.subscribe({bob.topic: None})
    await update(client, full_name="Grace Hopper")
    assert await carry_out(server, "conversation.tell_contacts", ada.id) == 1
    told = (await b.event("conversation.updated"))["params"]["data"]
    (listed,) = (await b.call("conversation.list"))["items"]
    assert told == listed
    assert listed["full_name"] == "Grace Hopper"


class TestHowOthersSeeSomebody:
    @pytest.fixture
    async def them(self, server: Server) -> Me:
        """Somebody with a whole profile."""
        bob = await server.user("Bob Marley")
        client = await server.connect(bob)
        links = [{"label": "Code", "url": "https://example.org"}]
        await update(client, headline="Singer", bio="One love", location="Kingston", links=links, phone="+18765550123")
        return bob, client

    async def seen(self, me: Me, them: Me) -> dict[str, Any]:
        return await me[1].call("account.user.get", user_id=them[0].id)

    async def test_by_default_without_what_is_private(self, me: Me, them: Me) -> None:
        seen = await self.seen(me, them)
        assert (seen["full_name"], seen["headline"], seen["bio"]) == ("Bob Marley", "Singer", "One love")
        assert seen["email"] is None
        assert not {"phone", "date_of_birth", "roles", "rev"} & seen.keys()

    @pytest.mark.parametrize("audience", ["nobody", "contacts", "everybody"])
    async def test_the_address_and_the_profile_are_for_whom_they_name(self, me: Me, them: Me, audience: str) -> None:
        privacy = {"email": audience, "profile": audience}
        await them[1].call("account.preferences.update", privacy=privacy)
        strangers = await self.seen(me, them)
        await me[1].call("message.send", receiver_id=them[0].id, content="hi")
        assert await self.seen(me, them) == strangers
        await them[1].call("message.send", receiver_id=me[0].id, content="hi")
        contacts = await self.seen(me, them)
        for seen, shown in ((strangers, audience == "everybody"), (contacts, audience != "nobody")):
            assert seen["full_name"] == "Bob Marley"
            assert (seen["email"], seen["headline"]) == ((them[0].email, "Singer") if shown else (None, None))
            assert bool(seen["links"]) == shown
        own = await them[1].call("account.user.get", user_id=them[0].id)
        assert (own["email"], own["headline"]) == (them[0].email, "Singer")

    async def test_who_is_blocked_sees_the_name_alone(self, me: Me, them: Me) -> None:
        await them[1].call("account.preferences.update", privacy={"email": "everybody"})
        await them[1].call("block.add", user_id=me[0].id)
        seen = await self.seen(me, them)
        assert (seen["full_name"], seen["headline"], seen["email"]) == ("Bob Marley", None, None)

    async def test_who_is_suspended_or_nobody_is_not_found(self, me: Me, them: Me) -> None:
        await User.filter(id=them[0].id).update(status="suspended")
        suspended = await refused(self.seen(me, them))
        nobody = await refused(me[1].call("account.user.get", user_id=str(uuid4())))
        assert suspended.code == nobody.code == -32004
        assert suspended.message == nobody.message
