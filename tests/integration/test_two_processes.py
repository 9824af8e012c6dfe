"""Two server processes on one PostgreSQL and one Redis: whoever is connected where, everybody sees the same."""

import asyncio
from collections import defaultdict
from itertools import pairwise
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from server.kernel.log import Log, Missed
from tests.conftest import Backing
from tests.support import Client, Person, RpcError, Server, ServerProcess, key

Pair = tuple[ServerProcess, ServerProcess]


async def people(server: ServerProcess, count: int) -> list[Person]:
    return list(await asyncio.gather(*(server.user("Ada Lovelace") for _ in range(count))))


async def follow(server: ServerProcess, person: Person, at: dict[str, Any] | None = None) -> Client:
    """A socket that follows its person's own topic, from now on or from a position."""
    client = await server.connect(person)
    await client.subscribe({person.topic: at})
    return client


async def log_of(backing: Backing, person: Person) -> list[tuple[int, str]]:
    """The whole log of a person, as PostgreSQL has it."""
    connection = await asyncpg.connect(backing.database_url)
    try:
        rows = await connection.fetch("SELECT seq, name FROM event WHERE topic = $1 ORDER BY seq", person.topic)
    finally:
        await connection.close()
    return [(row["seq"], row["name"]) for row in rows]


def seen(events: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(event["params"]["seq"], event["method"]) for event in events]


def seqs(events: list[dict[str, Any]]) -> list[int]:
    return [event["params"]["seq"] for event in events]


async def has_head(client: Client, head: int, seconds: float = 20) -> None:
    """Wait until the socket has heard of this number."""
    async with asyncio.timeout(seconds):
        while not client.logged or client.logged[-1]["params"]["seq"] < head:
            await client.until(len(client.logged) + 1, seconds)


@pytest.mark.seed("S2-38")
async def test_two_people_on_different_processes_talk_to_each_other(pair: Pair) -> None:
    ada, bob = await people(pair[0], 2)
    a, b = await follow(pair[0], ada), await follow(pair[1], bob)
    for number in range(10):
        sender, receiver = ((a, b), (b, a))[number % 2]
        to = (bob, ada)[number % 2]
        message = await sender.call("message.send", receiver_id=to.id, content=f"message {number}")
        for client in (sender, receiver):
            event = await client.event("message.created", 2)
            assert {**message, "unread_count": event["params"]["data"]["unread_count"]} == event["params"]["data"]
    for client in (a, b):
        assert seqs(client.logged) == list(range(1, len(client.logged) + 1))
        told = [event["params"]["data"] for event in client.logged if event["method"] == "message.created"]
        assert [message["number"] for message in told] == list(range(1, 11))


async def test_who_drops_off_catches_up_on_the_other_process_without_gap_and_without_overlap(
    backing: Backing, pair: Pair
) -> None:
    ada, bob = await people(pair[0], 2)
    sender = await pair[0].connect(ada)
    heard: list[dict[str, Any]] = []
    stop = asyncio.Event()

    async def send() -> None:
        number = 0
        while not stop.is_set():
            await sender.call("message.send", receiver_id=bob.id, content=f"message {number}")
            number += 1

    sending = asyncio.create_task(send())
    position: dict[str, Any] | None = {"seq": 0}
    for turn in range(12):
        client = await pair[turn % 2].connect(bob)
        while True:
            reply = await client.subscribe({bob.topic: position})
            mine = reply["topics"][bob.topic]
            assert not mine["reset"]
            heard += mine["events"]
            position = {"seq": mine["seq"], "epoch": reply["epoch"]}
            if not mine["more"]:
                break
        await client.until(3)
        # Dropped without a word, as in a tunnel.
        client.socket.transport.abort()
        assert client._reader is not None
        await asyncio.gather(client._reader, return_exceptions=True)
        heard += client.logged
        position = {"seq": seqs(heard)[-1], "epoch": reply["epoch"]}
    stop.set()
    await sending
    client = await pair[0].connect(bob)
    heard += (await client.subscribe({bob.topic: position}))["topics"][bob.topic]["events"]
    assert seen(heard) == await log_of(backing, bob)
    assert seqs(heard) == list(range(1, len(heard) + 1))
    assert len(heard) > 50


