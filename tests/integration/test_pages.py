"""Lists always fit into a frame: a page ends by bytes as well as by count, and a cursor belongs to one order."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from models.account import User
from models.kit.text import utf16_length
from server.compose.domains import MODULES
from server.kernel.paging import ListParams, Page, Slice, encode_cursor, page_of
from server.kernel.registry import Registry
from server.kernel.rpc import View
from tests.files import sent
from tests.support import Client, RpcError, Server

StartApp = Callable[..., Awaitable[Server]]

LONGEST = "漢" * 10_000
"""The largest message: three bytes for each of 10,000 characters."""

SLICES = {"message.list": "the messages around a place, with more on either side"}
"""Lists that are no pages, and why."""


async def all_of(client: Client, method: str, **params: Any) -> list[Any]:
    """Page through a list at its default limit."""
    items, cursor = [], None
    for _ in range(1000):
        page = await client.call(method, **params, **({} if cursor is None else {"cursor": cursor}))
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items
    raise AssertionError("the list has no end")


def test_every_list_takes_a_limit_and_answers_a_page() -> None:
    lists = {name: method for name, method in Registry.of(MODULES).methods.items() if name.endswith(".list")}
    assert len(lists) > 15
    for name, method in lists.items():
        if name in SLICES:
            continue
        assert issubclass(method.result, Page), name
        if issubclass(method.params, ListParams):
            limit = method.params.model_fields["limit"]
            assert limit.default == 20
            assert {getattr(one, "ge", None) or getattr(one, "le", None) for one in limit.metadata} >= {1, 100}, name


class Large(View):
    text: str


def test_a_page_ends_by_bytes_and_goes_on_behind_its_last_row() -> None:
    items = [Large(text="x" * 100_000) for _ in range(10)]
    found = Slice(range(10), [f"after {number}" for number in range(10)], more=True)
    page = page_of(found, items)
    assert (len(page.items), page.next_cursor) == (2, "after 1")
    small = page_of(found, [Large(text="x") for _ in range(10)])
    assert (len(small.items), small.next_cursor) == (10, "after 9")
    last = page_of(Slice(range(1), ["after 0"], more=False), [Large(text="x" * 400_000)])
    assert (len(last.items), last.next_cursor) == (1, None)


async def test_strangers_with_long_messages_do_not_make_the_list_fail(server: Server) -> None:
    bob = await server.user("Bob")
    people = [await server.user("Ada") for _ in range(25)]
    sockets = [await server.connect(one) for one in people]
    await asyncio.gather(*(one.call("message.send", receiver_id=bob.id, content=LONGEST) for one in sockets))
    me = await server.connect(bob)
    listed = await all_of(me, "conversation.list")
    assert {one["user_id"] for one in listed} == {one.id for one in people}
    assert {utf16_length(one["last_message_content"]) for one in listed} == {200}


async def test_a_hundred_of_the_longest_messages_come_in_parts(server: Server) -> None:
    ada, bob = await server.user("Ada"), await server.user("Bob")
    writer, reader = await server.connect(ada), await server.connect(bob)
    for _ in range(30):
        await writer.call("message.send", receiver_id=bob.id, content=LONGEST)
    seen: list[int] = []
    before: dict[str, Any] = {}
    while True:
        part = await reader.call("message.list", user_id=ada.id, limit=100, **before)
        seen = [one["number"] for one in part["items"]] + seen
        if not part["more_before"]:
            break
        before = {"before": part["items"][0]["id"]}
    assert seen == list(range(1, 31))
    first = await reader.call("message.list", user_id=ada.id, limit=100, after=part["items"][0]["id"])
    assert first["items"][0]["number"] == 2
    assert first["more_after"]
    middle = part["items"][-1]["id"]
    around = await reader.call("message.list", user_id=ada.id, limit=100, around=middle)
    assert middle in {one["id"] for one in around["items"]}


async def test_a_cursor_of_another_order_is_refused(server: Server) -> None:
    person = await server.user()
    await User.filter(id=person.id).update(roles=["user", "admin"])
    admin = await server.connect(person)
    page = await admin.call("admin.user.list", limit=1, sort="-created_at")
    with pytest.raises(RpcError) as caught:
        await admin.call("admin.user.list", limit=1, sort="full_name", cursor=page["next_cursor"])
    assert caught.value.data["details"] == {"cursor": ["This cursor belongs to another order of the list."]}


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0", 5, None])
async def test_a_cursor_that_somebody_made_up_is_no_fault(server: Server, moment: object) -> None:
    client = await server.connect(await server.user())
    cursor = encode_cursor(moment, "01900000-0000-7000-8000-000000000000")
    with pytest.raises(RpcError) as caught:
        await client.call("conversation.list", cursor=cursor)
    assert caught.value.kind == "validation_failed"


async def test_a_message_with_files_alone_has_a_preview_that_says_so(server: Server) -> None:
    ada, bob = await server.user("Ada"), await server.user("Bob")
    client = await server.connect(ada)
    files = [(await sent(server, ada, b"some text", name="a.txt"))["file_id"] for _ in range(2)]
    await client.call("message.send", receiver_id=bob.id, file_ids=files[:1])
    (listed,) = await all_of(client, "conversation.list")
    assert listed["last_message_content"] == "1 file"
    await client.call("message.send", receiver_id=bob.id, content=" \u200b", file_ids=files[1:])
    (listed,) = await all_of(client, "conversation.list")
    assert listed["last_message_content"] == "1 file"
