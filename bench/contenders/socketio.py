"""python-socketio: what is said on Engine.IO 4 and Socket.IO 5."""

from bench.client import Script, Socket
from bench.contender import PEERS, PEERS_PYTHON, Command, Contender, Engines, Work

PATH = "/socket.io/?EIO=4&transport=websocket"
HEARTBEAT = ("2", "3")
CONNECT = (("expect", "^0{"), ("send", "40"), ("expect", "^40{"))
JOIN = ("send", '420["join",{}]'), ("expect", "^430")


class SocketIO(Contender):
    name = "python-socketio"

    def command(self, work: Work, port: int, engines: Engines) -> Command:
        redis = [f"--redis={engines.redis_url}"] if work is Work.FAN_OUT else []
        return Command([PEERS_PYTHON, PEERS / "socketio_app.py", f"--port={port}", *redis])

    def calls(self, port: int, sockets: int) -> Script:  # noqa: ARG002
        request = '42%n["echo",{"method":"system.info","params":{}}]'
        return Script([Socket(PATH, steps=CONNECT, request=request, repeat=sockets)], reply="^43", heartbeat=HEARTBEAT)

    def fan_out(self, port: int, sockets: int) -> Script:  # noqa: ARG002
        request = '42["fan",{"n":%n,"text":"one event for everybody"}]'
        subscribers = Socket(PATH, steps=(*CONNECT, *JOIN), repeat=sockets)
        publisher = Socket(PATH, steps=CONNECT, request=request, publisher=True)
        return Script([subscribers, publisher], event='^42["fanned"', heartbeat=HEARTBEAT)

    def idle(self, port: int, sockets: int, *, beginning: int) -> Script:  # noqa: ARG002
        return Script([Socket(PATH, steps=CONNECT, repeat=sockets)], heartbeat=HEARTBEAT)

    def handshakes(self, port: int, sockets: int) -> Script:  # noqa: ARG002
        return Script([Socket(PATH, steps=CONNECT, repeat=sockets)], heartbeat=HEARTBEAT)
