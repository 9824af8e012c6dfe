"""One call of the command line."""

import argparse
from dataclasses import dataclass

from server.compose.settings import Settings


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of the command line, with the engines that it uses."""

    settings: Settings
    options: argparse.Namespace
    database_url: str
    redis_url: str

    @property
    def host(self) -> str:
        """Where to listen."""
        return str(self.options.host or self.settings.host)

    @property
    def port(self) -> int:
        """Where to listen."""
        return int(self.settings.port if self.options.port is None else self.options.port)
