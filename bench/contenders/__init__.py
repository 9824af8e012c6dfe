"""The contenders by name, in the order of the table; behind them the variants that only some rows know."""

from bench.contender import Contender
from bench.contenders.assistant import NexaAssistant
from bench.contenders.bare_uvicorn import BareUvicorn
from bench.contenders.channels import Channels
from bench.contenders.nexa import Nexa, NexaWorker
from bench.contenders.picows import Picows
from bench.contenders.processes import NexaAcross, NexaAlone, NexaTwice, SocketIOAcross
from bench.contenders.socketio import SocketIO

SIDES = (Nexa, BareUvicorn, Picows, Channels, SocketIO)
VARIANTS = (NexaAcross, SocketIOAcross, NexaTwice, NexaAlone, NexaWorker, NexaAssistant)
ALL: dict[str, type[Contender]] = {kind.name: kind for kind in (*SIDES, *VARIANTS)}