async def test_fifty_people_write_in_fifty_conversations_and_everybody_sees_their_whole_log_in_order(
    backing: Backing, pair: Pair
) -> None:
    everybody = await people(pair[0], 50)
    here = await asyncio.gather(*(follow(pair[place % 2], one, {"seq": 0}) for place, one in enumerate(everybody)))
    there = await asyncio.gather(*(follow(pair[1 - place % 2], one, {"seq": 0}) for place, one in enumerate(everybody)))

    async def write(place: int) -> None:
        for number in range(8):
            # To the left and to the right, so that each conversation has two who write.
            to = everybody[(place + (1 if number % 2 else -1)) % 50]
            await here[place].call("message.send", receiver_id=to.id, content=f"{place} {number}")

    await asyncio.gather(*(write(place) for place in range(50)))
    for person, one, two in zip(everybody, here, there, strict=True):
        log = await log_of(backing, person)
        assert [seq for seq, _ in log] == list(range(1, len(log) + 1))
        assert sum(name == "message.created" for _, name in log) == 16
        for client in (one, two):
            await has_head(client, len(log))
            assert seen(client.logged) == log
        by_conversation = defaultdict(list)
        for event in one.logged:
            if event["method"] == "message.created":
                data = event["params"]["data"]
                by_conversation[data["conversation_id"]].append(data["number"])
        assert len(by_conversation) == 2
        assert all(numbers == list(range(1, 9)) for numbers in by_conversation.values())


async def test_who_subscribes_with_a_position_while_two_hundred_messages_fly_sees_each_once_and_in_order(
    backing: Backing, pair: Pair
) -> None:
    ada, bob = await people(pair[0], 2)
    senders = [await pair[place % 2].connect(ada) for place in range(4)]
    started = asyncio.Event()

    async def send(client: Client) -> None:
        for number in range(50):
            await client.call("message.send", receiver_id=bob.id, content=f"{number}")
            started.set()

    async def join(place: int) -> list[dict[str, Any]]:
        """Join at some moment of the flight, from the beginning."""
        client = await pair[place % 2].connect(bob)
        events: list[dict[str, Any]] = []
        position: dict[str, Any] = {"seq": 0}
        while True:
            reply = await client.subscribe({bob.topic: position})
            mine = reply["topics"][bob.topic]
            events += mine["events"]
            position = {"seq": mine["seq"], "epoch": reply["epoch"]}
            if not mine["more"]:
                break
        joined.append((client, events))
        return events

    joined: list[tuple[Client, list[dict[str, Any]]]] = []
    sending = [asyncio.create_task(send(client)) for client in senders]
    await started.wait()
    place = 0
    while not all(task.done() for task in sending) and place < 16:
        await asyncio.gather(join(place), join(place + 1))
        place += 2
    await asyncio.gather(*sending)
    log = await log_of(backing, bob)
    assert len(log) >= 201
    for client, caught_up in joined:
        await has_head_beyond(client, caught_up, len(log))
        assert seen(caught_up + client.logged) == log
    assert any(0 < len(caught_up) < len(log) for _, caught_up in joined)


async def has_head_beyond(client: Client, caught_up: list[dict[str, Any]], head: int) -> None:
    if seqs(caught_up)[-1:] != [head]:
        await has_head(client, head)


async def test_what_one_does_on_one_device_appears_on_the_others_wherever_they_are_connected(pair: Pair) -> None:
    ada, bob = await people(pair[0], 2)
    phone, tablet, laptop = [await follow(pair[place], ada) for place in (0, 0, 1)]
    once = key()
    message = await phone.call("message.send", receiver_id=bob.id, content="hi", idempotency_key=once)
    for device in (phone, tablet, laptop):
        event = (await device.event("message.created"))["params"]
        assert event["data"]["id"] == message["id"]
        assert event["by"] == {"connection_id": phone.ready["connection_id"], "idempotency_key": once}
    await laptop.call("message.edit", message_id=message["id"], content="hello")
    for device in (phone, tablet, laptop):
        event = (await device.event("message.updated"))["params"]
        assert event["data"]["content"] == "hello"
        assert event["by"] == {"connection_id": laptop.ready["connection_id"], "idempotency_key": None}


async def test_a_socket_that_has_not_subscribed_or_has_unsubscribed_gets_nothing(pair: Pair) -> None:
    ada, bob = await people(pair[0], 2)
    never, left = await pair[1].connect(bob), await follow(pair[1], bob)
    stays, sender = await follow(pair[1], bob), await pair[0].connect(ada)
    await sender.call("message.send", receiver_id=bob.id, content="one")
    await left.event("message.created")
    before = len(left.events)
    assert await left.call("session.unsubscribe", topics=[bob.topic, ada.topic]) == {"unsubscribed": [bob.topic]}
    assert await left.call("session.unsubscribe", topics=[bob.topic]) == {"unsubscribed": []}
    for number in range(5):
        await sender.call("message.send", receiver_id=bob.id, content=f"{number}")
    await stays.until(7)
    # A reply comes after all that was sent before it.
    for client in (never, left):
        await client.call("session.ping")
    assert never.logged == []
    assert len(left.events) == before
    reply = await left.subscribe({bob.topic: {"seq": 2, "epoch": left.ready["epoch"]}})
    assert seqs(reply["topics"][bob.topic]["events"]) == [3, 4, 5, 6, 7]


