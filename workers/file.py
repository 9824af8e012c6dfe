"""What becomes of files that nobody uses, and of bytes that belong to no file."""

from models.file import ORPHANED_AFTER, File
from server.kernel.rpc import task
from server.kernel.tasks import TaskCtx

FILES_AT_ONCE = 200
SHARDS = [f"{number:02x}" for number in range(256)]


@task("file.erase", tries=16, external=True)
async def erase(ctx: TaskCtx, keys: list[str]) -> None:
    """Remove the bytes of files whose rows are gone."""
    await ctx.ports.storage.delete(keys)


@task("file.remove_orphans", every_seconds=3600)
async def remove_orphans(ctx: TaskCtx) -> None:
    """Delete files that came a day ago and that nothing uses; as many as there are, some at a time."""
    if await File.remove_orphans(ctx.work, FILES_AT_ONCE) == FILES_AT_ONCE:
        ctx.work.defer("file.remove_orphans")


@task("file.sweep", every_seconds=86_400, external=True)
async def sweep(ctx: TaskCtx) -> None:
    """Remove bytes that belong to no file: what a crash left between the storage and the database."""
    before = ctx.now - ORPHANED_AFTER
    for shard in SHARDS:
        unknown = await File.unknown_keys(await ctx.ports.storage.list(shard, before))
        if unknown:
            await ctx.ports.storage.delete(unknown)
        await ctx.ports.storage.remove_unfinished(shard, before)
