"""What admins see and do: for now the deferred tasks."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from models.errors import InvalidState
from models.system import DeferredTask
from server.kernel.identity import Identity
from server.kernel.rpc import (
    Ctx,
    ListParams,
    Page,
    Params,
    Utf16,
    View,
    command,
    keyset,
    live_event,
    query,
    role,
    topic,
)

Status = Literal["waiting", "running", "failed"]


class TaskFilter(Params):
    """Which tasks are wanted."""

    status: Status | None = None
    name: Annotated[str, Utf16(max=80)] | None = None


class TaskListParams(ListParams):
    """A page of the tasks, newest first."""

    filter: TaskFilter = TaskFilter()


class TaskParams(Params):
    """One task."""

    task_id: UUID


class TaskView(View):
    """A deferred task: what is to be done when, and what went wrong so far."""

    task_id: UUID
    name: str
    status: Status
    attempt: int
    due_at: datetime
    failed_at: datetime | None
    error: str | None
    created_at: datetime


class Queued(View):
    """The task will be begun again."""

    queued: bool


class Alert(View):
    """Something that an admin should look at; `data` says what it is about."""

    kind: str
    title: str
    data: dict[str, Any]


alert = live_event("admin.alert", "admin", Alert, "Something wants an admin's attention.")


@topic("admin", logged=False, audience="admins", has_id=False)
async def admin_topic(identity: Identity | None, _id: UUID | None) -> bool:
    """What admins watch."""
    return identity is not None and "admin" in identity.roles


@query("admin.task.list", access=role("admin"))
async def list_tasks(ctx: Ctx, params: TaskListParams) -> Page[TaskView]:
    """List the deferred tasks that wait, run, or were given up."""
    rows = DeferredTask.with_status(params.filter.status, ctx.now)
    if params.filter.name is not None:
        rows = rows.filter(name=params.filter.name)
    page, next_cursor = await keyset(rows, params)
    return Page(items=[_view(task, ctx.now) for task in page], next_cursor=next_cursor)


@command("admin.task.retry", access=role("admin"))
async def retry_task(ctx: Ctx, params: TaskParams) -> Queued:
    """Begin a task anew that was given up.

    Raises NotFound for an unknown task, InvalidState for one that was not given up.
    """
    task = await DeferredTask.get_or_not_found(params.task_id)
    if task.failed_at is None:
        raise InvalidState("This task was not given up.", state=task.status(ctx.now))
    await task.retry(ctx.now)
    return Queued(queued=True)


def _view(task: DeferredTask, now: datetime) -> TaskView:
    return TaskView(
        task_id=task.id,
        name=task.name,
        status=task.status(now),
        attempt=task.attempt,
        due_at=task.due_at,
        failed_at=task.failed_at,
        error=task.error,
        created_at=task.created_at,
    )