async def test_a_topic_that_one_may_not_see_answers_like_one_that_does_not_exist(pair: Pair) -> None:
    ada, bob, eve = await people(pair[0], 3)
    message = await (await pair[0].connect(ada)).call("message.send", receiver_id=bob.id, content="hi")
    foreign, nobody = f"conversation:{message['conversation_id']}", f"conversation:{uuid4()}"
    unknown = ["user", f"user:{ada.id.upper()}", "user:nobody", "nonsense:1", "", ":", f"nonsense:{uuid4()}"]
    topics = [ada.topic, f"user:{uuid4()}", foreign, nobody, *unknown]
    for server in pair:
        for client in (await server.connect(eve), await server.connect()):
            reply = await client.subscribe({**dict.fromkeys(topics), ada.topic: {"seq": 0}})
            assert set(reply["topics"]) == set(topics)
            answers = [reply["topics"][topic] for topic in topics]
            assert answers == [{"error": {"code": -32004, "message": "Not found."}}] * len(topics)
        mine = await server.connect(bob)
        reply = await mine.subscribe({bob.topic: None, foreign: None, ada.topic: None})
        assert reply["topics"][bob.topic]["seq"] == 2
        assert reply["topics"][foreign]["seq"] is None
        assert reply["topics"][ada.topic]["error"]["code"] == -32004


async def test_who_may_not_see_a_topic_is_sent_nothing_of_it(pair: Pair) -> None:
    ada, bob, eve = await people(pair[0], 3)
    spy, b, sender = await pair[1].connect(eve), await follow(pair[1], bob), await pair[0].connect(ada)
    await spy.subscribe({bob.topic: None, ada.topic: {"seq": 0}})
    for number in range(3):
        await sender.call("message.send", receiver_id=bob.id, content=f"{number}")
    await b.until(4)
    await spy.call("session.ping")
    assert spy.logged == []


async def test_subscribing_twice_is_a_conflict_and_changes_nothing(pair: Pair) -> None:
    ada, bob = await people(pair[0], 2)
    b, sender = await follow(pair[1], bob), await pair[0].connect(ada)
    for at in (None, {"seq": 0}):
        assert (await b.subscribe({bob.topic: at}))["topics"][bob.topic]["error"]["code"] == -32009
    await sender.call("message.send", receiver_id=bob.id, content="hi")
    await b.until(2)
    await b.call("session.ping")
    assert seqs(b.logged) == [1, 2]


async def test_two_subscriptions_at_once_on_one_socket_are_one_and_a_conflict(pair: Pair) -> None:
    (ada,) = await people(pair[0], 1)
    client = await pair[1].connect(ada)
    replies = await asyncio.gather(*(client.subscribe({ada.topic: None}) for _ in range(5)))
    answers = [reply["topics"][ada.topic] for reply in replies]
    assert sorted("error" in answer for answer in answers) == [False, True, True, True, True]
    assert {answer["error"]["code"] for answer in answers if "error" in answer} == {-32009}


async def test_a_hundred_and_twenty_nine_topics_are_refused_and_none_of_them_is_followed(pair: Pair) -> None:
    (ada,) = await people(pair[0], 1)
    client = await pair[0].connect(ada)
    many = dict.fromkeys([ada.topic, *(f"user:{uuid4()}" for _ in range(127))])
    with pytest.raises(RpcError) as caught:
        await client.subscribe({**many, f"user:{uuid4()}": None})
    assert caught.value.code == -32602
    assert list(caught.value.data["details"]) == ["topics"]
    reply = await client.subscribe(many)
    assert len(reply["topics"]) == 128
    # Only the one that exists counts on.
    assert "error" not in reply["topics"][ada.topic]
    with pytest.raises(RpcError):
        await client.subscribe({f"user:{uuid4()}": None for _ in range(128)})
    assert len((await client.subscribe({f"user:{uuid4()}": None for _ in range(127)}))["topics"]) == 127


