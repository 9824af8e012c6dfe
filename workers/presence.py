"""What is told of people's presence later."""

from uuid import UUID

from models.account import User
from server.kernel.rpc import task
from server.kernel.tasks import TaskCtx


@task("presence.announce")
async def announce(ctx: TaskCtx, user_id: UUID) -> None:
    """Somebody shows again whether they are there: who follows them hears how they are seen now."""
    if not await User.exists(id=user_id, presence_visible=True):
        return
    for one, seen in (await ctx.services.presence.read([user_id])).items():
        told = {"user_id": one, "status": seen.status, "last_seen_at": seen.last_seen_at}
        ctx.work.emit(f"presence:{one}", "presence.changed", told)
