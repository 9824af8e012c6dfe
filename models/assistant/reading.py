"""Looking into a thread: the turns of a branch, the tree, and messages page by page."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from models.assistant.attachment import Attachment
from models.assistant.message import USER, Message
from models.assistant.run import Run
from models.assistant.sql import fetch
from models.assistant.thread import Thread
from models.errors import NotFound

MOST_BYTES = 256 * 1024

_NODES = "SELECT id, parent_id, role FROM assistant_message WHERE thread_id = $1 ORDER BY created_at, id"


async def nodes(thread_id: UUID) -> list[dict[str, Any]]:
    """The tree of a thread: every message's id, its parent's and its role."""
    return await fetch(_NODES, thread_id)


async def turns(branch: Sequence[UUID]) -> tuple[list[tuple[str, str]], bool]:
    """Prompts with their responses, oldest first, of a branch from its leaf up; and whether older ones did not fit."""
    found: list[tuple[str, str]] = []
    response, left = "", MOST_BYTES
    for message in await Message.in_order(branch):
        left -= len(message.text.encode())
        if found and left < 0:
            return found[::-1], True
        if message.role == USER:
            found.append((message.text, response))
            response = ""
        else:
            response = message.text
    return found[::-1], False


async def page(
    thread: Thread, leaf: UUID | None, limit: int, after: UUID | None
) -> tuple[list[dict[str, Any]], UUID | None]:
    """Messages of a branch, newest first, and the one that the next page comes after.

    Without a leaf it is the branch that is shown. Raises NotFound where the leaf is not of this thread.
    """
    branch = await Message.branch(thread.id, leaf or thread.active_leaf)
    if leaf is not None and not branch:
        raise NotFound
    start = branch.index(after) + 1 if after in branch else 0
    shown = branch[start : start + limit]
    following = shown[-1] if start + limit < len(branch) else None
    return await _whole(shown), following


async def _whole(ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Messages with their runs and their files."""
    runs = {run.reply_id: run for run in await Run.filter(reply_id__in=list(ids))}
    files = await Attachment.of(ids)
    return [
        _member(message, runs.get(message.id), files.get(message.id, ())) for message in await Message.in_order(ids)
    ]


def _member(message: Message, run: Run | None, files: Sequence[Attachment]) -> dict[str, Any]:
    return {
        **{
            name: getattr(message, name)
            for name in ("id", "thread_id", "parent_id", "role", "text", "model", "created_at")
        },
        "run_id": run and run.id,
        "status": run and run.status,
        "finish_reason": run and run.finish_reason,
        "files": files,
    }
