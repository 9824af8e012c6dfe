"""Periodic work that keeps the system's own tables small."""

from datetime import timedelta

from models import system
from models.account import OneTimeToken, RefreshToken, Session
from server.kernel.rpc import task
from server.kernel.tasks import TaskCtx

LOG_KEPT = timedelta(days=7)
KEYS_KEPT = timedelta(hours=24)
SESSIONS_KEPT = timedelta(days=30)
TOKENS_KEPT = timedelta(hours=1)
ROWS_AT_ONCE = 5000


@task("system.prune_log", every_seconds=600)
async def prune_log(ctx: TaskCtx) -> None:
    """Forget events that are older than a week; who was away for longer reads the state anew.

    A bounded number in each transaction, and at once again while there are more.
    """
    if await system.Event.prune(ctx.now - LOG_KEPT, ROWS_AT_ONCE):
        ctx.work.defer("system.prune_log")


@task("system.prune_idempotency", every_seconds=600)
async def prune_idempotency(ctx: TaskCtx) -> None:
    """Forget the replies of keys that are older than a day."""
    if await system.IdempotencyRecord.prune(ctx.now - KEYS_KEPT, ROWS_AT_ONCE):
        ctx.work.defer("system.prune_idempotency")


@task("account.prune_tokens", every_seconds=3600)
async def prune_tokens(ctx: TaskCtx) -> None:
    """Forget tokens that have run out, and sessions that ended a month ago."""
    await RefreshToken.filter(expires_at__lt=ctx.now).delete()
    # How many were sent within the hour is counted by these rows.
    await OneTimeToken.filter(expires_at__lt=ctx.now - TOKENS_KEPT).delete()
    await Session.filter(expires_at__lt=ctx.now - SESSIONS_KEPT).delete()
