"""Uploads: what is taken, what is refused and why, and that nothing is left of what was refused."""

import asyncio
import gc
import hashlib
import resource
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
import pytest

from models.account import Session
from models.file import File
from tests.files import (
    DOCX,
    DOCX_TYPE,
    GIF,
    HTML,
    JPEG,
    MP4,
    PDF,
    PNG,
    SVG,
    TEXT,
    WEBM,
    WEBP,
    archive,
    bearer,
    fetch,
    send,
    sent,
    stored,
    work,
)
from tests.support import Person, Server, ServerProcess

StartApp = Callable[..., Awaitable[Server]]
MB = 1024 * 1024
BOUNDARY = "----a-boundary-of-this-test"


@pytest.fixture
async def server(start_app: StartApp, tmp_path: Path) -> Server:
    return await start_app(storage_url=tmp_path.as_uri())


@pytest.fixture
async def ada(server: Server) -> Person:
    return await server.user()


def head(purpose: str | None = "avatar", name: str = "a.png") -> bytes:
    """A form up to the first byte of its file."""
    field = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n{purpose}\r\n' if purpose else ""
    part = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'
    return f"{field}--{BOUNDARY}\r\n{part}".encode()


END = f"\r\n--{BOUNDARY}--\r\n".encode()


class Raw:
    """A connection on which a test decides about every byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.written = 0

    @classmethod
    async def open(cls, server: Server, person: Person | None, **headers: str) -> "Raw":
        place = urlsplit(server.url)
        raw = cls(*await asyncio.open_connection(place.hostname, place.port))
        lines = {"Host": "localhost", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **headers}
        lines |= bearer(person) if person is not None else {}
        text = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
        raw.writer.write(f"POST /api/v1/uploads HTTP/1.1\r\n{text}\r\n".encode())
        return raw

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()
        self.written += len(data)

    async def answer(self) -> tuple[int, dict[str, str], dict[str, Any]]:
        async with asyncio.timeout(10):
            top = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in top[1:] if line)
            body = await self.reader.readexactly(int(headers["content-length"]))
        return int(top[0].split()[1]), headers, orjson.loads(body)

    async def ends(self) -> bool:
        async with asyncio.timeout(5):
            try:
                return await self.reader.read(1) == b""
            except ConnectionResetError:
                return True


async def rejected(person: Person) -> str:
    """Why the last upload was rejected."""
    file = await File.filter(owner_id=person.id).order_by("-id").first()
    assert file is not None
    assert (file.status, file.sha256, file.attached_at) == ("rejected", None, None)
    return str(file.reason)


# What is taken


@pytest.mark.seed("S2-50", "S2-51", "S2-52")
@pytest.mark.parametrize(
    ("content", "name", "media_type", "purpose"),
    [
        (PNG, "a.png", "image/png", "avatar"),
        (JPEG, "a.JPG", "image/jpeg", "avatar"),
        (GIF, "a.gif", "image/gif", "avatar"),
        (WEBP, "a.webp", "image/webp", "avatar"),
        (PDF, "a.pdf", "application/pdf", "resume"),
        (DOCX, "a.docx", DOCX_TYPE, "resume"),
        (TEXT, "a.txt", "text/plain", "resume"),
        (TEXT, "a.md", "text/markdown", "attachment"),
        (b"\xef\xbb\xbf" + TEXT, "bom.txt", "text/plain", "attachment"),
        (MP4, "a.mp4", "video/mp4", "video"),
        (WEBM, "a.webm", "video/webm", "video"),
        (MP4, "a.mp4", "video/mp4", "attachment"),
        (PDF, "a.pdf", "application/pdf", "resource"),
    ],
)
async def test_every_type_that_is_taken(
    server: Server, ada: Person, tmp_path: Path, content: bytes, name: str, media_type: str, purpose: str
) -> None:
    file = await sent(server, ada, content, purpose, name=name, media_type=media_type)
    assert (file["name"], file["media_type"], file["purpose"]) == (name, media_type, purpose)
    assert (file["size"], file["status"], file["reason"]) == (len(content), "ready", None)
    row = await File.get(id=file["file_id"])
    assert row.sha256 == hashlib.sha256(content).hexdigest()
    assert stored(tmp_path) == [row.storage_key]
    assert (tmp_path / row.storage_key).read_bytes() == content


async def test_the_owner_hears_of_it_on_every_device(server: Server, ada: Person) -> None:
    client = await server.connect(ada)
    await client.subscribe({ada.topic: None})
    file = await sent(server, ada)
    event = await client.event("file.status_changed")
    assert event["params"]["data"] == {"file_id": file["file_id"], "status": "ready", "reason": None}
    await send(server, ada, TEXT + b"\xff" * 5000, name="a.txt")
    event = await client.event("file.status_changed")
    assert event["params"]["data"]["status"] == "rejected"
    assert event["params"]["data"]["reason"] == "A text has to be in UTF-8."


@pytest.mark.parametrize("purpose", ["avatar", "attachment"])
async def test_the_purpose_may_come_after_the_file(server: Server, ada: Person, purpose: str) -> None:
    content = PNG + bytes(MB)
    parts = [("file", ("a.png", content)), ("purpose", (None, purpose))]
    async with server.http() as http:
        answer = await http.post("/api/v1/uploads", files=parts, headers=bearer(ada))
    assert (answer.status_code, answer.json()["purpose"]) == (201, purpose)
    assert (await fetch(server, answer.json()["file_id"], ada)).content == content


async def test_a_purpose_that_comes_after_the_file_and_does_not_fit_leaves_nothing(
    server: Server, ada: Person, tmp_path: Path
) -> None:
    for content, name, purpose, status in (
        (PNG + bytes(6 * MB), "a.png", "avatar", 413),
        (PDF + bytes(6 * MB), "a.pdf", "avatar", 400),
        (PNG, "a.png", "certificate", 400),
    ):
        parts = [("file", (name, content)), ("purpose", (None, purpose))]
        async with server.http() as http:
            answer = await http.post("/api/v1/uploads", files=parts, headers=bearer(ada))
        assert answer.status_code == status, answer.text
        assert stored(tmp_path) == []
        await rejected(ada)


async def test_the_largest_that_is_allowed_is_taken(server: Server, ada: Person) -> None:
    assert (await sent(server, ada, PNG + bytes(5 * MB - len(PNG)), "avatar"))["size"] == 5 * MB


async def test_a_body_in_chunks_of_one_byte_is_taken(server: Server, ada: Person) -> None:
    body = head() + PNG + b"\r\n--not-the-boundary\r\n" + END
    raw = await Raw.open(server, ada, Transfer_Encoding="chunked")
    for byte in body:
        await raw.write(b"1\r\n" + bytes([byte]) + b"\r\n")
    await raw.write(b"0\r\n\r\n")
    status, headers, file = await raw.answer()
    assert (status, file["size"]) == (201, len(PNG) + len("\r\n--not-the-boundary\r\n"))
    assert "connection" not in headers


# What is refused


@pytest.mark.seed("S2-51")
@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (SVG, "a.svg", "image/svg+xml"),
        (SVG, "a.png", "image/png"),
        (SVG, "a.txt", "text/plain"),
        (b"  \n\t" + SVG, "a.md", ""),
        (b"\xef\xbb\xbf" + HTML, "a.txt", ""),
        (HTML, "a.html", "text/html"),
        (HTML, "a", ""),
        (b'<?xml version="1.0"?><x/>', "a.txt", ""),
        (TEXT, "a.html", "text/plain"),
        (TEXT, "a.js", ""),
        (TEXT, "a.svg", ""),
        (TEXT, "a.txt", "text/html"),
        (PNG, "a.pdf", ""),
        (PNG, "a.png", "application/pdf"),
        (PDF, "a.png", ""),
        (PDF, "a.exe", ""),
        (HTML + PNG, "a.png", ""),
        (b"junk" + PDF, "a.pdf", ""),
        (b"MZ\x90\0" + bytes(100), "a.png", "image/png"),
        (b"GIF89", "a.gif", ""),
        (b"RIFF\0\0\0\0WAVE", "a.webp", ""),
        (b"\0\0\0\x18ftypheic" + bytes(32), "a.mp4", ""),
        (b"\x1a\x45\xdf\xa3" + bytes(60), "a.webm", ""),
        (b"text with a \0 in it", "a.txt", ""),
        (b"text with an \x1b[31mescape", "a.txt", ""),
        (b"\xff\xfet\0e\0x\0t\0", "a.txt", ""),
        (TEXT * 1000 + b"\xc3", "a.txt", ""),
        (TEXT * 1000 + b"\0", "a.txt", ""),
        (archive("a.txt"), "a.docx", ""),
        (archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "a.docx", ""),
        (archive("[Content_Types].xml", "xl/workbook.xml"), "a.docx", ""),
        (DOCX[:-30], "a.docx", ""),
        (DOCX, "a.zip.html", ""),
        (b"PK\x03\x04" + bytes(100), "a.docx", ""),
        (b"", "a.png", ""),
    ],
)
async def test_a_file_that_lies_or_is_of_no_type_of_ours_is_refused(
    server: Server, ada: Person, tmp_path: Path, content: bytes, name: str, media_type: str
) -> None:
    answer = await send(server, ada, content, name=name, media_type=media_type)
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_failed")
    assert set(answer.json()["details"]) == {"file"}
    assert stored(tmp_path) == []
    assert await File.filter(owner_id=ada.id, status__not="rejected").count() == 0


@pytest.mark.parametrize(
    ("content", "name", "purpose"),
    [(PDF, "a.pdf", "avatar"), (PNG, "a.png", "resume"), (PDF, "a.pdf", "video"), (MP4, "a.mp4", "avatar")],
)
async def test_a_type_that_does_not_fit_its_purpose_is_refused(
    server: Server, ada: Person, content: bytes, name: str, purpose: str
) -> None:
    answer = await send(server, ada, content, purpose, name=name)
    assert (answer.status_code, set(answer.json()["details"])) == (400, {"file"})
    assert await File.filter(owner_id=ada.id).count() == 0


@pytest.mark.parametrize("purpose", ["certificate", "pdf", "", "x" * 2000, "Avatar"])
async def test_only_what_people_upload_is_a_purpose(server: Server, ada: Person, purpose: str) -> None:
    answer = await send(server, ada, PNG, purpose)
    assert (answer.status_code, set(answer.json()["details"])) == (400, {"purpose"})


def typed(content: bytes, parameter: str) -> dict[str, Any]:
    return {"content": content, "headers": {"Content-Type": f"multipart/form-data{parameter}"}}


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"files": {"file": ("a.png", PNG)}}, "purpose"),
        ({"files": {"purpose": (None, "avatar")}}, "file"),
        ({"files": {"file": ("a.png", PNG)}, "data": {"purpose": "avatar", "owner": "x"}}, "owner"),
        ({"files": {"picture": ("a.png", PNG)}, "data": {"purpose": "avatar"}}, "picture"),
        ({"files": {"file": (None, PNG)}, "data": {"purpose": "avatar"}}, "file"),
        ({"files": [("purpose", (None, "avatar")), ("file", ("a.png", PNG)), ("file", ("b.png", PNG))]}, "file"),
        ({"files": [("purpose", (None, "avatar")), ("purpose", (None, "avatar")), ("file", ("a", PNG))]}, "purpose"),
        ({"files": [(f"f{n}", (None, "x")) for n in range(20)]}, "f0"),
        ({"data": {"purpose": "avatar"}}, "file"),
        ({"json": {"purpose": "avatar"}}, "file"),
        ({"content": b""}, "file"),
        (typed(PNG, ""), "file"),
        (typed(PNG, "; boundary=x"), "file"),
        (typed(PNG, f"; boundary={'x' * 99}"), "file"),
        (typed(b"--x\r\n" + b"A: b\r\n" * 500, "; boundary=x"), "file"),
        (typed(b"--x\r\nA: " + b"b" * 100_000, "; boundary=x"), "file"),
        (typed(b"--x\r\nContent-Type: text/plain\r\n\r\nx\r\n--x--", "; boundary=x"), "file"),
        (typed(head() + PNG, f"; boundary={BOUNDARY}"), "file"),
        (typed(b"", f"; boundary={BOUNDARY}"), "file"),
    ],
)
async def test_a_form_that_is_not_ours_is_refused(
    server: Server, ada: Person, tmp_path: Path, options: dict[str, Any], field: str
) -> None:
    given = {**options, "headers": {**bearer(ada), **options.get("headers", {})}}
    async with server.http() as http:
        answer = await http.post("/api/v1/uploads", **given)
    assert answer.status_code == 400, answer.text
    assert set(answer.json()["details"]) == {field}
    assert stored(tmp_path) == []


async def test_nobody_uploads_without_a_token(server: Server, tmp_path: Path) -> None:
    assert (await send(server, None, PNG)).status_code == 401
    async with server.http() as http:
        wrong = await http.post("/api/v1/uploads", files={"file": PNG}, headers={"Authorization": "Bearer x"})
    assert wrong.status_code == 401
    raw = await Raw.open(server, None, Content_Length=str(2 * 1024 * MB), Expect="100-continue")
    status, headers, _ = await raw.answer()
    assert (status, headers["connection"]) == (401, "close")
    assert await raw.ends()
    assert stored(tmp_path) == []


async def test_a_session_that_ends_meanwhile_stores_nothing(server: Server, ada: Person, tmp_path: Path) -> None:
    raw = await Raw.open(server, ada, Content_Length=str(len(head() + PNG + bytes(MB) + END)))
    await raw.write(head() + PNG + bytes(MB // 2))
    await asyncio.sleep(0.2)
    await Session.filter(user_id=ada.id).delete()
    await raw.write(bytes(MB // 2) + END)
    status, _, body = await raw.answer()
    assert (status, body["code"]) == (401, "unauthenticated")
    await work(server)
    assert stored(tmp_path) == []


# Sizes


async def test_2_gb_announced_where_5_mb_are_allowed_are_refused_at_once(
    server: Server, ada: Person, tmp_path: Path
) -> None:
    raw = await Raw.open(server, ada, Content_Length=str(2 * 1024 * MB))
    await raw.write(head() + PNG + bytes(8192))
    status, headers, body = await raw.answer()
    assert (status, body["code"], body["limit"], headers["connection"]) == (413, "too_large", 5 * MB, "close")
    assert await raw.ends()
    assert stored(tmp_path) == []
    assert await File.filter(owner_id=ada.id).count() == 0


@pytest.mark.parametrize("size", [6, 12, 25])
async def test_a_client_that_reads_nothing_before_it_has_sent_everything_gets_the_answer(
    server: Server, ada: Person, tmp_path: Path, size: int
) -> None:
    answer = await send(server, ada, PNG + bytes(size * MB), "avatar")
    assert (answer.status_code, answer.json()["limit"]) == (413, 5 * MB)
    assert stored(tmp_path) == []


async def test_more_than_any_file_may_have_is_refused_before_anything_is_read(server: Server, ada: Person) -> None:
    raw = await Raw.open(server, ada, Content_Length=str(3 * 1024 * MB))
    status, _, body = await raw.answer()
    assert (status, body["limit"]) == (413, 2 * 1024 * MB)
    assert await raw.ends()


async def test_what_is_not_announced_is_counted_and_the_rest_is_not_read(
    server: Server, ada: Person, tmp_path: Path
) -> None:
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    raw = await Raw.open(server, ada, Transfer_Encoding="chunked")
    await raw.write(b"%x\r\n%s\r\n" % (len(head() + PNG), head() + PNG))
    block = bytes(64 * 1024)
    answered = asyncio.create_task(raw.answer())
    try:
        async with asyncio.timeout(20):
            while raw.written < 2 * 1024 * MB:
                await raw.write(b"%x\r\n%s\r\n" % (len(block), block))
    except ConnectionError:
        pass
    status, headers, body = await answered
    assert (status, body["limit"], headers["connection"]) == (413, 5 * MB, "close")
    # Beyond what was allowed: what lies in the buffers of two sockets, and what is read to let the answer through.
    assert raw.written < 64 * MB
    assert stored(tmp_path) == []
    assert await rejected(ada) == "This file may have at most 5 MB."
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60 * 1024


async def test_limits_are_those_of_the_purpose(start_app: StartApp, tmp_path: Path) -> None:
    sizes = {"avatar": 1000, "attachment": 2000, "resume": 3000, "resource": 4000, "video": 5000}
    limits = {f"upload_{purpose}_bytes": size for purpose, size in sizes.items()}
    server = await start_app(storage_url=tmp_path.as_uri(), **limits)
    ada = await server.user()
    contents = {"avatar": (PNG, "a.png"), "attachment": (PNG, "a.png"), "resume": (PDF, "a.pdf")}
    contents |= {"resource": (PDF, "a.pdf"), "video": (MP4, "a.mp4")}
    for purpose, (begin, name) in contents.items():
        size = sizes[purpose]
        await sent(server, ada, (begin + bytes(size))[:size], purpose, name=name)
        answer = await send(server, ada, (begin + bytes(size))[: size + 1], purpose, name=name)
        assert (answer.status_code, answer.json()["limit"]) == (413, size)
    assert len(stored(tmp_path)) == len(sizes)


async def test_a_large_video_takes_little_memory(server: Server, ada: Person) -> None:
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    async def body() -> AsyncIterator[bytes]:
        yield head("video", "a.mp4").replace(b"image/png", b"video/mp4") + MP4
        for _ in range(200):
            yield bytes(MB)
        yield END

    headers = {**bearer(ada), "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    async with server.http() as http:
        answer = await http.post("/api/v1/uploads", content=body(), headers=headers)
    assert (answer.status_code, answer.json()["size"]) == (201, 200 * MB + len(MP4))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 80 * 1024


# What breaks off


async def settled(person: Person, status: str) -> File:
    async with asyncio.timeout(5):
        while (file := await File.filter(owner_id=person.id).first()) is None or file.status != status:
            await asyncio.sleep(0.02)
    return file


async def test_a_client_that_goes_away_leaves_nothing(server: Server, ada: Person, tmp_path: Path) -> None:
    raw = await Raw.open(server, ada, Content_Length=str(3 * MB))
    await raw.write(head() + PNG + bytes(2 * MB))
    await settled(ada, "pending")
    raw.writer.close()
    assert (await settled(ada, "rejected")).reason == "The upload did not arrive whole."
    assert stored(tmp_path) == []


async def test_a_client_that_falls_silent_is_given_up(
    server: Server, ada: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.web.files.uploads.SILENCE_SECONDS", 0.3)
    raw = await Raw.open(server, ada, Content_Length=str(3 * MB))
    await raw.write(head() + PNG + bytes(2 * MB))
    status, _, body = await raw.answer()
    assert (status, body["code"]) == (504, "timeout")
    assert await raw.ends()
    assert stored(tmp_path) == []
    assert "stood still" in await rejected(ada)


async def test_a_client_that_sends_a_byte_now_and_then_is_given_up(start_app: StartApp, tmp_path: Path) -> None:
    server = await start_app(storage_url=tmp_path.as_uri(), request_body_seconds=0.5)
    ada = await server.user()
    raw = await Raw.open(server, ada, Content_Length=str(3 * MB))
    await raw.write(head() + PNG + bytes(64 * 1024))

    async def trickle() -> None:
        while True:
            await raw.write(b" ")
            await asyncio.sleep(0.02)

    sending = asyncio.create_task(trickle())
    status, _, body = await raw.answer()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    assert (status, body["code"]) == (408, "timeout")
    await settled(ada, "rejected")
    assert stored(tmp_path) == []


async def test_a_network_has_a_share_of_the_uploads(start_app: StartApp, tmp_path: Path) -> None:
    server = await start_app(storage_url=tmp_path.as_uri(), uploads_per_network=2, uploads_at_once=3)
    people = [await server.user() for _ in range(4)]

    async def begin(person: Person, address: str) -> Raw:
        raw = await Raw.open(server, person, Content_Length=str(MB), X_Forwarded_For=address)
        await raw.write(head() + PNG + bytes(64 * 1024))
        return raw

    held = [await begin(person, f"2001:db8::{number:x}") for number, person in enumerate(people[:2])]
    for person in people[:2]:
        await settled(person, "pending")
    status, _, body = await (await begin(people[2], "2001:db8::ffff")).answer()
    assert (status, body["code"], "network" in body["message"]) == (429, "rate_limited", True)
    held.append(await begin(people[2], "2001:db8:0:1::1"))
    await settled(people[2], "pending")
    status, _, body = await (await begin(people[3], "192.0.2.1")).answer()
    assert (status, body["code"]) == (503, "unavailable")
    held[0].writer.close()
    await settled(people[0], "rejected")
    held.append(await begin(people[3], "2001:db8::1:1"))
    await settled(people[3], "pending")
    for raw in held:
        raw.writer.transport.abort()
    for person in people:
        await settled(person, "rejected")


async def test_a_file_that_is_deleted_while_it_comes_leaves_nothing(
    server: Server, ada: Person, tmp_path: Path
) -> None:
    raw = await Raw.open(server, ada, Content_Length=str(len(head() + PNG + bytes(MB) + END)))
    await raw.write(head() + PNG + bytes(MB // 2))
    file = await settled(ada, "pending")
    client = await server.connect(ada)
    await client.call("file.delete", file_id=str(file.id))
    await work(server)
    await raw.write(bytes(MB // 2) + END)
    status, _, body = await raw.answer()
    assert (status, body["code"]) == (404, "not_found")
    assert stored(tmp_path) == []


async def test_a_server_that_is_killed_leaves_what_the_clock_removes(
    start_process: Callable[..., Awaitable[ServerProcess]], server: Server, tmp_path: Path
) -> None:
    killed = await start_process(STORAGE_URL=tmp_path.as_uri())
    ada = await killed.user()
    raw = await Raw.open(killed, ada, Content_Length=str(19 * MB))
    await raw.write(head("attachment") + PNG + bytes(12 * MB))
    await settled(ada, "pending")
    await asyncio.sleep(0.3)
    await killed.end()
    assert len(stored(tmp_path)) <= 1
    file = await settled(ada, "pending")
    assert (await fetch(server, str(file.id), ada)).status_code == 404
    await work(server, hours=25)
    assert await File.filter(owner_id=ada.id).count() == 0
    assert stored(tmp_path) == []


async def test_a_few_at_once_are_taken_and_more_are_told_to_wait(server: Server, ada: Person) -> None:
    running = [await Raw.open(server, ada, Content_Length=str(MB)) for _ in range(3)]
    for raw in running:
        await raw.write(head() + PNG)
    await asyncio.sleep(0.3)
    answer = await send(server, ada, PNG)
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (429, "rate_limited", "5")
    await sent(server, await server.user("Bob Marley"))
    for raw in running:
        raw.writer.close()
    async with asyncio.timeout(5):
        while (await send(server, ada, PNG)).status_code != 201:
            await asyncio.sleep(0.05)


# Names


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd.png"),
        ("..\\..\\windows\\a.png", "a.png"),
        ("/absolute/a.png", "a.png"),
        ("..", "file.png"),
        ("", None),
        (".png", "png.png"),
        ("a\x00b\x07.png", "ab.png"),
        ("gnp.\u202egpj.png", "gnp.gpj.png"),
        ("\u2066a\u2069\u200f.png", "a.png"),
        ("a\u2028b.png", "ab.png"),
        ("e\u0301.png", "é.png"),
        ("👩\u200d🔬.png", "👩\u200d🔬.png"),
        ('<a>:"b"|?*.png', "_a___b____.png"),
        ("a. . .png", "a.png"),
        ("a.png. ", "a.png"),
        ("no extension", "no extension.png"),
        ("notes.v2", "notes.v2.png"),
        ("ä" * 300 + ".png", "ä" * 125 + ".png"),
    ],
)
async def test_names_are_made_safe(server: Server, ada: Person, name: str, clean: str | None) -> None:
    body = b"".join([head(name="NAME").replace(b"NAME", name.encode()), PNG, END])
    headers = {**bearer(ada), "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    async with server.http() as http:
        answer: httpx.Response = await http.post("/api/v1/uploads", content=body, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == (clean or "file.png")
    assert len(answer.json()["name"].encode()) <= 255
    assert (await fetch(server, answer.json()["file_id"], ada)).status_code == 200
