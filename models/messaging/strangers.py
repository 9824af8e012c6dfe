"""Writing to somebody for the first time."""

import math
from uuid import UUID

from models.errors import RateLimited
from models.messaging.limits import PERIOD, MessageLimits
from models.messaging.sql import fetch
from models.work import Work

# One sender's first messages are counted one after another, on whichever process they arrive.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('first message ' || $1::uuid::text, 0))"

_BEGUN = """
SELECT count(*) AS begun, min(started_at) AS first FROM conversation
WHERE started_by = $1 AND started_at > $2 AND id <> $3
"""


async def admit_first_message(work: Work, sender_id: UUID, conversation_id: UUID, limits: MessageLimits) -> None:
    """Let a person begin this conversation; raises RateLimited after too many new people within an hour.

    No other first message of theirs commits until this transaction has ended.
    """
    await fetch(_LOCK, sender_id)
    (row,) = await fetch(_BEGUN, sender_id, work.now - PERIOD, conversation_id)
    if row["begun"] < limits.strangers_per_hour:
        return
    wait = row["first"] + PERIOD - work.now if row["first"] is not None else PERIOD
    text = "You have written to many new people. Please wait before you write to more."
    raise RateLimited(text, retry_after=max(1, math.ceil(wait.total_seconds())))
