"""Notifications: one function that tells somebody something, and what people do with them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields

from models.base import Row
from models.kit.topics import user_topic
from models.notification.inbox import Inbox
from models.notification.types import IN_APP
from models.work import Work


class Notification(Row):
    """One thing that somebody was told.

    Attributes:
        type: One of `models.notification.TYPES`.
        data: What it is about, for clients: ids, mostly.
    """

    user: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.User", related_name=False, on_delete=fields.CASCADE
    )
    user_id: UUID
    type = fields.CharField(max_length=80)
    title = fields.CharField(max_length=200)
    body: str = fields.TextField(default="")
    data: dict[str, Any] = fields.JSONField(default=dict)
    read_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "notification"

    @classmethod
    async def notify(
        cls, work: Work, user_id: UUID, name: str, *, title: str, body: str = "", data: Mapping[str, Any] | None = None
    ) -> UUID | None:
        """Tell somebody something, by the ways that they want for its type; returns the id of what is in the app.

        In the app: a row, `notification.created` and `notification.unread_changed`. By mail: a task, at once or at the
        end of their quiet hours. Whoever tells several people does so in the order of their ids, for each inbox stays
        locked until the commit.
        """
        inbox = await Inbox.locked_of(work, user_id)
        row = None
        if inbox.wants(name, IN_APP):
            row = await cls.create(
                user_id=user_id, type=name, title=title, body=body, data=dict(data or {}), created_at=work.now
            )
            await inbox.count(1)
            work.emit(user_topic(user_id), "notification.created", row)
            _tell_count(work, inbox)
        if (due := inbox.mail_at(name, work.now)) is not None:
            work.defer("notification.email", user_id, name, title, body, row.id if row else None, at=due)
        return row.id if row else None

    @classmethod
    async def notify_each(
        cls,
        work: Work,
        user_ids: Iterable[UUID],
        name: str,
        *,
        title: str,
        body: str = "",
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Tell several people the same."""
        for user_id in sorted(user_ids):
            await cls.notify(work, user_id, name, title=title, body=body, data=data)

    @classmethod
    async def read(cls, work: Work, user_id: UUID, ids: Sequence[UUID] | None) -> int:
        """Mark as read those of the given ones that are the person's and unread, or all; returns what is left."""
        inbox = await Inbox.locked_of(work, user_id)
        unread = cls.filter(user_id=user_id, read_at=None)
        found: list[Any] = await (unread if ids is None else unread.filter(id__in=ids)).values_list("id", flat=True)
        if found:
            await cls.filter(id__in=found).update(read_at=work.now, updated_at=work.now)
            await inbox.count(-len(found))
            # All of them may be more than an event holds, and are known to whoever followed the events before it.
            which = {"all_read": True} if ids is None else {"read": sorted(found)}
            _tell_count(work, inbox, **which, read_at=work.now)
        return inbox.unread_count

    @classmethod
    async def remove(cls, work: Work, user_id: UUID, ids: Sequence[UUID]) -> bool:
        """Delete those of the given ones that are the person's; whether there were any."""
        inbox = await Inbox.locked_of(work, user_id)
        found = await cls.filter(user_id=user_id, id__in=ids)
        if not found:
            return False
        await cls.filter(id__in=[row.id for row in found]).delete()
        await inbox.count(-sum(row.read_at is None for row in found))
        _tell_count(work, inbox, deleted=sorted(row.id for row in found))
        return True


def _tell_count(work: Work, inbox: Inbox, **what: Any) -> None:
    work.emit(user_topic(inbox.user_id), "notification.unread_changed", {"count": inbox.unread_count, **what})
