"""The same key acts once: side by side, after errors, on another process, and after a server was killed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import pytest

from server.cli.demo import load_demo
from tests.conftest import Backing
from tests.support import Client, Person, RpcError, Server, ServerProcess, key
from tests.support_kernel import MODULE, make_table

Start = Callable[..., Awaitable[Server]]
Fast = {"COMMANDS_PER_SECOND": "100000", "COMMANDS_BURST": "100000"}

SENT = "SELECT content, count(*) AS n FROM direct_message WHERE sender_id = $1 GROUP BY content"


async def sent(backing: Backing, person: Person) -> dict[str, int]:
    """How often each text of a person is stored."""
    rows = await fetch(backing, SENT, person.id)
    return {row["content"]: row["n"] for row in rows}


async def fetch(backing: Backing, statement: str, *values: Any) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(backing.database_url)
    try:
        rows: list[asyncpg.Record] = await connection.fetch(statement, *values)
    finally:
        await connection.close()
    return rows


async def events(backing: Backing, person: Person, name: str = "message.created") -> int:
    """How many events of a name a person's topic holds."""
    statement = "SELECT count(*) AS n FROM event WHERE topic = $1 AND name = $2"
    count: int = (await fetch(backing, statement, person.topic, name))[0]["n"]
    return count


async def refused(call: Awaitable[Any]) -> RpcError:
    with pytest.raises(RpcError) as caught:
        await call
    return caught.value


@pytest.fixture(autouse=True)
async def _demo(backing: Backing) -> None:
    """Load the demo accounts, which several servers that begin at once would all want to load."""
    await load_demo(backing.database_url)


@pytest.fixture
async def ada(server: Server) -> Person:
    return await server.user("Ada Lovelace")


@pytest.fixture
async def bob(server: Server) -> Person:
    return await server.user("Bob Marley")


@pytest.fixture
async def client(server: Server, ada: Person) -> Client:
    return await server.connect(ada)


async def test_the_same_key_twice_gives_the_first_reply_and_one_effect(
    backing: Backing, client: Client, ada: Person, bob: Person
) -> None:
    once = key()
    first = await client.call("message.send", receiver_id=bob.id, content="hi", idempotency_key=once)
    again = await client.call("message.send", receiver_id=bob.id, content="hi", idempotency_key=once)
    assert again == first
    assert await sent(backing, ada) == {"hi": 1}
    assert await events(backing, ada) == await events(backing, bob) == 1


async def test_without_a_key_the_same_call_twice_acts_twice(
    backing: Backing, client: Client, ada: Person, bob: Person
) -> None:
    for _ in range(2):
        await client.call("message.send", receiver_id=bob.id, content="hi")
    assert await sent(backing, ada) == {"hi": 2}


async def test_a_key_holds_across_reconnects_and_over_http(
    backing: Backing, server: Server, ada: Person, bob: Person
) -> None:
    once, replies = key(), []
    params = {"receiver_id": bob.id, "content": "hi", "idempotency_key": once}
    for _ in range(3):
        client = await server.connect(ada)
        replies.append(await client.call("message.send", **params))
        await client.close()
    call = {"jsonrpc": "2.0", "id": 1, "method": "message.send", "params": params}
    replies.append((await server.rpc(call, ada.token)).json()["result"])
    assert replies == [replies[0]] * 4
    assert await sent(backing, ada) == {"hi": 1}


async def test_the_event_names_the_key_that_caused_it(client: Client, ada: Person, bob: Person) -> None:
    once = key()
    await client.subscribe({ada.topic: None})
    for _ in range(2):
        await client.call("message.send", receiver_id=bob.id, content="hi", idempotency_key=once)
    await client.call("message.send", receiver_id=bob.id, content="bye")
    first, second = await client.event("message.created"), await client.event("message.created")
    assert first["params"]["by"] == {"connection_id": client.ready["connection_id"], "idempotency_key": once}
    assert (second["params"]["data"]["content"], second["params"]["by"]["idempotency_key"]) == ("bye", None)


