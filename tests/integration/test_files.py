"""Files: reading them over HTTP, who may, and what becomes of those that nobody uses."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4

import pytest

from models.account import User
from models.file import File
from tests.auth import logout
from tests.files import DOCX, MP4, PDF, PNG, TEXT, fetch, send, sent, stored, work
from tests.support import Person, RpcError, Server

StartApp = Callable[..., Awaitable[Server]]
ID = "018f2f5e-0000-7000-8000-00000000000a"


@pytest.fixture
async def server(start_app: StartApp, tmp_path: Path) -> Server:
    return await start_app(storage_url=tmp_path.as_uri())


@pytest.fixture
async def ada(server: Server) -> Person:
    return await server.user()


async def refused(call: Awaitable[Any]) -> RpcError:
    with pytest.raises(RpcError) as caught:
        await call
    return caught.value


# Reading


async def test_what_was_sent_is_what_is_read(server: Server, ada: Person) -> None:
    content = PNG + os.urandom(3_000_000)
    file = await sent(server, ada, content)
    answer = await fetch(server, file["file_id"], ada)
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; frame-ancestors 'none'"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["content-length"] == str(len(content))


async def test_head_says_what_get_would(server: Server, ada: Person) -> None:
    file = await sent(server, ada, PDF, name="a.pdf")
    got, head = [await fetch(server, file["file_id"], ada, method) for method in ("GET", "HEAD")]
    assert (head.status_code, head.content) == (200, b"")
    names = ("content-length", "content-type", "etag", "content-disposition", "accept-ranges")
    assert [head.headers[name] for name in names] == [got.headers[name] for name in names]


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=90-", 90, 99),
        ("bytes=90-5000", 90, 99),
        ("bytes=-7", 93, 99),
        ("bytes=-5000", 0, 99),
        ("bytes=0-99", 0, 99),
    ],
)
async def test_a_range_is_answered_with_that_part(
    server: Server, ada: Person, wanted: str, first: int, last: int
) -> None:
    content = (PNG + bytes(100))[:100]
    file = await sent(server, ada, content)
    answer = await fetch(server, file["file_id"], ada, Range=wanted)
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {first}-{last}/100"
    assert answer.headers["content-length"] == str(last - first + 1)
    assert answer.content == content[first : last + 1]


@pytest.mark.parametrize("wanted", ["bytes=100-", "bytes=100-200", "bytes=-0"])
async def test_a_range_that_does_not_exist_is_416(server: Server, ada: Person, wanted: str) -> None:
    file = await sent(server, ada, (PNG + bytes(100))[:100])
    answer = await fetch(server, file["file_id"], ada, Range=wanted)
    assert (answer.status_code, answer.headers["content-range"], answer.content) == (416, "bytes */100", b"")


@pytest.mark.parametrize(
    "wanted", ["bytes=0-1,3-4", "bytes=5-2", "bytes=-", "bytes", "pages=1-2", "bytes=a-b", "bytes=0x1-2"]
)
async def test_what_is_no_single_range_is_answered_with_the_whole(server: Server, ada: Person, wanted: str) -> None:
    file = await sent(server, ada, PNG)
    answer = await fetch(server, file["file_id"], ada, Range=wanted)
    assert (answer.status_code, answer.content) == (200, PNG)
    assert "content-range" not in answer.headers


async def test_a_range_over_pieces_of_the_storage(server: Server, ada: Person) -> None:
    content = MP4 + os.urandom(5_000_000)
    file = await sent(server, ada, content, "video", name="a.mp4")
    answer = await fetch(server, file["file_id"], ada, Range="bytes=1048570-3145740")
    assert answer.content == content[1048570:3145741]


async def test_a_client_that_has_the_content_is_told_so(server: Server, ada: Person) -> None:
    file = await sent(server, ada)
    id_ = file["file_id"]
    etag = (await fetch(server, id_, ada)).headers["etag"]
    for condition in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = await fetch(server, id_, ada, **{"If-None-Match": condition})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert (await fetch(server, id_, ada, **{"If-None-Match": '"other"'})).status_code == 200
    assert (await fetch(server, id_, ada, **{"If-Range": etag, "Range": "bytes=0-3"})).status_code == 206
    assert (await fetch(server, id_, ada, **{"If-Range": '"other"', "Range": "bytes=0-3"})).content == PNG


@pytest.mark.parametrize(
    ("content", "name", "media_type", "how"),
    [
        (PNG, "a.png", "image/png", "inline"),
        (PDF, "a.pdf", "application/pdf", "inline"),
        (MP4, "a.mp4", "video/mp4", "inline"),
        (TEXT, "a.txt", "text/plain; charset=utf-8", "attachment"),
        (TEXT, "a.md", "text/markdown; charset=utf-8", "attachment"),
        (DOCX, "a.docx", None, "attachment"),
    ],
)
async def test_a_browser_shows_pictures_pdfs_and_videos_and_saves_the_rest(
    server: Server, ada: Person, content: bytes, name: str, media_type: str | None, how: str
) -> None:
    file = await sent(server, ada, content, name=name)
    answer = await fetch(server, file["file_id"], ada)
    assert answer.headers["content-disposition"] == f'{how}; filename="{name}"'
    assert media_type is None or answer.headers["content-type"] == media_type
    saved = await fetch(server, f"/api/v1/files/{file['file_id']}?disposition=attachment", ada)
    assert saved.headers["content-disposition"].startswith("attachment;")


async def test_a_name_of_any_script_is_sent_as_the_rfc_says(server: Server, ada: Person) -> None:
    file = await sent(server, ada, PDF, name='Lebenslauf "Müller" 世界;100%.pdf')
    assert file["name"] == "Lebenslauf _Müller_ 世界;100%.pdf"
    answer = await fetch(server, file["file_id"], ada)
    assert answer.headers["content-disposition"] == (
        'inline; filename="Lebenslauf _M_ller_ __;100_.pdf"; '
        "filename*=UTF-8''Lebenslauf%20_M%C3%BCller_%20%E4%B8%96%E7%95%8C%3B100%25.pdf"
    )


# Who may read


async def test_who_may_read_a_file(server: Server, ada: Person) -> None:
    bob, eve, admin = [await server.user(name) for name in ("Bob Marley", "Eve Stranger", "Admin Istrator")]
    await User.filter(id=admin.id).update(roles=["admin", "user"])
    a = await server.connect(ada)
    own = (await sent(server, ada))["file_id"]
    shared = (await sent(server, ada))["file_id"]
    unused = (await sent(server, ada, purpose="avatar"))["file_id"]
    shown = (await sent(server, ada, purpose="avatar"))["file_id"]
    await a.call("message.send", receiver_id=bob.id, file_ids=[shared])
    await a.call("account.avatar.set", file_id=shown)
    expected = {
        own: {"ada", "admin"},
        shared: {"ada", "bob", "admin"},
        unused: {"ada", "admin"},
        shown: {"ada", "bob", "eve", "admin"},
    }
    people = {"ada": ada, "bob": bob, "eve": eve, "admin": admin}
    for file_id, readers in expected.items():
        for name, person in people.items():
            status = 200 if name in readers else 404
            assert (await fetch(server, file_id, person)).status_code == status, name
            assert (await fetch(server, file_id, person, "HEAD")).status_code == status, name
            client = await server.connect(person)
            for method in ("file.get", "file.url.create"):
                response = await client.request(method, file_id=file_id)
                assert ("result" in response) == (name in readers), name
        assert (await fetch(server, file_id)).status_code == 401


@pytest.mark.parametrize("id_", ["nothing", "01", "../secret", ID, ID.upper()])
async def test_what_is_not_there_is_404(server: Server, ada: Person, id_: str) -> None:
    assert (await fetch(server, f"/api/v1/files/{id_}", ada)).status_code == 404


async def test_another_spelling_of_an_id_is_404(server: Server, ada: Person) -> None:
    file = await sent(server, ada)
    assert (await fetch(server, file["file_id"].replace("-", ""), ada)).status_code == 404
    assert (await fetch(server, f"/api/v1/files/{file['file_id']}/", ada)).status_code == 200


async def test_a_session_that_ended_reads_nothing(server: Server, ada: Person) -> None:
    file = await sent(server, ada)
    await logout(server, ada.token, ada.refresh_token)
    assert (await fetch(server, file["file_id"], ada)).status_code == 401


# Signed addresses


async def test_a_signed_address_lets_in_whoever_has_it_for_an_hour(server: Server, ada: Person) -> None:
    file = await sent(server, ada, PDF, name="a.pdf")
    client = await server.connect(ada)
    made = await client.call("file.url.create", file_id=file["file_id"])
    saved = await client.call("file.url.create", file_id=file["file_id"], disposition="attachment")
    assert (await fetch(server, made["url"])).content == PDF
    assert (await fetch(server, made["url"])).headers["content-disposition"].startswith("inline")
    assert (await fetch(server, saved["url"])).headers["content-disposition"].startswith("attachment")
    assert (await fetch(server, made["url"], None, "HEAD")).status_code == 200
    assert (await fetch(server, made["url"], Range="bytes=0-3")).content == PDF[:4]
    server.app.clock.offset += timedelta(minutes=59).total_seconds()  # type: ignore[attr-defined]
    assert (await fetch(server, made["url"])).status_code == 200
    server.app.clock.offset += timedelta(minutes=1).total_seconds()  # type: ignore[attr-defined]
    assert (await fetch(server, made["url"])).status_code == 403


async def test_a_signed_address_cannot_be_changed(server: Server, ada: Person) -> None:
    one, two = await sent(server, ada), await sent(server, ada)
    client = await server.connect(ada)
    made = await client.call("file.url.create", file_id=one["file_id"], disposition="attachment")
    path, _, query = made["url"].partition("?")
    pairs = dict(parse_qsl(query))
    forged = [
        made["url"].replace(one["file_id"], two["file_id"]),
        made["url"] + "&disposition=inline",
        made["url"] + "&more=1",
        *[
            f"{path}?{urlencode({**pairs, name: value})}"
            for name, value in (
                ("expires", str(int(pairs["expires"]) + 1)),
                ("expires", "x"),
                ("disposition", "inline"),
                ("signature", ""),
                ("signature", "é"),
                ("signature", pairs["signature"][:-1]),
            )
        ],
        *[f"{path}?{urlencode({n: v for n, v in pairs.items() if n != name})}" for name in ("expires", "disposition")],
    ]
    for address in forged:
        assert (await fetch(server, address)).status_code == 403, address
    assert (await fetch(server, made["url"])).status_code == 200


async def test_nothing_is_read_any_more_once_a_file_is_deleted(server: Server, ada: Person, tmp_path: Path) -> None:
    file = await sent(server, ada)
    client = await server.connect(ada)
    made = await client.call("file.url.create", file_id=file["file_id"])
    assert await client.call("file.delete", file_id=file["file_id"]) == {"deleted": True}
    assert (await fetch(server, made["url"])).status_code == 404
    assert (await fetch(server, file["file_id"], ada)).status_code == 404
    assert (await refused(client.call("file.delete", file_id=file["file_id"]))).kind == "not_found"
    await work(server)
    assert stored(tmp_path) == []


async def test_an_object_that_is_gone_is_404(server: Server, ada: Person, tmp_path: Path) -> None:
    file = await sent(server, ada)
    (tmp_path / stored(tmp_path)[0]).unlink()
    assert (await fetch(server, file["file_id"], ada)).status_code == 404


# What is known of files


async def test_a_file_as_its_owner_sees_it(server: Server, ada: Person) -> None:
    file = await sent(server, ada, PDF, "resume", name="cv.pdf", media_type="application/pdf")
    client = await server.connect(ada)
    assert await client.call("file.get", file_id=file["file_id"]) == file
    assert file == {
        "file_id": file["file_id"],
        "name": "cv.pdf",
        "size": len(PDF),
        "media_type": "application/pdf",
        "purpose": "resume",
        "status": "ready",
        "reason": None,
        "created_at": file["created_at"],
    }


async def test_files_are_listed_newest_first_and_by_purpose(server: Server, ada: Person) -> None:
    files = [await sent(server, ada, purpose=one) for one in ("avatar", "attachment", "attachment", "avatar")]
    await sent(server, await server.user("Bob Marley"))
    client = await server.connect(ada)
    assert (await client.call("file.list"))["items"] == files[::-1]
    page = await client.call("file.list", filter={"purpose": "avatar"}, limit=1)
    rest = await client.call("file.list", filter={"purpose": "avatar"}, limit=1, cursor=page["next_cursor"])
    assert (page["items"], rest["items"], rest["next_cursor"]) == ([files[3]], [files[0]], None)
    assert (await refused(client.call("file.list", filter={"purpose": "x"}))).kind == "validation_failed"


async def pending(ada: Person) -> File:
    key = f"00/{uuid4()}"
    return await File.create(owner_id=ada.id, name="a.png", media_type="image/png", purpose="avatar", storage_key=key)


async def test_waiting_ends_when_the_file_is_no_longer_pending(server: Server, ada: Person) -> None:
    file = await pending(ada)
    client = await server.connect(ada)
    waiting = asyncio.create_task(client.call("file.get", file_id=str(file.id), wait_seconds=10))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    await File.filter(id=file.id).update(status="ready", sha256="0" * 64, size=1)
    async with asyncio.timeout(2):
        assert (await waiting)["status"] == "ready"


async def test_waiting_ends_after_its_time(server: Server, ada: Person) -> None:
    file = await pending(ada)
    client = await server.connect(ada)
    began = time.monotonic()
    assert (await client.call("file.get", file_id=str(file.id), wait_seconds=1))["status"] == "pending"
    assert 1 <= time.monotonic() - began < 2
    assert (await client.call("file.get", file_id=str(file.id)))["status"] == "pending"
    assert (await refused(client.call("file.url.create", file_id=str(file.id)))).data["state"] == "pending"
    assert (await fetch(server, str(file.id), ada)).status_code == 404
    for seconds in (-1, 31):
        assert (await refused(client.call("file.get", file_id=str(file.id), wait_seconds=seconds))).code == -32602


async def test_who_waits_holds_no_connection_to_the_database(start_app: StartApp, tmp_path: Path) -> None:
    server = await start_app(storage_url=tmp_path.as_uri(), database_pool=2)
    ada = await server.user()
    file = await pending(ada)
    client = await server.connect(ada)
    waiting = [asyncio.create_task(client.call("file.get", file_id=str(file.id), wait_seconds=2)) for _ in range(12)]
    await asyncio.sleep(0.2)
    began = time.monotonic()
    for _ in range(5):
        await client.call("file.list")
    assert time.monotonic() - began < 0.5
    assert {one["status"] for one in await asyncio.gather(*waiting)} == {"pending"}


async def test_what_is_read_as_of_a_moment_does_not_wait(server: Server, ada: Person) -> None:
    file = await pending(ada)
    client = await server.connect(ada)
    began = time.monotonic()
    response = await client.request("file.get", file_id=str(file.id), wait_seconds=30, as_of=[ada.topic])
    assert response["result"]["status"] == "pending"
    assert time.monotonic() - began < 1


# What nobody uses


async def test_what_nothing_uses_is_removed_a_day_later(server: Server, ada: Person, tmp_path: Path) -> None:
    bob = await server.user("Bob Marley")
    client = await server.connect(ada)
    await sent(server, ada)
    attached, avatar = await sent(server, ada), await sent(server, ada, purpose="avatar")
    await pending(ada)
    await client.call("message.send", receiver_id=bob.id, file_ids=[attached["file_id"]])
    await client.call("account.avatar.set", file_id=avatar["file_id"])
    await work(server, hours=23.9)
    assert await File.filter(owner_id=ada.id).count() == 4
    await work(server, hours=1.2)
    left = {str(id_) for id_ in await File.filter(owner_id=ada.id).values_list("id", flat=True)}
    assert left == {attached["file_id"], avatar["file_id"]}
    assert len(stored(tmp_path)) == 2


async def test_many_orphans_are_removed_some_at_a_time(
    server: Server, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.file.FILES_AT_ONCE", 3)
    for _ in range(7):
        await pending(ada)
    await work(server, hours=25)
    assert await File.filter(owner_id=ada.id).count() == 0


async def test_bytes_that_belong_to_no_file_are_removed_a_day_later(
    server: Server, ada: Person, tmp_path: Path
) -> None:
    kept = await sent(server, ada)
    await (await server.connect(ada)).call(
        "message.send", receiver_id=(await server.user()).id, file_ids=[kept["file_id"]]
    )
    (known,) = stored(tmp_path)
    for name in (f"00/{uuid4()}", f"ff/{uuid4()}", f"7f/{uuid4()}#1"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"left behind")
    await work(server, hours=23)
    assert len(stored(tmp_path)) == 4
    await work(server, hours=25)
    assert stored(tmp_path) == [known]


async def test_too_much_that_belongs_to_nothing_is_refused(start_app: StartApp, tmp_path: Path) -> None:
    server = await start_app(storage_url=tmp_path.as_uri(), upload_unattached_bytes=len(PNG) + 1)
    ada = await server.user()
    files = [await sent(server, ada) for _ in range(2)]
    answer = await send(server, ada, PNG)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3600")
    client = await server.connect(ada)
    await client.call("message.send", receiver_id=(await server.user()).id, file_ids=[files[0]["file_id"]])
    await sent(server, ada)
