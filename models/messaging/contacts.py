"""Telling those with whom somebody talks that the person is shown otherwise now."""

from uuid import UUID

from models.contacts import BLOCKED
from models.messaging.conversation import Conversation
from models.messaging.sql import fetch
from models.work import Work

AT_ONCE = 50

# The conversations are locked as by everybody who changes them, and in the order of their ids.
_LOCKED = f"""
SELECT c.id, s.user_id FROM conversation c
JOIN participant s ON s.conversation_id = c.id AND s.user_id <> $1 AND s.visible
WHERE $1 IN (c.user_lo_id, c.user_hi_id) AND ($2::uuid IS NULL OR c.id > $2) AND ($4 OR NOT {BLOCKED})
ORDER BY c.id LIMIT $3 FOR NO KEY UPDATE OF c
"""  # noqa: S608 - put together from constants


async def tell_contacts(work: Work, user_id: UUID, after: UUID | None, *, renamed: bool) -> UUID | None:
    """Send the next fifty of the others their conversation as they see it now; returns after which one to go on.

    A name is shown to everybody. What else has changed is none of the business of blocked people and of those who
    have blocked the person, who see nothing of it: they are sent nothing.
    """
    rows = await fetch(_LOCKED, user_id, after, AT_ONCE, renamed)
    for row in rows:
        await Conversation.tell_each(work, row["id"], [row["user_id"]])
    return rows[-1]["id"] if len(rows) == AT_ONCE else None
