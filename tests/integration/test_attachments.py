"""Files that go with messages."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from models.file import File
from models.messaging import MessageFile
from tests.files import PDF, PNG, fetch, sent, stored, work
from tests.support import Client, Person, RpcError, Server, key

StartApp = Callable[..., Awaitable[Server]]
Two = tuple[Person, Client, Person, Client]


@pytest.fixture
async def server(start_app: StartApp, tmp_path: Path) -> Server:
    return await start_app(storage_url=tmp_path.as_uri(), commands_per_second=10_000, commands_burst=10_000)


@pytest.fixture
async def two(server: Server) -> Two:
    """Two people, each on a socket that follows their own topic."""
    ada, bob = await server.user("Ada Lovelace"), await server.user("Bob Marley")
    clients = [await server.connect(person) for person in (ada, bob)]
    for person, client in zip((ada, bob), clients, strict=True):
        await client.subscribe({person.topic: None})
    return ada, clients[0], bob, clients[1]


async def refused(call: Awaitable[Any]) -> RpcError:
    with pytest.raises(RpcError) as caught:
        await call
    return caught.value


def entry(file: dict[str, Any]) -> dict[str, Any]:
    return {name: file[name] for name in ("file_id", "name", "size", "media_type")}


async def test_files_go_with_a_message_in_their_order(server: Server, two: Two) -> None:
    ada, a, bob, b = two
    files = [
        await sent(server, ada, PDF, "resume", name="cv.pdf"),
        await sent(server, ada, PNG, name="photo.png"),
        await sent(server, ada, PNG, name="again.png"),
    ]
    ids = [file["file_id"] for file in files]
    message = await a.call("message.send", receiver_id=bob.id, content="look", file_ids=[ids[1], ids[0], ids[2]])
    assert message["files"] == [entry(files[1]), entry(files[0]), entry(files[2])]
    for client, unread in ((a, 0), (b, 1)):
        assert (await client.event("message.created"))["params"]["data"] == {**message, "unread_count": unread}
        assert (await client.call("message.list", conversation_id=message["conversation_id"]))["items"] == [message]
    for file_id in ids:
        assert (await fetch(server, file_id, bob)).status_code == 200


async def test_a_message_without_files_has_none(two: Two) -> None:
    _, a, bob, _ = two
    assert (await a.call("message.send", receiver_id=bob.id, content="hi"))["files"] == []
    assert (await a.call("message.send", receiver_id=bob.id, content="hi", file_ids=[]))["files"] == []


async def test_with_files_the_text_may_be_empty(server: Server, two: Two) -> None:
    ada, a, bob, _ = two
    file = await sent(server, ada)
    for options in ({}, {"content": ""}):
        message = await a.call("message.send", receiver_id=bob.id, file_ids=[file["file_id"]], **options)
        assert (message["content"], len(message["files"])) == ("", 1)
    for options in ({}, {"content": ""}, {"content": " \n"}, {"content": "", "file_ids": []}):
        error = await refused(a.call("message.send", receiver_id=bob.id, **options))
        assert set(error.data["details"]) == {"content"}


async def test_what_cannot_be_sent_is_named_and_nothing_is_sent(server: Server, two: Two) -> None:
    ada, a, bob, b = two
    own = await sent(server, ada)
    theirs = await sent(server, bob)
    avatar = await sent(server, ada, purpose="avatar")
    pending = await File.create(
        owner_id=ada.id, name="a", media_type="image/png", purpose="attachment", storage_key=f"00/{uuid4()}"
    )
    for wrong in (theirs["file_id"], avatar["file_id"], str(pending.id), str(uuid4())):
        error = await refused(a.call("message.send", receiver_id=bob.id, file_ids=[own["file_id"], wrong]))
        assert set(error.data["details"]) == {"file_ids.1"}
    twice = await refused(a.call("message.send", receiver_id=bob.id, file_ids=[own["file_id"]] * 2))
    assert set(twice.data["details"]) == {"file_ids"}
    many = await refused(a.call("message.send", receiver_id=bob.id, file_ids=[str(uuid4()) for _ in range(11)]))
    assert set(many.data["details"]) == {"file_ids"}
    assert (await a.call("conversation.list"))["items"] == []
    assert (await b.call("conversation.list"))["items"] == []
    assert (await File.get(id=own["file_id"])).attached_at is None
    assert (await fetch(server, own["file_id"], bob)).status_code == 404


async def test_ten_files_are_sent(server: Server, two: Two) -> None:
    ada, a, bob, _ = two
    ids = [(await sent(server, ada))["file_id"] for _ in range(10)]
    message = await a.call("message.send", receiver_id=bob.id, file_ids=ids)
    assert [file["file_id"] for file in message["files"]] == ids


async def test_who_is_blocked_sends_no_files(server: Server, two: Two) -> None:
    ada, a, bob, b = two
    file = await sent(server, ada)
    await b.call("block.add", user_id=ada.id)
    assert (await refused(a.call("message.send", receiver_id=bob.id, file_ids=[file["file_id"]]))).code == -32003
    assert (await File.get(id=file["file_id"])).attached_at is None


async def test_the_same_key_sends_the_same_files_once(server: Server, two: Two) -> None:
    ada, a, bob, _ = two
    params = {"receiver_id": bob.id, "file_ids": [(await sent(server, ada))["file_id"]], "idempotency_key": key()}
    first, again = await a.call("message.send", **params), await a.call("message.send", **params)
    assert first == again
    assert await MessageFile.filter(message_id=first["id"]).count() == 1


async def test_a_changed_message_keeps_its_files(server: Server, two: Two) -> None:
    ada, a, bob, b = two
    message = await a.call("message.send", receiver_id=bob.id, file_ids=[(await sent(server, ada))["file_id"]])
    changed = await a.call("message.edit", message_id=message["id"], content="now with a text")
    assert changed["files"] == message["files"]
    assert (await b.event("message.updated"))["params"]["data"] == changed


async def test_a_deleted_message_gives_its_files_up(server: Server, two: Two, tmp_path: Path) -> None:
    ada, a, bob, b = two
    carol = await server.user("Carol King")
    only, both = await sent(server, ada), await sent(server, ada)
    ids = [only["file_id"], both["file_id"]]
    message = await a.call("message.send", receiver_id=bob.id, file_ids=ids)
    await a.call("message.send", receiver_id=carol.id, file_ids=[both["file_id"]])
    await a.call("message.delete", message_id=message["id"])
    assert (await b.event("message.deleted"))["params"]["data"]["files"] == []
    (tombstone,) = (await b.call("message.list", user_id=ada.id))["items"]
    assert (tombstone["files"], tombstone["content"]) == ([], "")
    for file_id in ids:
        assert (await fetch(server, file_id, bob)).status_code == 404
    assert (await fetch(server, both["file_id"], carol)).status_code == 200
    await work(server, hours=25)
    assert await File.filter(id__in=ids).values_list("id", flat=True) == [(await File.get(id=both["file_id"])).id]
    assert len(stored(tmp_path)) == 1


async def test_a_deleted_file_stays_in_the_message_as_a_name(server: Server, two: Two, tmp_path: Path) -> None:
    ada, a, bob, b = two
    file = await sent(server, ada)
    message = await a.call("message.send", receiver_id=bob.id, file_ids=[file["file_id"]])
    assert (await refused(b.call("file.delete", file_id=file["file_id"]))).kind == "not_found"
    await a.call("file.delete", file_id=file["file_id"])
    assert (await b.call("message.list", user_id=ada.id))["items"] == [message]
    assert (await fetch(server, file["file_id"], bob)).status_code == 404
    assert (await refused(a.call("message.send", receiver_id=bob.id, file_ids=[file["file_id"]]))).code == -32602
    await work(server)
    assert stored(tmp_path) == []


async def test_sending_and_deleting_the_same_files_at_once_leaves_what_is_sent(server: Server, two: Two) -> None:
    """A file that one message gives up while another one takes it is not taken for an orphan."""
    ada, _, bob, _ = two
    carol = await server.user("Carol King")
    ids = [(await sent(server, ada))["file_id"] for _ in range(3)]
    clients = [await server.connect(ada) for _ in range(4)]

    async def give_and_take(client: Client, receiver: Person, turn: int) -> None:
        order = ids if turn % 2 else ids[::-1]
        message = await client.call("message.send", receiver_id=receiver.id, file_ids=order)
        await client.call("message.delete", message_id=message["id"])

    for turn in range(10):
        people = (bob, carol, bob, carol)
        pairs = zip(clients, people, range(turn, turn + 4), strict=True)
        await asyncio.gather(*(give_and_take(client, person, n) for client, person, n in pairs))
        kept = (await clients[0].call("message.send", receiver_id=bob.id, file_ids=ids))["id"]
        assert await File.filter(id__in=ids, attached_at=None).count() == 0
        await clients[0].call("message.delete", message_id=kept)
    assert await File.filter(id__in=ids, attached_at=None).count() == 3


async def test_a_file_that_is_sent_while_it_is_deleted_is_either(server: Server, two: Two) -> None:
    ada, a, bob, _ = two
    other = await server.connect(ada)
    for _ in range(20):
        file = await sent(server, ada)
        results = await asyncio.gather(
            a.request("message.send", receiver_id=bob.id, file_ids=[file["file_id"]]),
            other.request("file.delete", file_id=file["file_id"]),
        )
        assert results[1]["result"] == {"deleted": True}
        assert results[0].get("error", {"code": -32602})["code"] == -32602
        assert await File.filter(id=file["file_id"]).count() == 0
