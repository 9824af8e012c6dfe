"""Notifications that go by mail."""

from uuid import UUID

from models.account import User
from models.account.users import ACTIVE
from models.kit.mail import Mail
from models.notification import Inbox, Notification
from server.kernel.rpc import task
from server.kernel.tasks import TaskCtx


@task("notification.email")
async def email(ctx: TaskCtx, user_id: UUID, name: str, title: str, body: str, notification_id: UUID | None) -> None:
    """Mail somebody what they were told, to the address that they have by now.

    Not when they have read or deleted it meanwhile, have switched mails of this type off, or are suspended. Where quiet
    hours have begun meanwhile, it waits for their end.
    """
    user = await User.get_or_none(id=user_id, status=ACTIVE)
    seen = notification_id is not None and not await Notification.exists(id=notification_id, read_at=None)
    due = (await Inbox.of(user_id)).mail_at(name, ctx.now)
    if user is None or seen or due is None:
        return
    if due > ctx.now:
        ctx.work.defer("notification.email", user_id, name, title, body, notification_id, at=due)
        return
    shown = {"name": user.full_name, "title": title, "body": body}
    Mail("notification", user.email, shown).queue(ctx.work)