@pytest.mark.parametrize("order", [("receiver_id", "content", "reply_to"), ("reply_to", "content", "receiver_id")])
async def test_params_are_the_same_in_whatever_order_they_stand(
    backing: Backing, client: Client, ada: Person, bob: Person, order: tuple[str, ...]
) -> None:
    once = key()
    params: dict[str, Any] = {"receiver_id": bob.id, "content": "hi", "reply_to": None}
    first = await client.call("message.send", idempotency_key=once, **params)
    again = await client.call("message.send", **{name: params[name] for name in order}, idempotency_key=once)
    assert again == first
    assert await sent(backing, ada) == {"hi": 1}


async def test_the_same_key_with_other_params_or_another_method_is_a_conflict(
    backing: Backing, client: Client, ada: Person, bob: Person
) -> None:
    once = key()
    message = await client.call("message.send", receiver_id=bob.id, content="hi", idempotency_key=once)
    others: list[tuple[str, dict[str, Any]]] = [
        ("message.send", {"receiver_id": bob.id, "content": "something else"}),
        # Compared as it was sent, before defaults.
        ("message.send", {"receiver_id": bob.id, "content": "hi", "reply_to": None}),
        ("message.edit", {"message_id": message["id"], "content": "hi"}),
        ("block.add", {"user_id": bob.id}),
    ]
    for method, params in others:
        error = await refused(client.call(method, idempotency_key=once, **params))
        assert (error.code, error.kind) == (-32009, "conflict")
    assert await sent(backing, ada) == {"hi": 1}
    assert (await client.call("block.list"))["items"] == []


async def test_a_key_belongs_to_its_user(
    backing: Backing, server: Server, client: Client, ada: Person, bob: Person
) -> None:
    eve = await server.user("Eve")
    other, once = await server.connect(eve), key()
    params = {"receiver_id": bob.id, "content": "hi", "idempotency_key": once}
    first, second = await client.call("message.send", **params), await other.call("message.send", **params)
    assert first["sender_id"] == ada.id
    assert second["sender_id"] == eve.id
    assert await sent(backing, ada) == await sent(backing, eve) == {"hi": 1}


async def test_an_error_is_not_kept_and_the_same_key_may_try_again(
    backing: Backing, server: Server, client: Client, ada: Person, bob: Person
) -> None:
    other, once = await server.connect(bob), key()
    params = {"receiver_id": bob.id, "content": "hi", "idempotency_key": once}
    await other.call("block.add", user_id=ada.id)
    for _ in range(2):
        assert (await refused(client.call("message.send", **params))).code == -32003
    await other.call("block.remove", user_id=ada.id)
    assert (await client.call("message.send", **params))["content"] == "hi"
    assert await sent(backing, ada) == {"hi": 1}


async def test_an_invalid_call_does_not_use_its_key_up(client: Client, bob: Person) -> None:
    once = key()
    assert (await refused(client.call("message.send", receiver_id=bob.id, idempotency_key=once))).code == -32602
    message = await client.call("message.send", receiver_id=bob.id, content="hi", idempotency_key=once)
    assert message["content"] == "hi"


@pytest.mark.parametrize("bad", ["x" * 15, "x" * 65, "", "0123456789abcdeé", "0123456789abcde\n", 1234567890123456])
async def test_a_key_has_sixteen_to_sixty_four_printable_ascii_characters(
    backing: Backing, client: Client, ada: Person, bob: Person, bad: object
) -> None:
    error = await refused(client.call("message.send", receiver_id=bob.id, content="hi", idempotency_key=bad))
    assert error.code == -32602
    assert list(error.data["details"]) == ["idempotency_key"]
    assert await sent(backing, ada) == {}


@pytest.mark.parametrize("good", ["x" * 16, "x" * 64, " ~!\"#$%&'()*+,-./"])
async def test_the_longest_and_the_shortest_key_are_taken(client: Client, bob: Person, good: str) -> None:
    await client.call("message.send", receiver_id=bob.id, content="hi", idempotency_key=good)


