"""How often anybody may call anything (PROTOCOL.md, section 12)."""

from dataclasses import dataclass
from uuid import UUID

from server.kernel.context import Caller
from server.kernel.limits import Buckets, Rate
from server.kernel.registry import Kind, Method


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of one user, and of the guests of one network."""

    queries: Rate
    commands: Rate
    guests: Rate


class Charges:
    """Charges calls to whoever makes them: a user, or the guests of a network together."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._buckets = Buckets()

    def take(self, method: Method, caller: Caller) -> None:
        """Charge a call; raises RateLimited where the caller has none left."""
        if method.limit is not None:
            self._buckets.take((_who(caller), method.name), method.limit)
        if not caller.trusted and method.weight:
            self._buckets.take(*self._rate_of(caller, method.kind), method.weight)

    def spend(self, caller: Caller, kind: Kind, tokens: float) -> None:
        """Charge more for a call that was let through, once it is known how much work it is. Never raises."""
        if not caller.trusted:
            self._buckets.spend(*self._rate_of(caller, kind), tokens)

    def answer_again(self, user_id: UUID) -> None:
        """Charge the look for the stored reply of a refused call, from a bucket of its own; raises RateLimited."""
        self._buckets.take((user_id, "answered again"), self._rates.commands)

    def _rate_of(self, caller: Caller, kind: Kind) -> tuple[object, Rate]:
        """Return the bucket of a caller for a kind of method, and how it fills."""
        who = _who(caller)
        if caller.identity is None:
            return who, self._rates.guests
        if kind in {Kind.QUERY, Kind.CONTROL}:
            return (who, kind), self._rates.queries
        return (who, Kind.COMMAND), self._rates.commands


def _who(caller: Caller) -> object:
    return caller.identity.user_id if caller.identity else caller.network
