"""The contenders by name, in the order of the table."""

from bench.contender import Contender
from bench.contenders.bare_uvicorn import BareUvicorn
from bench.contenders.channels import Channels
from bench.contenders.nexa import Nexa
from bench.contenders.picows import Picows
from bench.contenders.socketio import SocketIO

NEXA = Nexa.name
ALL: dict[str, type[Contender]] = {kind.name: kind for kind in (Nexa, BareUvicorn, Picows, Channels, SocketIO)}