async def test_guests_queries_signals_and_controls_take_no_key(
    backing: Backing, server: Server, client: Client, bob: Person
) -> None:
    message = await client.call("message.send", receiver_id=bob.id, content="hi")
    guest = await server.connect()
    calls: list[tuple[Client, str, dict[str, Any]]] = [
        (client, "conversation.list", {}),
        (client, "message.typing", {"conversation_id": message["conversation_id"], "typing": True}),
        (client, "session.ping", {}),
    ]
    for who, method, params in calls:
        assert (await refused(who.call(method, **params, idempotency_key=key()))).code == -32602, method
    error = await refused(guest.call("message.send", receiver_id=bob.id, content="hi", idempotency_key=key()))
    assert error.code in (-32602, -32001)
    assert await fetch(backing, "SELECT 1 FROM direct_message WHERE receiver_id = $1", bob.id) != []


async def test_what_was_done_is_answered_again_even_if_the_other_person_does_not_want_it_any_more(
    backing: Backing, server: Server, client: Client, ada: Person, bob: Person
) -> None:
    other, once = await server.connect(bob), key()
    params = {"receiver_id": bob.id, "content": "hi", "idempotency_key": once}
    first = await client.call("message.send", **params)
    await other.call("block.add", user_id=ada.id)
    assert (await refused(client.call("message.send", receiver_id=bob.id, content="hi"))).code == -32003
    assert await client.call("message.send", **params) == first
    assert await sent(backing, ada) == {"hi": 1}


async def test_what_was_done_is_answered_again_even_if_the_role_that_it_needed_was_taken_away(
    backing: Backing, start_app: Start
) -> None:
    await make_table(backing.database_url)
    server = await start_app(modules=[MODULE])
    person, name = await server.user(), str(uuid4())

    async def employ(**params: Any) -> dict[str, Any]:
        call = {"jsonrpc": "2.0", "id": 1, "method": "probe.employ", "params": {"name": name, **params}}
        answer: dict[str, Any] = (await server.rpc(call, person.token)).json()
        return answer

    async def roles(*names: str) -> None:
        await fetch(backing, 'UPDATE "user" SET roles = $2 WHERE id = $1', person.id, list(names))

    once = key()
    await roles("employer", "user")
    first = await employ(idempotency_key=once)
    assert first["result"] == {"n": 1, "text": ""}
    await roles("user")
    assert await employ(idempotency_key=once) == first
    assert (await employ(idempotency_key=key()))["error"]["code"] == -32003
    assert (await employ(n=2, idempotency_key=once))["error"]["code"] == -32009
    assert [row["n"] for row in await fetch(backing, "SELECT n FROM probe WHERE name = $1", name)] == [1]


async def test_what_was_done_is_answered_again_even_if_the_rate_is_used_up(backing: Backing, start_app: Start) -> None:
    server = await start_app(commands_per_second=1, commands_burst=3)
    ada, bob = await server.user("Ada"), await server.user("Bob")
    client, once = await server.connect(ada), key()
    params = {"receiver_id": bob.id, "content": "hi", "idempotency_key": once}
    first = await client.call("message.send", **params)
    codes = []
    for _ in range(4):
        response = await client.request("message.send", receiver_id=bob.id, content="more")
        codes.append(response.get("error", {}).get("code"))
    assert codes[-1] == -32029
    for _ in range(3):
        assert await client.call("message.send", **params) == first
    assert (await sent(backing, ada))["hi"] == 1


async def test_two_at_once_with_one_key_and_different_params_give_one_effect_and_one_conflict(
    backing: Backing, server: Server, ada: Person, bob: Person
) -> None:
    one, two = await server.connect(ada), await server.connect(ada)
    for _ in range(10):
        once = key()
        responses = await asyncio.gather(
            one.request("message.send", receiver_id=bob.id, content=f"a {once}", idempotency_key=once),
            two.request("message.send", receiver_id=bob.id, content=f"b {once}", idempotency_key=once),
        )
        errors = [response["error"]["code"] for response in responses if "error" in response]
        assert errors == [-32009]
        stored = [text for text in await sent(backing, ada) if once in text]
        assert stored == [response["result"]["content"] for response in responses if "result" in response]


