"""What is told of conversations later."""

from uuid import UUID

from models.messaging.contacts import tell_contacts
from server.kernel.rpc import task
from server.kernel.tasks import TaskCtx


@task("conversation.tell_contacts")
async def tell(ctx: TaskCtx, user_id: UUID, after: UUID | None, renamed: bool) -> None:
    """Update the lists in which a person appears, after a change of their name or of who sees their address."""
    if (last := await tell_contacts(ctx.work, user_id, after, renamed=renamed)) is not None:
        ctx.work.defer("conversation.tell_contacts", user_id, last, renamed)
