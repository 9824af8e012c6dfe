"""What the command line of aerich reads: `aerich migrate` compares the models with the last migration."""

from server.migrations import configuration
from server.settings import Settings

TORTOISE = configuration(Settings().database_url or "postgres://nexa@localhost/nexa")
