"""The process that owns both engines: starts them, starts them again, and ends them when nobody is left."""

import logging
import os
import signal
import sys
import time
from contextlib import suppress
from types import FrameType
from typing import NoReturn

from server.embedded import programs
from server.embedded.account import Account
from server.embedded.engine import POLL_SECONDS, START_SECONDS, Engine
from server.embedded.guard import Guard
from server.embedded.places import EmbeddedError, Places, State, lock_file, read_state, tail, try_lock

END_SECONDS = 20.0
LOOK_SECONDS = 0.5
READY = "ready"

logger = logging.getLogger(__name__)


def start(places: Places) -> None:
    """Return when the engines of the folder are ready: as their starter, or because somebody else started them."""
    lock = lock_file(places.supervisor_lock)
    deadline = time.monotonic() + START_SECONDS + END_SECONDS
    while read_state(places.state) is None:
        if try_lock(lock):
            _launch(places, lock)
            return
        if time.monotonic() > deadline:
            raise EmbeddedError(f"another supervisor never got ready; {tail(places.log / 'supervisor.log')}")
        time.sleep(POLL_SECONDS)


def _launch(places: Places, lock: int) -> None:
    """Fork the supervisor, which keeps the lock, and wait until it reports."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        _supervise(places, writer)
    os.close(writer)
    os.close(lock)
    with os.fdopen(reader) as pipe:
        report = pipe.read()
    if report != READY:
        raise EmbeddedError(report or f"the supervisor died; {tail(places.log / 'supervisor.log')}")


def _supervise(places: Places, writer: int) -> NoReturn:
    """Be the supervisor until the end of this process."""
    try:
        supervisor = Supervisor(places)
        try:
            _report(writer, _try_to_start(supervisor))
            supervisor.watch()
        finally:
            supervisor.end()
    except SystemExit:
        pass
    except BaseException:
        logger.exception("the supervisor failed")
    finally:
        os._exit(0)


def _try_to_start(supervisor: "Supervisor") -> str:
    try:
        supervisor.start()
    except (EmbeddedError, OSError) as error:
        logger.exception("the engines cannot start")
        return str(error)
    return READY


def _report(writer: int, text: str) -> None:
    """Tell the starter how it went, if it still listens."""
    with suppress(BrokenPipeError), os.fdopen(writer, "w") as pipe:
        pipe.write(text)
    if text != READY:
        raise SystemExit


def _end_by_signal(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit


class Supervisor:
    """Owns the engines of one folder, in the process that holds the supervisor's lock."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._state = State(places.state)
        self._engines: list[Engine] = []
        _detach(places)
        signal.signal(signal.SIGTERM, _end_by_signal)
        signal.signal(signal.SIGINT, _end_by_signal)

    def start(self) -> None:
        """Start both engines, with the data of before, and publish them when both answer."""
        places = self._places
        alive = self._await_former_engines()
        binaries = programs.postgres_binary("postgres"), programs.valkey_binary()
        account = Account.choose(places.postgres, places.folder, places.sockets.parent, *binaries)
        account.own(places.sockets)
        account.own(places.valkey)
        programs.clear_remains(places)
        programs.create_database(places, account, alive)
        account.own(places.postgres)
        guard = None if sys.platform == "linux" else Guard()
        self._engines = [Engine(make(places), account, alive, guard) for make in (programs.postgres, programs.valkey)]
        for engine in self._engines:
            engine.start()
        for engine in self._engines:
            engine.await_answer()
        self._publish()

    def watch(self) -> None:
        """Start engines again that died by themselves; return when nobody uses them."""
        users = lock_file(self._places.users_lock)
        looked = time.monotonic()
        while True:
            time.sleep(POLL_SECONDS)
            if any(engine.revive() for engine in self._engines):
                self._publish()
            if time.monotonic() - looked < LOOK_SECONDS:
                continue
            looked = time.monotonic()
            if try_lock(users):
                # Held until this process is gone: who comes now waits, and starts anew.
                logger.info("nobody uses the engines any more")
                return

    def end(self) -> None:
        """End both engines cleanly, whatever happened."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._state.withdraw()
        for engine in self._engines:
            engine.ask_to_end()
        deadline = time.monotonic() + END_SECONDS
        for engine in self._engines:
            engine.await_end(deadline)
        with suppress(OSError):  # not empty when an engine had to be killed: the next start clears it
            self._places.sockets.rmdir()
        logger.info("ended")

    def _await_former_engines(self) -> int:
        """Wait until no engine of a killed supervisor is left; give the locked file that showed it."""
        alive = lock_file(self._places.engines_lock)
        deadline = time.monotonic() + END_SECONDS
        while not try_lock(alive):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"engines of an earlier start still run on {self._places.folder}: end them first")
            time.sleep(POLL_SECONDS)
        return alive

    def _publish(self) -> None:
        pids = {"supervisor": os.getpid(), **{engine.name: engine.pid for engine in self._engines}}
        self._state.publish(self._places.engines, pids)
        logger.info("running: %s", pids)


def _detach(places: Places) -> None:
    """Let go of the starter's streams; what we say goes to our log."""
    places.log.mkdir(mode=0o700, exist_ok=True)
    log = os.open(places.log / "supervisor.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open(os.devnull, os.O_RDONLY)
    for stream, target in enumerate((null, log, log)):
        os.dup2(target, stream)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s [%(process)d] %(message)s", force=True)
