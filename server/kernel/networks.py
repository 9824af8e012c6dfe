"""What guests are limited by: the network that an address belongs to."""

import functools
import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@functools.lru_cache(maxsize=8192)
def network_of(address: str) -> str:
    """Return an IPv4 address as it is, an IPv6 address as its /64: within that, addresses cost a subscriber nothing.

    What is no address, such as the name of a local socket, is returned as it is.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False).network_address)


class Proxies:
    """The proxies whose `X-Forwarded-For` is believed.

    Args:
        listed: Addresses, networks or `*`, separated by commas. Anything else names no address and is left out.
    """

    def __init__(self, listed: str) -> None:
        names = [one.strip() for one in listed.split(",")]
        self._everybody = "*" in names
        self._networks = _networks(names)

    def __contains__(self, address: object) -> bool:
        if self._everybody:
            return True
        try:
            parsed = ipaddress.ip_address(str(address).partition("%")[0])
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)


def _networks(names: Sequence[str]) -> list[Network]:
    networks: list[Network] = []
    for name in names:
        try:
            networks.append(ipaddress.ip_network(name, strict=False))
        except ValueError:
            continue
    return networks
