"""All guards."""

from tests.guards.commands import COMMANDS
from tests.guards.events import EVENTS
from tests.guards.people import PEOPLE

GUARDS = [*COMMANDS, *EVENTS, *PEOPLE]
