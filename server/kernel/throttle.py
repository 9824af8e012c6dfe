"""How often somebody may be wrong. Counted in the process, so that it holds while Redis is away."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from models.errors import RateLimited
from server.kernel.limits import Buckets, Rate

FREE = 5
FIRST_DELAY_SECONDS = 1.0
LONGEST_DELAY_SECONDS = 15 * 60.0
FORGOTTEN_AFTER_SECONDS = 24 * 3600.0


def network_of(address: str) -> str:
    """What one subscriber has: an IPv4 address, or the /64 of an IPv6 one, in which addresses cost nothing."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False).network_address)


class _Refundable(Buckets):
    """Buckets whose tokens can be given back."""

    def give_back(self, key: object, rate: Rate) -> None:
        if key in self._levels:
            level, since = self._levels[key]
            self._levels[key] = (min(rate.burst, level + 1), since)


@dataclass(slots=True)
class _Account:
    wrong: int = 0
    refused_until: float = 0.0
    last: float = 0.0


class Attempts:
    """Delays guessing at an account, and limits wrong guesses from one address.

    An attempt counts as wrong from its beginning and is forgiven when it was right, so that a hundred guesses sent
    at once do not all get in before the first one is found to be wrong.
    """

    def __init__(
        self,
        per_address: Rate = Rate(100, 3600, 100),  # noqa: B008 - immutable
        *,
        max_accounts: int = 100_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_address = per_address
        self._addresses = _Refundable(clock=clock)
        self._accounts: OrderedDict[object, _Account] = OrderedDict()
        self._max_accounts = max_accounts
        self._clock = clock

    def begin(self, account: object, address: str) -> None:
        """Let an attempt through, or raise RateLimited: after five wrong ones each has to wait longer than the last."""
        now = self._clock()
        entry = self._accounts.get(account)
        if entry is None or now - entry.last > FORGOTTEN_AFTER_SECONDS:
            entry = _Account()
        if now < entry.refused_until:
            raise RateLimited(retry_after=round(entry.refused_until - now, 3))
        self._addresses.take(network_of(address), self._per_address)
        entry.wrong, entry.last = entry.wrong + 1, now
        if entry.wrong >= FREE:
            entry.refused_until = now + min(
                FIRST_DELAY_SECONDS * 2 ** min(entry.wrong - FREE, 30), LONGEST_DELAY_SECONDS
            )
        self._accounts[account] = entry
        self._accounts.move_to_end(account)
        if len(self._accounts) > self._max_accounts:
            self._accounts.popitem(last=False)

    def forget(self, account: object) -> None:
        """Whoever was guessing at an account: its owner has proved by other means who they are."""
        self._accounts.pop(account, None)

    def forgive(self, account: object, address: str) -> None:
        """The attempt that was begun was right: the account starts anew, and the address gets its token back."""
        self._accounts.pop(account, None)
        self._addresses.give_back(network_of(address), self._per_address)
