"""Addresses that let in whoever has them, for a while: signed, so that nobody can make or change one."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import orjson


@dataclass(frozen=True, slots=True)
class SignedLink:
    """An address below this server's, and until when it is good."""

    url: str
    expires_at: datetime


class Links:
    """Signs and checks the addresses of one kind of thing.

    Args:
        key: Of this installation; every process has the same.
        below: What the path of each of them begins with, such as `/api/v1/files/`.
        seconds: How long they are good.
    """

    def __init__(self, key: bytes, below: str, seconds: float) -> None:
        self._key = key
        self._below = below
        self._lifetime = timedelta(seconds=seconds)

    def to(self, name: object, now: datetime, **claims: str) -> SignedLink:
        """The address of a thing: the claims and the end are in its query, with what proves both."""
        expires_at = (now + self._lifetime).replace(microsecond=0)
        query = {**claims, "expires": str(int(expires_at.timestamp()))}
        signed = urlencode({**query, "signature": self._signature(name, query)})
        return SignedLink(f"{self._below}{name}?{signed}", expires_at)

    def holds(self, name: object, query: Iterable[tuple[str, str]], now: datetime) -> bool:
        """Whether we have signed the address of this thing with exactly this query, and its time is not over."""
        pairs = list(query)
        given = dict(pairs)
        signature = given.pop("signature", "")
        # The signature first: only what we have written ourselves is read as a number.
        if len(given) + 1 != len(pairs) or not hmac.compare_digest(
            signature.encode(), self._signature(name, given).encode()
        ):
            return False
        return now < datetime.fromtimestamp(int(given["expires"]), UTC)

    def _signature(self, name: object, query: Mapping[str, str]) -> str:
        signed = orjson.dumps([f"{self._below}{name}", sorted(query.items())])
        return base64.urlsafe_b64encode(hmac.digest(self._key, signed, hashlib.sha256)).rstrip(b"=").decode()
