"""The picture that a person shows."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from models.account import User
from models.file import File
from tests.files import PDF, PNG, fetch, sent, stored, work
from tests.support import Client, Person, RpcError, Server

StartApp = Callable[..., Awaitable[Server]]
One = tuple[Person, Client]


@pytest.fixture
async def server(start_app: StartApp, tmp_path: Path) -> Server:
    return await start_app(storage_url=tmp_path.as_uri())


@pytest.fixture
async def one(server: Server) -> One:
    ada = await server.user("Ada Lovelace")
    client = await server.connect(ada)
    await client.subscribe({ada.topic: None})
    return ada, client


async def refused(call: Awaitable[Any]) -> RpcError:
    with pytest.raises(RpcError) as caught:
        await call
    return caught.value


async def updates(client: Client, count: int) -> list[dict[str, Any]]:
    await client.until(count)
    return [event["params"]["data"] for event in client.logged if event["method"] == "account.updated"]


async def test_a_picture_is_shown_to_everybody_who_is_logged_in(server: Server, one: One) -> None:
    ada, client = one
    file = await sent(server, ada, purpose="avatar")
    bob = await server.user("Bob Marley")
    assert (await fetch(server, file["file_id"], bob)).status_code == 404
    answer = await client.call("account.avatar.set", file_id=file["file_id"])
    assert (await fetch(server, answer["avatar_url"])).content == PNG
    assert (await fetch(server, file["file_id"], bob)).content == PNG
    assert (await client.event("account.updated"))["params"]["data"] == {"fields": ["avatar"], "rev": 2}
    profile = await client.call("account.profile.get")
    assert profile["rev"] == 2
    assert (await fetch(server, profile["avatar"])).content == PNG


async def test_setting_it_again_changes_nothing(server: Server, one: One) -> None:
    ada, client = one
    file = await sent(server, ada, purpose="avatar")
    await client.call("account.avatar.set", file_id=file["file_id"])
    await client.call("account.avatar.set", file_id=file["file_id"])
    assert (await User.get(id=ada.id)).rev == 2


async def test_a_new_picture_takes_the_place_of_the_old_one(server: Server, one: One, tmp_path: Path) -> None:
    ada, client = one
    bob = await server.user("Bob Marley")
    old, new = [await sent(server, ada, purpose="avatar") for _ in range(2)]
    for file in (old, new):
        await client.call("account.avatar.set", file_id=file["file_id"])
    assert (await User.get(id=ada.id)).avatar_file_id == UUID(new["file_id"])
    assert (await fetch(server, old["file_id"], bob)).status_code == 404
    await work(server, hours=25)
    assert [str(file.id) for file in await File.filter(owner_id=ada.id)] == [new["file_id"]]
    assert len(stored(tmp_path)) == 1


async def test_a_picture_can_be_removed(server: Server, one: One) -> None:
    ada, client = one
    assert await client.call("account.avatar.remove") == {"removed": False}
    file = await sent(server, ada, purpose="avatar")
    await client.call("account.avatar.set", file_id=file["file_id"])
    assert await client.call("account.avatar.remove") == {"removed": True}
    assert await updates(client, 3) == [{"fields": ["avatar"], "rev": 2}, {"fields": ["avatar"], "rev": 3}]
    assert (await client.call("account.profile.get"))["avatar"] is None
    assert (await File.get(id=file["file_id"])).attached_at is None


async def test_deleting_the_file_takes_the_picture_away_and_tells_so(server: Server, one: One) -> None:
    ada, client = one
    shown, other = [await sent(server, ada, purpose="avatar") for _ in range(2)]
    await client.call("account.avatar.set", file_id=shown["file_id"])
    await client.call("file.delete", file_id=other["file_id"])
    assert (await User.get(id=ada.id)).avatar_file_id == UUID(shown["file_id"])
    await client.call("file.delete", file_id=shown["file_id"])
    assert await updates(client, 4) == [{"fields": ["avatar"], "rev": 2}, {"fields": ["avatar"], "rev": 3}]
    assert (await User.get(id=ada.id)).avatar_file_id is None


async def test_only_an_own_file_that_was_uploaded_for_it_is_a_picture(server: Server, one: One) -> None:
    ada, client = one
    bob = await server.user("Bob Marley")
    wrong = [
        (await sent(server, ada))["file_id"],
        (await sent(server, ada, PDF, "resume", name="a.pdf"))["file_id"],
        (await sent(server, bob, purpose="avatar"))["file_id"],
        str(uuid4()),
    ]
    for file_id in wrong:
        assert (await refused(client.call("account.avatar.set", file_id=file_id))).kind == "not_found"
    pending = await File.create(
        owner_id=ada.id, name="a", media_type="image/png", purpose="avatar", storage_key=f"00/{uuid4()}"
    )
    error = await refused(client.call("account.avatar.set", file_id=str(pending.id)))
    assert (error.kind, error.data["state"]) == ("invalid_state", "pending")
    assert (await User.get(id=ada.id)).rev == 1


async def test_pictures_set_and_deleted_at_once_leave_one_or_none(server: Server, one: One) -> None:
    ada, client = one
    others = [await server.connect(ada) for _ in range(3)]
    for _ in range(5):
        files = [(await sent(server, ada, purpose="avatar"))["file_id"] for _ in range(2)]
        await asyncio.gather(
            client.request("account.avatar.set", file_id=files[0]),
            others[0].request("account.avatar.set", file_id=files[1]),
            others[1].request("file.delete", file_id=files[0]),
            others[2].request("account.avatar.remove"),
        )
        shown = (await User.get(id=ada.id)).avatar_file_id
        attached = await File.filter(owner_id=ada.id, attached_at__not_isnull=True).values_list("id", flat=True)
        assert attached == ([shown] if shown else [])
        assert not await File.exists(id=files[0])
        await client.call("account.avatar.remove")
