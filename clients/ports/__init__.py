"""Ports: the outside services as the rest of the product sees them.

A port is a protocol with its data classes. Handlers and workers use ports (`ctx.ports.mail`); an adapter in
`server/compose/adapters/` builds the client behind each. This package imports nothing else of the product.
"""

from dataclasses import dataclass

from clients.ports.away import Away
from clients.ports.extraction import Extracted, Extractor
from clients.ports.gemini import Failure, Gemini, Model, Piece
from clients.ports.mail import Mail
from clients.ports.presence import Presence, Seen
from clients.ports.runs import RunText, RunTexts
from clients.ports.storage import Storage


@dataclass(frozen=True, slots=True)
class Ports:
    """Every outside service, by name."""

    presence: Presence
    mail: Mail
    gemini: Gemini
    extractor: Extractor
    runs: RunTexts
    storage: Storage


__all__ = [
    "Away",
    "Extracted",
    "Extractor",
    "Failure",
    "Gemini",
    "Mail",
    "Model",
    "Piece",
    "Ports",
    "Presence",
    "RunText",
    "RunTexts",
    "Seen",
    "Storage",
]
