"""What is told of people's presence later."""

from uuid import UUID

from models.presence import ORDINARY, change, shown
from server.kernel.rpc import task
from server.kernel.tasks import TaskCtx


@task("presence.announce")
async def announce(ctx: TaskCtx, user_id: UUID) -> None:
    """Somebody shows again whether they are there: who follows them hears how they are seen now."""
    wish = (await shown([user_id])).get(user_id, ORDINARY)
    if not wish.visible:
        return
    seen = (await ctx.ports.presence.read([user_id]))[user_id]
    ctx.work.emit(*change(user_id, *wish.as_seen(there=seen.there, last_seen_at=seen.last_seen_at)))
