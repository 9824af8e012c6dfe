"""The embedded engines, as real processes that are really killed."""

import asyncio
import fcntl
import json
import os
import pwd
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis.asyncio
from tortoise.backends.base.config_generator import expand_db_url

from clients.storage import Storage
from server.embedded import EmbeddedError, Engines, engines
from server.embedded.account import Account
from server.embedded.places import SOCKET_PATH_LIMIT, lock_file

PROJECT = Path(__file__).parents[2]
USER = """
import json, sys
from pathlib import Path
from server.embedded import engines
with engines(Path(sys.argv[1])) as found:
    print(json.dumps([found.database_url, found.redis_url]), flush=True)
    sys.stdin.read()
"""


GUARDED = """
import os, signal, subprocess
from server.embedded.guard import Guard
engines = [subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL) for _ in range(2)]
guard = Guard()
for name, engine in zip(("postgres", "valkey"), engines):
    guard.tell(name, engine.pid, signal.SIGTERM)
guard.tell("valkey", 0, signal.SIGTERM)
print(*(engine.pid for engine in engines), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


class User:
    """Another process that uses the engines of a folder until it is let go or killed."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(folder)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def engines(self) -> Engines:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the user process failed"
        return Engines(*json.loads(line))

    def leave(self, how: signal.Signals | None = None) -> None:
        if how:
            self.process.send_signal(how)
        self.process.communicate(timeout=10)


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXA_EMBEDDED_FSYNC", "off")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".nexa"


@pytest.fixture
def user(folder: Path) -> Iterator[Callable[[], User]]:
    users: list[User] = []

    def start() -> User:
        users.append(User(folder))
        return users[-1]

    yield start
    for each in users:
        each.process.kill()
        each.process.communicate(timeout=10)
    eventually(lambda: nothing_runs(folder))


def eventually(condition: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.02)


def nothing_runs(folder: Path) -> bool:
    """Whether neither the supervisor nor any process of the engines is left: they all hold these locks."""
    return all(is_free(folder / name) for name in ("supervisor.lock", "engines.lock"))


def is_free(lock: Path) -> bool:
    descriptor = lock_file(lock)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def pids(folder: Path) -> dict[str, int]:
    state: dict[str, Any] = json.loads((folder / "engines.json").read_text())
    return {name: state[name] for name in ("supervisor", "postgres", "valkey")}


async def add(found: Engines) -> tuple[int, int]:
    """Write one row and one key; answer how many there are."""
    database = await asyncpg.connect(found.database_url)
    try:
        await database.execute("CREATE TABLE IF NOT EXISTS seen (at timestamptz DEFAULT now())")
        await database.execute("INSERT INTO seen DEFAULT VALUES")
        rows = await database.fetchval("SELECT count(*) FROM seen")
    finally:
        await database.close()
    async with redis.asyncio.from_url(found.redis_url) as cache:
        return int(rows), int(await cache.incr("seen"))


async def add_eventually(found: Engines) -> tuple[int, int]:
    for _ in range(200):
        with suppress(OSError, asyncpg.PostgresError, redis.ConnectionError):
            return await add(found)
        await asyncio.sleep(0.05)
    pytest.fail("the engines did not come back")


async def test_data_is_found_again_after_a_clean_end(folder: Path) -> None:
    with engines(folder) as found:
        assert await add(found) == (1, 1)
        database = await asyncpg.connect(found.database_url)
        settings = await database.fetchrow(
            "SELECT current_database(), current_user, current_setting('server_encoding'), upper('é')"
        )
        await database.close()
        assert settings
        assert tuple(settings) == ("nexa", "nexa", "UTF8", "É")
    eventually(lambda: nothing_runs(folder))
    assert not (folder / "engines.json").exists()
    with engines(folder) as found:
        assert await add(found) == (2, 2)
    assert "database system was not properly shut down" not in (folder / "log" / "postgres.log").read_text()


async def test_who_attaches_keeps_the_engines_when_the_first_user_is_killed(
    folder: Path, user: Callable[[], User]
) -> None:
    first = user()
    first.engines()
    before = pids(folder)
    second = user()
    found = second.engines()
    first.leave(signal.SIGKILL)
    await asyncio.sleep(1.2)  # more than two looks of the supervisor
    assert await add(found) == (1, 1)
    assert pids(folder) == before
    second.leave(signal.SIGKILL)
    eventually(lambda: nothing_runs(folder))


async def test_killing_the_supervisor_leaves_no_engine_and_no_damage(folder: Path, user: Callable[[], User]) -> None:
    found = user().engines()
    assert await add(found) == (1, 1)
    os.kill(pids(folder)["supervisor"], signal.SIGKILL)
    eventually(lambda: nothing_runs(folder))  # although their user is still there
    with engines(folder) as found:
        assert await add(found) == (2, 2)