async def test_a_long_absence_is_read_in_pieces_and_the_flow_begins_after_the_last_one(
    backing: Backing, pair: Pair
) -> None:
    ada, bob = await people(pair[0], 2)
    sender = await pair[0].connect(ada)
    for number in range(60):
        await sender.call("message.send", receiver_id=bob.id, content=f"{number} " + "x" * 9_000)
    client = await pair[1].connect(bob)
    heard: list[dict[str, Any]] = []
    position: dict[str, Any] = {"seq": 0}
    pieces = 0
    while True:
        reply = await client.subscribe({bob.topic: position})
        mine = reply["topics"][bob.topic]
        heard += mine["events"]
        assert mine["seq"] == seqs(heard)[-1]
        position = {"seq": mine["seq"], "epoch": reply["epoch"]}
        pieces += 1
        if not mine["more"]:
            break
        # Not live yet: what comes now is found by the next piece.
        await sender.call("message.send", receiver_id=bob.id, content="in between")
        assert client.logged == []
    assert pieces == 3
    await sender.call("message.send", receiver_id=bob.id, content="after")
    await client.event("message.created")
    assert seen(heard + client.logged) == await log_of(backing, bob)


async def test_positions_beyond_the_head_and_of_another_epoch_are_reset_and_the_flow_goes_on(pair: Pair) -> None:
    ada, bob = await people(pair[0], 2)
    sender = await pair[0].connect(ada)
    await sender.call("message.send", receiver_id=bob.id, content="hi")
    for server, (seq, epoch) in zip(pair, ((1000, None), (1, "another")), strict=True):
        client = await server.connect(bob)
        at = {"seq": seq, "epoch": epoch or client.ready["epoch"]}
        mine = (await client.subscribe({bob.topic: at}))["topics"][bob.topic]
        assert (mine["events"], mine["more"], mine["reset"]) == ([], False, True)
        message = await sender.call("message.send", receiver_id=bob.id, content="on")
        event = (await client.event("message.created"))["params"]
        assert (event["data"]["id"], event["seq"]) == (message["id"], mine["seq"] + 1)


async def test_a_position_needs_its_epoch_unless_it_is_the_beginning(pair: Pair) -> None:
    (ada,) = await people(pair[0], 1)
    client = await pair[0].connect(ada)
    with pytest.raises(RpcError) as caught:
        await client.subscribe({ada.topic: {"seq": 1}})
    assert caught.value.code == -32602
    assert "error" not in (await client.subscribe({ada.topic: {"seq": 0}}))["topics"][ada.topic]


async def test_what_a_query_read_as_of_a_position_fits_the_events_after_it_on_the_other_process(pair: Pair) -> None:
    ada, bob = await people(pair[0], 2)
    sender, reader = await pair[0].connect(ada), await follow(pair[1], bob, {"seq": 0})
    first = await sender.call("message.send", receiver_id=bob.id, content="first")
    conversation = first["conversation_id"]
    sending = asyncio.gather(
        *(sender.call("message.send", receiver_id=bob.id, content=f"{number}") for number in range(40))
    )
    pictures = []
    while not sending.done():
        response = await reader.request("message.list", conversation_id=conversation, limit=100, as_of=[bob.topic])
        pictures.append((response["meta"]["positions"][bob.topic], response["result"]["items"]))
    await sending
    await reader.until(42)
    told = {event["params"]["seq"]: event["params"]["data"]["number"] for event in reader.logged[1:]}
    for position, items in pictures:
        later = [number for seq, number in told.items() if seq > position]
        assert [item["number"] for item in items] + later == list(range(1, 42))
    assert all(before[0] <= after[0] for before, after in pairwise(pictures))


async def test_a_subscription_that_was_left_on_its_way_does_not_end_the_next_one(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = await server.user(), await server.user()
    sender, client = await server.connect(ada), await server.connect(bob)
    await sender.call("message.send", receiver_id=bob.id, content="before")
    reached, gates = [asyncio.Event(), asyncio.Event()], [asyncio.Event(), asyncio.Event()]
    original, turns = Log.read, iter(range(2))

    async def gated(log: Log, topic: str, *arguments: Any, **options: Any) -> Missed:
        turn = next(turns, None)
        if turn is not None:
            reached[turn].set()
            await gates[turn].wait()
        return await original(log, topic, *arguments, **options)

    monkeypatch.setattr(Log, "read", gated)
    first = asyncio.create_task(client.subscribe({bob.topic: {"seq": 0}}))
    await reached[0].wait()
    await client.call("session.unsubscribe", topics=[bob.topic])
    second = asyncio.create_task(client.subscribe({bob.topic: {"seq": 0}}))
    await reached[1].wait()
    try:
        gates[0].set()
        await first
        await sender.call("message.send", receiver_id=bob.id, content="between")
        await client.call("session.ping")
        assert client.logged == [], "sent between the request and the reply of the second subscription"
    finally:
        gates[1].set()
        reply = await second
    assert "error" not in reply["topics"][bob.topic]
    assert seqs(reply["topics"][bob.topic]["events"]) == [1, 2, 3]
    await sender.call("message.send", receiver_id=bob.id, content="after")
    await client.event("message.created")
    assert seqs(client.logged) == [4]
