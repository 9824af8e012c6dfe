"""Reading the text of uploaded files: processes of their own."""

from pydantic_settings import BaseSettings

from clients.extraction import Extractor
from server.compose.adapters.adapter import Adapter, Place, Service


def build(_settings: BaseSettings, _place: Place) -> Service:
    """Read files in short-lived processes."""
    return Service(Extractor())


ADAPTER = Adapter(build)
