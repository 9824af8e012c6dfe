"""Files of every type, and how tests send and fetch them."""

import io
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from models.system import PeriodicWork
from server.kernel.tasks import Tasks
from tests.support import Person, Server

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(range(64))
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(64)
GIF = b"GIF89a" + bytes(32)
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + bytes(32)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(64)
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm" + bytes(
    64
)
TEXT = "Grüße, 世界\n".encode()
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><script>alert(1)</script>"


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, "<xml/>" * 10)
    return buffer.getvalue()


DOCX = archive("[Content_Types].xml", "_rels/.rels", "word/document.xml")
DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def bearer(person: Person) -> dict[str, str]:
    return {"Authorization": f"Bearer {person.token}"}


async def send(
    server: Server,
    person: Person | None,
    content: bytes,
    purpose: str | None = "attachment",
    *,
    name: str | None = "a.png",
    media_type: str = "",
    extra: Mapping[str, Any] | None = None,
) -> httpx.Response:
    """Upload as a form whose `purpose` comes first."""
    data = {**({"purpose": purpose} if purpose is not None else {}), **(extra or {})}
    files = {"file": (name, content, media_type or "application/octet-stream")}
    async with server.http() as http:
        return await http.post(
            "/api/v1/uploads", data=data, files=files, headers=bearer(person) if person is not None else {}
        )


async def sent(
    server: Server, person: Person, content: bytes = PNG, purpose: str = "attachment", **options: Any
) -> Any:
    """Upload; returns the view of what is ready."""
    answer = await send(server, person, content, purpose, **options)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def fetch(server: Server, path: str, person: Person | None = None, method: str = "GET", **headers: str) -> Any:
    """Ask for a file, by its id or its address."""
    address = path if path.startswith("/") else f"/api/v1/files/{path}"
    # What answers HEAD has the headers of JSON, and no body that could be held against the contract.
    http = httpx.AsyncClient(base_url=server.url) if method == "HEAD" else server.http()
    async with http as client:
        return await client.request(method, address, headers={**headers, **(bearer(person) if person else {})})


def stored(folder: Path) -> list[str]:
    """All files in the storage, finished or not."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def work(server: Server, hours: float = 0) -> None:
    """Do what a worker has to do now, or after some hours."""
    core = server.app.core  # type: ignore[attr-defined]
    core.clock.offset += timedelta(hours=hours).total_seconds()
    tasks = Tasks(list(core.registry.tasks.values()), core.units, core.clock, core.services)
    await tasks.enrol_periodic()
    await PeriodicWork.all().update(due_at=core.clock.now())
    await tasks.queue_periodic()
    while claimed := await tasks.claim_due(20):
        for one in claimed:
            await tasks.perform(one)
