"""The answer of a batch, however it came in."""

import orjson

from models.errors import TooLarge
from server.kernel import protocol
from server.kernel.dispatch import Outcome, refused

ERROR_BYTES = 512


class BatchRoom:
    """Bounds the answer of a batch: what does not fit is answered with an error that says so.

    Args:
        count: How many requests the batch has.
        max_bytes: How large the answer may be, beside the ids.
    """

    def __init__(self, count: int, max_bytes: int) -> None:
        self._missing = count
        self._limit = max_bytes
        self._room = max_bytes - 2

    def fitting(self, outcome: Outcome | None, id_: protocol.Id | protocol.NoId) -> bytes | None:
        """The next reply as it goes into the answer; None for a notification, which has none."""
        self._missing -= 1
        if outcome is None:
            return None
        reply, id_bytes = outcome.reply(id_), len(orjson.dumps(id_))
        # Every reply that is still missing must at least find room for an error.
        if len(reply) - id_bytes > self._room - self._missing * ERROR_BYTES:
            error = TooLarge("The batch's answer is too large; ask for less at once.", limit=self._limit)
            reply = refused(error).reply(id_)
        self._room -= len(reply) - id_bytes + 1
        return reply
