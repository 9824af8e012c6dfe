"""What is running."""

from server.kernel.context import SystemInfo
from server.kernel.rpc import Ctx, public, query


@query("system.info", access=public)
def info(ctx: Ctx) -> SystemInfo:
    """Say what `/health` says, and which features are on."""
    return ctx.services.info
