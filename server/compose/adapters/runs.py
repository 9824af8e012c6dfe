"""The texts of answers that are being written: strings in Redis."""

from pydantic_settings import BaseSettings

from clients.runs import RunTexts
from server.compose.adapters.adapter import Adapter, Place, Service


def build(_settings: BaseSettings, place: Place) -> Service:
    """Keep texts in the installation's Redis."""
    texts = RunTexts(place.redis_url, place.redis_prefix)
    return Service(texts, stop=texts.close)


ADAPTER = Adapter(build)
