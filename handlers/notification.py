"""What people are told, and by which ways they want to be told."""

from datetime import datetime, time
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from models.account.profile_rules import timezone_faults
from models.notification import CHANNELS, TYPES, Inbox, Notification, QuietHours
from server.kernel.rpc import (
    Ctx,
    Deleted,
    ListParams,
    Page,
    Params,
    Text,
    View,
    command,
    exactly_one_of,
    keyset,
    logged_event,
    page_of,
    query,
    user,
)


class NotificationView(View):
    """One thing that somebody was told; `data` says what it is about."""

    id: UUID
    type: str
    title: str
    body: str
    data: dict[str, Any]
    read_at: datetime | None
    created_at: datetime


class UnreadChanged(View):
    """How many are unread now, and what has happened to which.

    `read` were read at `read_at`, with `all_read` all that there were; `deleted` are gone. Where none of them is named,
    a notification came.
    """

    count: int
    read: list[UUID] = Field(default=[])
    all_read: bool = False
    read_at: datetime | None = None
    deleted: list[UUID] = Field(default=[])


notification_created = logged_event("notification.created", "user", NotificationView, "Somebody is told something.")
unread_changed = logged_event(
    "notification.unread_changed", "user", UnreadChanged, "Notifications came, were read, or were deleted."
)


class NotificationFilter(Params):
    """Which notifications: with `unread` only those that were not read, with false only those that were."""

    unread: bool | None = None


class ListNotifications(ListParams):
    """Which part of the list."""

    filter: NotificationFilter = NotificationFilter()


@query("notification.list", access=user)
async def list_notifications(ctx: Ctx, params: ListNotifications) -> Page[NotificationView]:
    """The caller's notifications, the latest first."""
    rows = Notification.filter(user_id=ctx.user_id)
    if params.filter.unread is not None:
        rows = rows.filter(read_at__isnull=params.filter.unread)
    found = await keyset(rows, params)
    return page_of(found, [NotificationView.of(row) for row in found.rows])


Ids = Annotated[list[UUID], Field(min_length=1, max_length=100)]


class ReadParams(Params):
    """Exactly one of `notification_ids` and `all`."""

    notification_ids: Ids | None = None
    all: Literal[True] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        exactly_one_of(self, "notification_ids", "all")
        return self


class UnreadNotifications(View):
    """How many are left."""

    unread: int


@command("notification.read", access=user)
async def read(ctx: Ctx, params: ReadParams) -> UnreadNotifications:
    """Mark notifications of the caller as read. Ids that are not, or no more, the caller's are passed over."""
    return UnreadNotifications(unread=await Notification.read(ctx.work, ctx.user_id, params.notification_ids))


class DeleteParams(Params):
    """Which notifications."""

    notification_ids: Ids


@command("notification.delete", access=user)
async def delete(ctx: Ctx, params: DeleteParams) -> Deleted:
    """Delete notifications of the caller. Ids that are not, or no more, the caller's are passed over."""
    return Deleted(deleted=await Notification.remove(ctx.work, ctx.user_id, params.notification_ids))


class UnreadCount(View):
    """How many are unread."""

    count: int


@query("notification.unread_count", access=user)
async def unread_count(ctx: Ctx) -> UnreadCount:
    """How many of the caller's notifications are unread."""
    return UnreadCount(count=(await Inbox.of(ctx.user_id)).unread_count)


class TypeView(View):
    """One type: by which ways it comes, and which of them cannot be switched off."""

    title: str
    in_app: bool
    email: bool
    required: list[str]


class QuietView(View):
    """From when to when no mail is sent, by the clocks of a time zone."""

    start: str
    end: str
    timezone: str


class NotificationPreferences(View):
    """Which notifications come by which ways.

    In quiet hours a mail waits for their end, but for those about the security of the account.
    """

    channels: list[str]
    types: dict[str, TypeView]
    quiet_hours: QuietView | None

    @classmethod
    def of_inbox(cls, inbox: Inbox) -> "NotificationPreferences":
        """The view of a row."""
        types = {
            name: {"title": TYPES[name].title, "required": sorted(TYPES[name].required), **chosen}
            for name, chosen in inbox.matrix().items()
        }
        return cls.of({"channels": CHANNELS, "types": types, "quiet_hours": inbox.quiet_hours})


@query("notification.preference.get", access=user)
async def get_preferences(ctx: Ctx) -> NotificationPreferences:
    """Which notifications the caller wants by which ways, and when no mail."""
    return NotificationPreferences.of_inbox(await Inbox.of(ctx.user_id))


def _known_timezone(name: str) -> str:
    if faults := timezone_faults(name):
        raise PydanticCustomError("rule", "{text}", {"text": faults[0]})
    return name


TimeOfDay = Annotated[str, Text(max=5), Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class QuietParams(Params):
    """From `start` to `end`, as in 22:00 and 07:00: they may reach over midnight."""

    start: TimeOfDay
    end: TimeOfDay
    timezone: Annotated[str, Text(max=64), AfterValidator(_known_timezone)]

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if self.start == self.end:
            raise PydanticCustomError("rule", "Quiet hours have an end that is not their start.")
        return self

    def hours(self) -> QuietHours:
        """What the inbox keeps."""
        return QuietHours(time.fromisoformat(self.start), time.fromisoformat(self.end), self.timezone)


class ChannelParams(Params):
    """Whether a type comes by a way; what is left out stays."""

    in_app: bool | None = None
    email: bool | None = None


class UpdateNotificationPreferences(Params):
    """What to change; what is left out stays. `quiet_hours` null: none."""

    types: dict[Annotated[str, Text(max=80)], ChannelParams] = Field({}, max_length=100)
    quiet_hours: QuietParams | None = None


@command("notification.preference.update", access=user)
async def update_preferences(ctx: Ctx, params: UpdateNotificationPreferences) -> NotificationPreferences:
    """Choose which notifications come by which ways, and when no mail is sent.

    Raises Invalid for a type that does not exist and for a way that cannot be switched off.
    """
    inbox = await Inbox.locked_of(ctx.work, ctx.user_id)
    await inbox.choose({name: one.model_dump(exclude_none=True) for name, one in params.types.items()})
    if "quiet_hours" in params.model_fields_set:
        await inbox.be_quiet(params.quiet_hours.hours() if params.quiet_hours is not None else None)
    return NotificationPreferences.of_inbox(inbox)
