"""What happens to accounts by the clock."""

from datetime import datetime
from uuid import UUID

from models.account.administration import end_suspension
from server.kernel.rpc import task
from server.kernel.tasks import TaskCtx


@task("account.end_suspension")
async def end(ctx: TaskCtx, user_id: UUID, until: datetime) -> None:
    """A suspension has come to its end, unless it was lifted or given another one meanwhile."""
    await end_suspension(ctx.work, user_id, until)
