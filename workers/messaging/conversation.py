"""What is told of conversations later."""

from uuid import UUID

from models.messaging.contacts import tell_contacts
from server.kernel.rpc import task
from server.kernel.tasks import TaskCtx


@task("conversation.tell_contacts")
async def tell(ctx: TaskCtx, user_id: UUID, after: UUID | None) -> None:
    """Somebody has another name, or shows their address to others: the lists in which they appear hear of it."""
    if (last := await tell_contacts(ctx.work, user_id, after)) is not None:
        ctx.work.defer("conversation.tell_contacts", user_id, last)
