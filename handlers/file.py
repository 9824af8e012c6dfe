"""Files: what is known of them, addresses to read them at, and deleting them.

The bytes come and go over HTTP (server/web/files/uploads.py, downloads.py), whose commands are here too.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from models.account.avatars import remove_avatar
from models.errors import InvalidState, NotFound, Unauthenticated
from models.file import AVATAR, PENDING, READY, File, FileLimits
from server.kernel.rpc import (
    Ctx,
    Deleted,
    ListParams,
    Page,
    Params,
    Text,
    View,
    command,
    internal,
    keyset,
    logged_event,
    own,
    own_unless,
    page_of,
    query,
    user,
)

LONGEST_WAIT = 30
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0

Purpose = Literal["avatar", "attachment", "resume", "video", "resource", "certificate", "pdf"]
Uploaded = Literal["avatar", "attachment", "resume", "video", "resource"]
Status = Literal["pending", "ready", "rejected"]
Disposition = Literal["inline", "attachment"]


class FileView(View):
    """One file. `size` is 0 until it has arrived; `reason` says why it was rejected."""

    file_id: UUID
    name: str
    size: int
    media_type: str
    purpose: Purpose
    status: Status
    reason: str | None
    created_at: datetime


class FileStatus(View):
    """What has become of a file."""

    file_id: UUID
    status: Status
    reason: str | None


file_status_changed = logged_event(
    "file.status_changed", "user", FileStatus, "A file has arrived and can be used, or was rejected."
)


class OneFile(Params):
    """Which file."""

    file_id: UUID


class GetFile(OneFile):
    """Which file, and how long to wait until it is no longer `pending`."""

    wait_seconds: Annotated[int, Field(ge=0, le=LONGEST_WAIT)] = 0


class FileFilter(Params):
    """Which files; what is left out does not matter."""

    purpose: Purpose | None = None


class ListFiles(ListParams):
    """A page of the caller's files, newest first."""

    filter: FileFilter = FileFilter()


class MakeUrl(OneFile):
    """Which file, and whether a browser shows or saves it; left out: pictures, PDFs and videos are shown."""

    disposition: Disposition | None = None


class SignedUrl(View):
    """An address below this server's, which lets in whoever has it until it expires."""

    url: str
    expires_at: datetime


readers = own_unless("admin")


@query("file.get", access=readers, timeout_seconds=LONGEST_WAIT + 5)
async def get(ctx: Ctx, params: GetFile) -> FileView:
    """A file that the caller may read: an own one, one that was sent to them, somebody's picture.

    With `wait_seconds` the answer comes when the file is no longer `pending`, or after that time; together with
    `as_of` at once. Raises NotFound for any other file.
    """

    async def read() -> File:
        return await File.readable(ctx.scope, params.file_id)

    waiting = 0 if ctx.pinned else params.wait_seconds
    return FileView.of(await _settled(read, waiting))


async def _settled(read: Callable[[], Awaitable[File]], seconds: float) -> File:
    """Look again and again; between two looks nothing of the database is held."""
    loop = asyncio.get_running_loop()
    until, pause = loop.time() + seconds, FIRST_PAUSE
    while (file := await read()).status == PENDING and (left := until - loop.time()) > 0:
        await asyncio.sleep(min(pause, left))
        pause = min(2 * pause, LONGEST_PAUSE)
    return file


@query("file.list", access=user)
async def list_files(ctx: Ctx, params: ListFiles) -> Page[FileView]:
    """The caller's own files, newest first; `filter.purpose` shows only those of one purpose."""
    rows = File.filter(owner_id=ctx.user_id)
    if params.filter.purpose is not None:
        rows = rows.filter(purpose=params.filter.purpose)
    found = await keyset(rows, params)
    return page_of(found, [FileView.of(row) for row in found.rows])


@query("file.url.create", access=readers)
async def make_url(ctx: Ctx, params: MakeUrl) -> SignedUrl:
    """An address at which anybody can read a file for a while, for what cannot send a token, such as `<img>`.

    Raises NotFound for a file that the caller may not read, InvalidState for one that is not ready.
    """
    file = await File.readable(ctx.scope, params.file_id)
    if file.status != READY:
        raise InvalidState("This file cannot be read.", state=file.status)
    claims = {"disposition": params.disposition} if params.disposition else {}
    return SignedUrl.of(ctx.services.file_links.to(file.id, ctx.now, **claims))


@command("file.delete", access=own)
async def delete(ctx: Ctx, params: OneFile) -> Deleted:
    """Delete an own file, also where it is used: nobody can read it any more.

    Messages go on naming it; as a picture it is taken away. Raises NotFound for another's file.
    """
    file = await File.get_or_not_found(id=params.file_id, owner_id=ctx.user_id)
    if file.purpose == AVATAR:
        await remove_avatar(ctx.work, ctx.user_id, only=file.id)
    await File.remove(ctx.work, ctx.user_id, file.id)
    return Deleted(deleted=True)


# What the routes that move the bytes call


FileName = Annotated[str, Text(max=255)]


class RegisterFile(Params):
    """What is about to come."""

    name: FileName
    media_type: Annotated[str, Text(max=127)]
    purpose: Uploaded


class Registered(View):
    """Where the bytes belong."""

    file_id: UUID
    storage_key: str


class ArrivedFile(OneFile):
    """What has come."""

    name: FileName
    size: Annotated[int, Field(ge=0, le=2**53 - 1)]
    sha256: Annotated[str, Text(max=64)]
    purpose: Uploaded


class RejectedFile(OneFile):
    """Why it is not wanted."""

    reason: Annotated[str, Text(max=500)]


class OpenFile(OneFile):
    """Which file; `signed`: the address proves the right to read it."""

    signed: bool


class Opened(View):
    """What is needed to send a file."""

    name: str
    size: int
    media_type: str
    sha256: str
    storage_key: str


@command("file.register", access=internal)
async def register(ctx: Ctx, params: RegisterFile) -> Registered:
    """Make room for an upload of the caller's, before its bytes go into the storage.

    Raises RateLimited when too many bytes of the caller's belong to nothing.
    """
    file = await File.register(
        ctx.work,
        ctx.user_id,
        name=params.name,
        media_type=params.media_type,
        purpose=params.purpose,
        unattached_bytes=ctx.limits(FileLimits).unattached_bytes,
    )
    return Registered.of(file)


@command("file.arrive", access=internal)
async def arrive(ctx: Ctx, params: ArrivedFile) -> FileView:
    """All bytes of an upload are in the storage; raises NotFound when it was deleted meanwhile."""
    known = params.model_dump(exclude={"file_id"})
    return FileView.of(await File.arrive(ctx.work, ctx.user_id, params.file_id, **known))


@command("file.reject", access=internal)
async def reject(ctx: Ctx, params: RejectedFile) -> Deleted:
    """The bytes of an upload did not come, or are not what they should be; raises NotFound when it was deleted."""
    await File.reject(ctx.work, ctx.user_id, params.file_id, params.reason)
    return Deleted(deleted=True)


@query("file.open", access=internal)
async def open_file(ctx: Ctx, params: OpenFile) -> Opened:
    """A file that is ready, for who may read it; raises NotFound for any other."""
    if params.signed:
        file = await File.get_or_not_found(id=params.file_id)
    elif (reader := ctx.reach(readers)) is not None:
        file = await File.readable(reader, params.file_id)
    else:
        raise Unauthenticated
    if file.status != READY:
        raise NotFound
    return Opened.of(file)
