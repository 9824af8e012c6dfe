"""Presence: leases in Redis."""

from pydantic_settings import BaseSettings

from clients.presence import RedisPresence
from server.compose.adapters.adapter import Adapter, Place, Service


def build(_settings: BaseSettings, place: Place) -> Service:
    """Keep leases in the installation's Redis."""
    presence = RedisPresence(place.redis_url, place.redis_prefix)
    return Service(presence, stop=presence.close)


ADAPTER = Adapter(build)