async def test_two_hundred_calls_at_once_over_two_processes_with_one_key_give_one_effect_and_one_reply(
    backing: Backing, start_process: Callable[..., Awaitable[ServerProcess]]
) -> None:
    pair = await asyncio.gather(start_process(**Fast), start_process(**Fast))
    ada, bob = await pair[0].user("Ada"), await pair[0].user("Bob")
    sockets = await asyncio.gather(*(pair[number % 2].connect(ada) for number in range(20)))
    watching = await pair[1].connect(bob)
    await watching.subscribe({bob.topic: None})
    once = key()
    calls = (
        socket.request("message.send", receiver_id=bob.id, content="hi", idempotency_key=once)
        for _ in range(10)
        for socket in sockets
    )
    responses = await asyncio.gather(*calls)
    replies = [response.get("result", response.get("error")) for response in responses]
    assert len(replies) == 200
    assert replies == [replies[0]] * 200
    assert replies[0]["content"] == "hi"
    assert await sent(backing, ada) == {"hi": 1}
    assert await events(backing, ada) == await events(backing, bob) == 1
    await watching.until(2)
    assert [event["method"] for event in watching.logged] == ["conversation.updated", "message.created"]


async def test_after_a_server_was_killed_everything_that_is_sent_again_has_happened_exactly_once(
    backing: Backing, start_process: Callable[..., Awaitable[ServerProcess]]
) -> None:
    server = await start_process(**Fast)
    ada, others = await server.user("Ada"), [await server.user("Bob") for _ in range(6)]
    commands = {
        str(number): {"receiver_id": others[number % 6].id, "content": str(number), "idempotency_key": key()}
        for number in range(300)
    }
    answered: dict[str, Any] = {}
    enough = asyncio.Event()

    async def send(client: Client, texts: list[str]) -> None:
        for start in range(0, len(texts), 5):
            piece = texts[start : start + 5]
            calls = (client.call("message.send", **commands[text]) for text in piece)
            results = zip(piece, await asyncio.gather(*calls, return_exceptions=True), strict=True)
            answered.update({text: result for text, result in results if isinstance(result, dict)})
            if len(answered) > 60:
                enough.set()

    clients = await asyncio.gather(*(server.connect(ada) for _ in range(6)))
    sending = asyncio.gather(*(send(client, list(commands)[place::6]) for place, client in enumerate(clients)))
    async with asyncio.timeout(30):
        await enough.wait()
    await server.end()
    await asyncio.gather(sending, return_exceptions=True)
    known = dict(answered)
    stored = await sent(backing, ada)
    assert len(known) < len(commands)
    assert all(stored.get(text) == 1 for text in known), "an acknowledged command was lost"
    assert set(stored.values()) == {1}

    server = await start_process(**Fast)
    again = await asyncio.gather(*(server.connect(ada) for _ in range(6)))
    await asyncio.gather(*(send(client, list(commands)[place::6]) for place, client in enumerate(again)))
    assert len(answered) == len(commands)
    assert {text: answered[text] for text in known} == known
    assert await sent(backing, ada) == dict.fromkeys(commands, 1)
    assert await events(backing, ada) == len(commands)


async def test_a_reply_that_is_stored_is_the_reply_byte_for_byte(client: Client, bob: Person) -> None:
    once = key()
    params = {"receiver_id": bob.id, "content": '“ü” \u2028 \U0001f600 \\ " \t', "idempotency_key": once}
    call = {"jsonrpc": "2.0", "method": "message.send", "params": params}
    replies = []
    for number in range(2):
        await client.send(orjson.dumps({**call, "id": f"stray {number}"}))
        replies.append(await client.next_stray())
    assert replies[0]["result"] == replies[1]["result"]
    assert replies[0]["result"]["content"] == params["content"]
