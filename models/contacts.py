"""Who somebody's contacts are, and what one person may see of another.

Two people are contacts once each has written to the other, and for as long as neither has blocked the other. Presence,
e-mail addresses, profiles, pictures and the list of conversations all ask here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from tortoise import connections

NOBODY, CONTACTS, EVERYBODY = "nobody", "contacts", "everybody"
"""The audiences that a person chooses among for parts of their profile."""

BLOCKED = """EXISTS (SELECT FROM block b
    WHERE b.blocker_id IN (c.user_lo_id, c.user_hi_id) AND b.blocked_id IN (c.user_lo_id, c.user_hi_id))"""
"""SQL: one of the two people of conversation `c` has blocked the other."""

ARE_CONTACTS = f"(c.answered_number IS NOT NULL AND NOT {BLOCKED})"
"""SQL: the two people of conversation `c` are contacts."""

_BETWEEN = "c.user_lo_id = LEAST($1::uuid, o.id) AND c.user_hi_id = GREATEST($1::uuid, o.id)"

_AMONG = f"""
SELECT o.id FROM unnest($2::uuid[]) AS o(id) JOIN conversation c ON {_BETWEEN} WHERE {ARE_CONTACTS}
"""  # noqa: S608 - put together from constants

_RELATION = f"""
SELECT EXISTS (SELECT FROM conversation c WHERE {_BETWEEN} AND {ARE_CONTACTS}) AS contact,
    EXISTS (SELECT FROM block WHERE (blocker_id, blocked_id) IN (($1, o.id), (o.id, $1))) AS blocked
FROM (SELECT $2::uuid AS id) AS o
"""  # noqa: S608 - put together from constants

_PROFILE = 'SELECT profile_visible_to AS audience FROM "user" WHERE id = $1'


def shown_to_other(audience: str) -> str:
    """Return SQL: whether the two people of conversation `c` may see what one of them shows to this audience."""
    return f"(({audience} = '{EVERYBODY}' AND NOT {BLOCKED}) OR ({audience} = '{CONTACTS}' AND {ARE_CONTACTS}))"


@dataclass(frozen=True, slots=True)
class Relation:
    """How a viewer stands to somebody.

    Attributes:
        own: They are the same person.
        contact: They are contacts.
        blocked: One of them has blocked the other.
    """

    own: bool = False
    contact: bool = False
    blocked: bool = False

    def sees(self, audience: str) -> bool:
        """Whether the viewer sees what the person shows to this audience."""
        if self.own:
            return True
        return not self.blocked and (audience == EVERYBODY or (audience == CONTACTS and self.contact))


async def relation(viewer_id: UUID, user_id: UUID) -> Relation:
    """Return how a viewer stands to somebody."""
    if viewer_id == user_id:
        return Relation(own=True)
    (row,) = await connections.get("default").execute_query_dict(_RELATION, [viewer_id, user_id])
    return Relation(contact=row["contact"], blocked=row["blocked"])


async def sees_profile(viewer_id: UUID, user_id: UUID) -> bool:
    """Whether a viewer sees somebody's profile, the picture included."""
    rows = await connections.get("default").execute_query_dict(_PROFILE, [user_id])
    return bool(rows) and (await relation(viewer_id, user_id)).sees(rows[0]["audience"])


async def contacts_among(user_id: UUID, others: Iterable[UUID]) -> set[UUID]:
    """Return those of the others who are contacts of a person."""
    rows = await connections.get("default").execute_query_dict(_AMONG, [user_id, list(others)])
    return {row["id"] for row in rows}
