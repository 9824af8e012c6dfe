"""What is told of messages later."""

from datetime import datetime
from uuid import UUID

from models.messaging import notice
from server.kernel.rpc import task
from server.kernel.tasks import TaskCtx


@task("message.notice")
async def give_notice(ctx: TaskCtx, conversation_id: UUID, user_id: UUID, due: datetime) -> None:
    """Somebody got a message a moment ago: if they have no socket, they are told in another way."""
    there = user_id in await ctx.ports.presence.there([user_id], ctx.now)
    await notice.give(ctx.work, conversation_id, user_id, due, there=there)
