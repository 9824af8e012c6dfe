"""The limit of Python: picows, with fixed answers and with a fan-out through Redis."""

from bench.client import Script, Socket
from bench.contender import PEERS, PEERS_PYTHON, Command, Contender, Engines, Work
from bench.contenders.wire import CALL

JOIN = (("send", "join"), ("expect", "joined"))


class Picows(Contender):
    name = "picows"

    def command(self, work: Work, port: int, engines: Engines) -> Command:
        redis = [f"--redis={engines.redis_url}"] if work is Work.FAN_OUT else []
        return Command([PEERS_PYTHON, PEERS / "picows_echo.py", f"--port={port}", *redis])

    def calls(self, port: int, sockets: int) -> Script:  # noqa: ARG002
        return Script([Socket("/", request=CALL, repeat=sockets)], reply='"result"')

    def fan_out(self, port: int, sockets: int) -> Script:  # noqa: ARG002
        publisher = Socket("/", request='fan {"n":%n,"text":"one event for everybody"}', publisher=True)
        return Script([Socket("/", steps=JOIN, repeat=sockets), publisher], event="one event")

    def idle(self, port: int, sockets: int, *, beginning: int) -> Script:  # noqa: ARG002
        return Script([Socket("/", repeat=sockets)])

    def handshakes(self, port: int, sockets: int) -> Script:  # noqa: ARG002
        return Script([Socket("/", repeat=sockets)])
