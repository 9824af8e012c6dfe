"""An upload whose last commit the database refuses: its bytes are not lost, and need not be sent twice."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from models.file import File
from server.web.files.uploads import ARRIVAL_PAUSES
from tests.conftest import Backing
from tests.files import PDF, send
from tests.support import Server
from tests.support_proxy import TO_SERVER, Proxy, between_postgres, cut

ARRIVAL = b'UPDATE "file" SET'


@dataclass(frozen=True)
class Proxied(Backing):
    """Engines of which PostgreSQL is reached through a proxy."""

    proxy: Proxy


@pytest.fixture
async def backing(backing: Backing) -> AsyncIterator[Proxied]:
    async with between_postgres(backing.database_url) as (proxy, url):
        yield Proxied(url, backing.redis_url, backing.prefix, proxy)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.web.files.uploads.ARRIVAL_PAUSES", (0.05,) * len(ARRIVAL_PAUSES))


async def test_a_commit_that_is_refused_is_tried_again(
    backing: Proxied, start_app: Callable[..., Awaitable[Server]], tmp_path: Path
) -> None:
    server = await start_app(storage_url=tmp_path.as_uri())
    ada = await server.user()
    backing.proxy.when(TO_SERVER, ARRIVAL, cut, times=5)
    answer = await send(server, ada, PDF, name="a.pdf")
    assert answer.status_code == 201, answer.text
    file = await File.get(owner_id=ada.id)
    assert (file.status, (tmp_path / file.storage_key).read_bytes()) == ("ready", PDF)


async def test_bytes_stay_while_nobody_knows_better(
    backing: Proxied, start_app: Callable[..., Awaitable[Server]], tmp_path: Path
) -> None:
    server = await start_app(storage_url=tmp_path.as_uri())
    ada = await server.user()
    backing.proxy.when(TO_SERVER, ARRIVAL, cut, times=100)
    answer = await send(server, ada, PDF, name="a.pdf")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    backing.proxy.forget_rules()
    file = await File.get(owner_id=ada.id)
    assert (file.status, (tmp_path / file.storage_key).read_bytes()) == ("pending", PDF)
