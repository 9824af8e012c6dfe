"""A real PostgreSQL and a real Valkey, started by whoever needs them first and gone with the last who does.

A small supervisor process owns both engines. Every process that uses them holds a shared lock on one file for as
long as it lives; the kernel releases it however the process ends, and the supervisor leaves when nobody holds it.
"""

from server.embedded.client import engines
from server.embedded.places import EmbeddedError, Engines

__all__ = ["EmbeddedError", "Engines", "engines"]
