"""As what people want to be seen while they are there.

Who is there is known to Redis alone, and may be forgotten. That somebody does not want to be seen may not: an emptied
Redis would show them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from tortoise import connections, fields
from tortoise.models import Model

from models.kit.topics import presence_topic

AWAY, INVISIBLE, ONLINE, OFFLINE = "away", "invisible", "online", "offline"

_KEEP = """
INSERT INTO presence_wish (user_id, status, since) VALUES ($1, $2, $3)
ON CONFLICT (user_id) DO UPDATE SET status = excluded.status, since = excluded.since
"""
_OF = """
SELECT u.id, u.presence_visible, w.status, w.since FROM "user" u LEFT JOIN presence_wish w ON w.user_id = u.id
WHERE u.id = ANY($1::uuid[]) AND (w.status IS NOT NULL OR NOT u.presence_visible)
"""
_END = """
DELETE FROM presence_wish w USING unnest($1::uuid[], $2::timestamptz[]) AS gone (user_id, at)
WHERE w.user_id = gone.user_id AND w.since <= gone.at
"""


class PresenceWish(Model):
    """Somebody who is there wants to be seen as away, or not at all; it ends when they have gone."""

    user: fields.OneToOneRelation[Any] = fields.OneToOneField(
        "models.User", related_name=False, on_delete=fields.CASCADE, primary_key=True
    )
    user_id: UUID
    status = fields.CharField(max_length=9)
    since = fields.DatetimeField()

    class Meta:
        table = "presence_wish"

    @classmethod
    async def keep(cls, user_id: UUID, status: Literal["online", "away", "invisible"], now: datetime) -> None:
        """Remember what somebody wants; `online` is what everybody is who wants nothing else."""
        if status == ONLINE:
            await cls.filter(user_id=user_id).delete()
        else:
            await connections.get("default").execute_query(_KEEP, [user_id, status, now])

    @classmethod
    async def end(cls, gone: Sequence[tuple[UUID, datetime]]) -> None:
        """Forget what people wanted who have gone, each at a moment; what was said after it holds."""
        columns = [[user_id for user_id, _ in gone], [at for _, at in gone]]
        await connections.get("default").execute_query(_END, columns)


@dataclass(frozen=True, slots=True)
class Shown:
    """How somebody shows that they are there.

    Attributes:
        visible: Whether others ever see it (a preference).
        status: What they want to be seen as for as long as they are there.
        since: When they said so.
    """

    visible: bool = True
    status: str = ONLINE
    since: datetime | None = None

    @property
    def invisible(self) -> bool:
        """Whether they are there without being seen."""
        return self.status == INVISIBLE

    def as_seen(self, *, there: bool, last_seen_at: datetime | None) -> tuple[str, datetime | None]:
        """What others see: a status, and when the person was there last as far as they may know."""
        if not there:
            return OFFLINE, last_seen_at
        return (OFFLINE, self.since) if self.invisible else (self.status, None)


ORDINARY = Shown()


def change(user_id: UUID, status: str, last_seen_at: datetime | None) -> tuple[str, str, dict[str, Any]]:
    """Return topic, name and data of the live event that tells a person's contacts how they are seen now."""
    data = {"user_id": user_id, "status": status, "last_seen_at": last_seen_at}
    return presence_topic(user_id), "presence.changed", data


async def shown(users: Sequence[UUID]) -> dict[UUID, Shown]:
    """How these people show that they are there; everybody else does so as everybody does."""
    rows = await connections.get("default").execute_query_dict(_OF, [list(users)])
    return {row["id"]: Shown(row["presence_visible"], row["status"] or ONLINE, row["since"]) for row in rows}
