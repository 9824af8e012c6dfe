"""The inbox of one person: how much is unread, and which notifications they want by which way."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from tortoise import fields
from uuid_utils.compat import uuid7

from models.base import Row
from models.errors import Invalid
from models.notification.quiet import QuietHours
from models.notification.types import CHANNELS, EMAIL, TYPES, NotificationType
from models.work import Work

_MADE = """
WITH made AS (
    INSERT INTO notification_inbox (id, user_id, unread_count, channels, created_at, updated_at)
    VALUES ($1, $2, 0, '{}', $3, $3) ON CONFLICT (user_id) DO NOTHING
) SELECT
"""


class Inbox(Row):
    """One person's. It is there from the first notification or the first choice on; without it all is as it comes.

    Attributes:
        channels: What was chosen otherwise than the type says: by type, then by channel, whether it is on.
        quiet_hours: With `start`, `end` and `timezone`.
    """

    user: fields.OneToOneRelation[Any] = fields.OneToOneField(
        "models.User", related_name=False, on_delete=fields.CASCADE
    )
    user_id: UUID
    unread_count: int = fields.IntField(default=0)
    channels: dict[str, dict[str, bool]] = fields.JSONField(default=dict)
    quiet_hours: dict[str, str] | None = fields.JSONField(null=True)

    class Meta:
        table = "notification_inbox"

    @classmethod
    async def of(cls, user_id: UUID) -> Self:
        """To be read only: an empty one where there is none."""
        return await cls.get_or_none(user_id=user_id) or cls(user_id=user_id)

    @classmethod
    async def locked_of(cls, work: Work, user_id: UUID) -> Self:
        """To be changed: made where there is none."""
        inbox = await cls.locked().get_or_none(user_id=user_id)
        if inbox is None:
            await cls._meta.db.execute_query_dict(_MADE, [uuid7(), user_id, work.now])
            inbox = await cls.locked().get(user_id=user_id)
        return inbox

    @property
    def quiet(self) -> QuietHours | None:
        """The hours in which no mail is wanted."""
        return QuietHours.parse(self.quiet_hours) if self.quiet_hours is not None else None

    def wants(self, name: str, channel: str) -> bool:
        """Whether notifications of a type take a way."""
        return _wanted(name, TYPES[name], channel, self.channels)

    def matrix(self) -> dict[str, dict[str, bool]]:
        """By type and channel, whether it is on."""
        return {name: {channel: self.wants(name, channel) for channel in CHANNELS} for name in TYPES}

    def mail_at(self, name: str, now: datetime) -> datetime | None:
        """When a mail about something of this type may go; None when there is to be none."""
        if not self.wants(name, EMAIL) or TYPES[name].own_mail:
            return None
        return (self.quiet.end_of(now) if self.quiet is not None else None) or now

    async def choose(self, choices: Mapping[str, Mapping[str, bool]]) -> None:
        """Switch ways on and off; raises Invalid, naming all that cannot be."""
        faults: dict[str, list[str]] = {}
        for name, channels in choices.items():
            if name not in TYPES:
                faults[f"types.{name}"] = ["There is no such type."]
                continue
            off = [channel for channel, on in channels.items() if not on and channel in TYPES[name].required]
            faults |= {f"types.{name}.{channel}": ["This cannot be switched off."] for channel in off}
        if faults:
            raise Invalid(faults)
        merged = {name: {**self.channels.get(name, {}), **choices.get(name, {})} for name in TYPES}
        self.channels = {name: chosen for name, chosen in merged.items() if chosen}
        await self.save(update_fields=["channels", "updated_at"])

    async def be_quiet(self, hours: QuietHours | None) -> None:
        """Keep the hours in which no mail is wanted; None: there are none."""
        self.quiet_hours = hours.kept() if hours is not None else None
        await self.save(update_fields=["quiet_hours", "updated_at"])

    async def count(self, by: int) -> None:
        """Count what came or was read."""
        self.unread_count += by
        await self.save(update_fields=["unread_count", "updated_at"])


def _wanted(name: str, type_: NotificationType, channel: str, chosen: Mapping[str, Mapping[str, bool]]) -> bool:
    return channel in type_.required or chosen.get(name, {}).get(channel, channel in type_.channels)
