"""What the command line of aerich reads: `aerich migrate` compares the models with the last migration."""

from server.compose.migrations import configuration
from server.compose.settings import Settings

TORTOISE = configuration(Settings().database_url or "postgres://nexa@localhost/nexa")