async def test_a_start_recovers_from_the_death_of_everything(folder: Path, user: Callable[[], User]) -> None:
    found = user().engines()
    assert await add(found) == (1, 1)
    before = pids(folder)
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: is_free(folder / "supervisor.lock"))
    assert (folder / "postgres" / "postmaster.pid").exists()
    # A stranger that has got the number of the dead database since then is no reason to refuse.
    (folder / "postgres" / "postmaster.pid").write_text(f"{os.getppid()}\n")
    with engines(folder) as found:
        assert await add(found) == (2, 2)
        assert not set(pids(folder).values()) & set(before.values())


def test_two_who_start_at_once_share_one_supervisor(folder: Path, user: Callable[[], User]) -> None:
    starting = [user() for _ in range(4)]
    assert len({each.engines() for each in starting}) == 1
    assert (folder / "log" / "supervisor.log").read_text().count("running:") == 1


async def test_a_start_during_the_end_waits_and_starts_anew(folder: Path, user: Callable[[], User]) -> None:
    first = user()
    first.engines()
    before = pids(folder)
    os.kill(before["postgres"], signal.SIGSTOP)  # keeps the supervisor from noticing at once
    first.leave()
    eventually(lambda: not (folder / "engines.json").exists())  # it is ending them now
    with engines(folder) as found:
        assert await add(found) == (1, 1)
        assert pids(folder)["supervisor"] != before["supervisor"]


async def test_an_engine_that_dies_comes_back_with_its_data(folder: Path, user: Callable[[], User]) -> None:
    found = user().engines()
    assert await add(found) == (1, 1)
    before = pids(folder)
    os.kill(before["postgres"], signal.SIGKILL)
    os.kill(before["valkey"], signal.SIGKILL)
    rows, keys = await add_eventually(found)
    assert rows >= 2
    assert keys == 2
    after = pids(folder)
    assert after["supervisor"] == before["supervisor"]
    assert after["postgres"] != before["postgres"]


async def test_any_folder_will_do(tmp_path: Path) -> None:
    closed = tmp_path / "closed to others"
    closed.mkdir(mode=0o700)
    folder = closed / ("100 % é " + "x" * SOCKET_PATH_LIMIT)
    with engines(folder) as found:
        assert await add(found) == (1, 1)
        credentials = expand_db_url(found.database_url)["credentials"]
        database = await asyncpg.connect(**credentials)
        await database.close()
    eventually(lambda: nothing_runs(folder))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_other_users_of_the_machine_read_nothing(folder: Path) -> None:
    with engines(folder) as found:
        assert await add(found) == (1, 1)
        # Root lets the account of the engines pass through, which reads nothing there.
        assert mode(folder) in {0o700, 0o711}
        assert {mode(folder / name) for name in ("log", "postgres", "valkey")} == {0o700}
    storage = Storage((folder / "files").as_uri())

    async def content() -> AsyncIterator[bytes]:
        yield b"private"

    await storage.put("a/b", content())
    assert mode(folder / "files") == 0o700


@pytest.mark.skipif(os.getuid() != 0, reason="only root runs the engines as somebody else")
def test_the_engines_reach_their_programs_below_a_closed_folder(tmp_path: Path) -> None:
    closed = tmp_path / "like the home of root"
    closed.mkdir(mode=0o700)
    program = closed / "program"
    program.touch(0o755)
    nobody = pwd.getpwnam("nobody")
    account = Account.choose(closed / "data", program)
    assert account == Account(nobody.pw_uid, nobody.pw_gid, passes=True)
    # PostgreSQL asks by access(2), which by default forgets the capabilities of who is not root.
    look = "import os, sys; sys.exit(0 if os.getuid() and os.access(sys.argv[1], os.X_OK) else 1)"
    enter = account.entering(signal.SIGKILL)
    subprocess.run([sys.executable, "-c", look, str(program)], preexec_fn=enter, check=True)


def test_an_error_says_what_failed_and_quotes_the_log(folder: Path) -> None:
    (folder / "postgres").mkdir(parents=True)
    with pytest.raises(EmbeddedError, match=r"postgres ended with status \d") as caught, engines(folder):
        pass
    assert "last lines of" in str(caught.value)
    assert "postgresql.conf" in str(caught.value)


def test_without_a_death_signal_the_guard_ends_what_still_runs() -> None:
    done = subprocess.run([sys.executable, "-c", GUARDED], cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=False)
    running, ended = map(int, done.stdout.split())
    try:
        eventually(lambda: not is_sleeping(running))
        assert is_sleeping(ended)
    finally:
        os.kill(ended, signal.SIGKILL)


def is_sleeping(pid: int) -> bool:
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], stdout=subprocess.PIPE, text=True, check=False)
    return listed.stdout[:1] not in ("", "Z")
