"""Where the bytes are: on a disk, and in a server that speaks S3, with the same promises."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer

from clients.ports import Away
from clients.storage import Storage
from models.file import File
from tests.files import MP4, PNG, fetch, send, sent, work
from tests.support import Server

StartApp = Callable[..., Awaitable[Server]]
MB = 1024 * 1024
LATER = datetime.now(UTC) + timedelta(days=1)
SECRET = {"access_key_id": "a-key", "secret_access_key": "a-secret", "region": "eu-central-1"}


@dataclass
class Bucket:
    """A bucket of a real S3 server in a thread of this process."""

    server: ThreadedMotoServer
    url: str
    name: str

    @property
    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="eu-central-1",
            aws_access_key_id="a-key",
            aws_secret_access_key="a-secret",
        )

    @property
    def settings(self) -> dict[str, str]:
        return {
            "storage_url": f"s3://{self.name}",
            "aws_access_key_id": "a-key",
            "aws_secret_access_key": "a-secret",
            "aws_region": "eu-central-1",
            "aws_endpoint_url": self.url,
        }

    def storage(self) -> Storage:
        return Storage(f"s3://{self.name}", {**SECRET, "endpoint": self.url})

    def keys(self) -> list[str]:
        return [one["Key"] for one in self.client.list_objects_v2(Bucket=self.name).get("Contents", [])]

    def unfinished(self) -> int:
        return len(self.client.list_multipart_uploads(Bucket=self.name).get("Uploads", []))


@pytest.fixture(scope="module")
def s3() -> Iterator[ThreadedMotoServer]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server
    server.stop()
    # Its own sockets are left to the collector, which would blame whatever test runs by then.
    gc.collect()


@pytest.fixture
def bucket(s3: ThreadedMotoServer) -> Bucket:
    host, port = s3.get_host_and_port()
    bucket = Bucket(s3, f"http://{host}:{port}", f"nexa-{uuid4().hex[:12]}")
    bucket.client.create_bucket(Bucket=bucket.name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return bucket


@pytest.fixture(params=["disk", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """Each of the two."""
    if request.param == "disk":
        return Storage((tmp_path / "a folder ü").as_uri())
    bucket: Bucket = request.getfixturevalue("bucket")
    return bucket.storage()


async def blocks(size: int, error: Exception | None = None) -> AsyncIterator[bytes]:
    for number in range(size // 65_536):
        yield bytes([number % 251]) * 65_536
    yield b"e" * (size % 65_536)
    if error is not None:
        raise error


async def read(storage: Storage, key: str, start: int, end: int) -> bytes:
    return b"".join([piece async for piece in storage.read(key, start, end)])


@pytest.mark.seed("S2-52")
@pytest.mark.parametrize("size", [1, 65_536, 5 * MB, 17 * MB + 3])
async def test_what_is_put_is_read_whole_and_in_parts(storage: Storage, size: int) -> None:
    key = f"ab/{uuid4()}"
    await storage.put(key, blocks(size))
    whole = b"".join([block async for block in blocks(size)])
    assert await read(storage, key, 0, size) == whole
    for start, end in ((0, 1), (size // 2, size), (size - 1, size), (size // 3, size // 3 + 2 * MB)):
        assert await read(storage, key, start, min(end, size)) == whole[start:end]
    assert await storage.list("ab", LATER) == [key]
    assert await storage.list("ab", datetime.now(UTC) - timedelta(hours=1)) == []
    assert await storage.list("ac", LATER) == []


async def test_what_breaks_off_is_not_there(storage: Storage) -> None:
    for size in (10, MB, 12 * MB):
        with pytest.raises(KeyError, match="broken"):
            await storage.put("ab/broken", blocks(size, KeyError("broken")))
    assert await storage.list("ab", LATER) == []
    with pytest.raises(FileNotFoundError):
        await read(storage, "ab/broken", 0, 1)


async def test_what_is_cancelled_is_not_there(storage: Storage) -> None:
    async def slow() -> AsyncIterator[bytes]:
        async for block in blocks(7 * MB):
            yield block
        await asyncio.sleep(60)

    putting = asyncio.create_task(storage.put("ab/cancelled", slow()))
    await asyncio.sleep(0.5)
    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(5):
            await putting
    assert await storage.list("ab", LATER) == []


async def test_what_is_deleted_is_gone_and_may_be_deleted_again(storage: Storage) -> None:
    keys = [f"ab/{uuid4()}" for _ in range(3)]
    for key in keys:
        await storage.put(key, blocks(10))
    await storage.delete(keys[:2])
    assert await storage.list("ab", LATER) == keys[2:]
    await storage.delete([*keys, "ab/never"])
    assert await storage.list("ab", LATER) == []


async def test_nothing_of_an_upload_that_breaks_off_stays_in_s3(bucket: Bucket) -> None:
    storage = bucket.storage()
    with pytest.raises(KeyError):
        await storage.put("ab/broken", blocks(12 * MB, KeyError()))
    assert (bucket.keys(), bucket.unfinished()) == ([], 0)


async def test_an_s3_that_does_not_answer_is_away(bucket: Bucket) -> None:
    storage = Storage(f"s3://{bucket.name}", {**SECRET, "endpoint": "http://127.0.0.1:9"})
    for call in (
        lambda: storage.put("ab/x", blocks(12 * MB)),
        lambda: storage.put("ab/x", blocks(10)),
        lambda: read(storage, "ab/x", 0, 1),
        lambda: storage.delete(["ab/x"]),
        lambda: storage.list("ab", LATER),
    ):
        with pytest.raises(Away):
            async with asyncio.timeout(10):
                await call()


def test_another_kind_of_place_is_refused() -> None:
    with pytest.raises(ValueError, match="STORAGE_URL"):
        Storage("ftp://example.org/")


# The product on S3


async def test_files_in_s3_come_and_go(start_app: StartApp, bucket: Bucket) -> None:
    server = await start_app(**bucket.settings)
    ada = await server.user()
    content = MP4 + bytes(11 * MB)
    file = await sent(server, ada, content, "video", name="a.mp4")
    assert (await fetch(server, file["file_id"], ada)).content == content
    part = await fetch(server, file["file_id"], ada, Range=f"bytes=5-{6 * MB}")
    assert (part.status_code, part.content) == (206, content[5 : 6 * MB + 1])
    answer = await send(server, ada, PNG + bytes(9 * MB), "avatar")
    assert answer.status_code == 413
    assert (len(bucket.keys()), bucket.unfinished()) == (1, 0)
    client = await server.connect(ada)
    await client.call("file.delete", file_id=file["file_id"])
    await work(server)
    assert bucket.keys() == []


async def test_orphans_in_s3_are_removed(start_app: StartApp, bucket: Bucket) -> None:
    server = await start_app(**bucket.settings)
    ada = await server.user()
    await sent(server, ada)
    bucket.client.put_object(Bucket=bucket.name, Key=f"7f/{uuid4()}", Body=b"left behind")
    await work(server, hours=25)
    assert await File.filter(owner_id=ada.id).count() == 0
    assert bucket.keys() == []


async def test_while_s3_is_away_nothing_is_lost_and_the_answer_says_so(start_app: StartApp, bucket: Bucket) -> None:
    server = await start_app(**bucket.settings)
    ada = await server.user()
    file = await sent(server, ada)
    storage = server.app.core.ports.storage  # type: ignore[attr-defined]
    there = storage._store
    storage._store = Storage(f"s3://{bucket.name}", {**SECRET, "endpoint": "http://127.0.0.1:9"})._store
    for answer in (await fetch(server, file["file_id"], ada), await send(server, ada, PNG)):
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert await File.filter(owner_id=ada.id, status="rejected").count() == 1
    client = await server.connect(ada)
    assert await client.call("file.delete", file_id=file["file_id"]) == {"deleted": True}
    await work(server)
    assert len(bucket.keys()) == 1
    storage._store = there
    await work(server, hours=1)
    assert bucket.keys() == []
