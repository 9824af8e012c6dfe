"""The limit of uvicorn: a bare application that answers everything with a fixed text."""

from bench.client import Script, Socket
from bench.contender import PEERS, PEERS_PYTHON, Command, Contender, Engines, Work
from bench.contenders.wire import CALL


class BareUvicorn(Contender):
    name = "bare uvicorn"

    def command(self, work: Work, port: int, engines: Engines) -> Command:  # noqa: ARG002 it uses no engines
        return Command([PEERS_PYTHON, PEERS / "bare_uvicorn.py", f"--port={port}"])

    def calls(self, port: int, sockets: int) -> Script:  # noqa: ARG002
        return Script([Socket("/", request=CALL, repeat=sockets)], reply='"result"')

    def idle(self, port: int, sockets: int, *, beginning: int) -> Script:  # noqa: ARG002
        return Script([Socket("/", repeat=sockets)])

    def handshakes(self, port: int, sockets: int) -> Script:  # noqa: ARG002
        return Script([Socket("/", repeat=sockets)])
