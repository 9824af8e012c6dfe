"""The deferred tasks, as admins see them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from models.errors import InvalidState
from models.system import DeferredTask
from server.kernel.rpc import Ctx, ListParams, Page, Params, Text, View, command, keyset, page_of, query, role

Status = Literal["waiting", "running", "failed"]


class TaskFilter(Params):
    """Which tasks are wanted."""

    status: Status | None = None
    name: Annotated[str, Text(max=80)] | None = None


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


@query("admin.task.list", access=role("admin"))
async def list_tasks(ctx: Ctx, params: TaskListParams) -> Page[TaskView]:
    """List the deferred tasks that wait, run, or were given up."""
    rows = DeferredTask.with_status(params.filter.status, ctx.now)
    if params.filter.name is not None:
        rows = rows.filter(name=params.filter.name)
    found = await keyset(rows, params)
    return page_of(found, [_view(task, ctx.now) for task in found.rows])


@command("admin.task.retry", access=role("admin"), audit=True)
async def retry_task(ctx: Ctx, params: TaskParams) -> Queued:
    """Begin a task anew that was given up.

    Raises NotFound for an unknown task, InvalidState for one that was not given up.
    """
    task = await DeferredTask.get_or_not_found(params.task_id)
    if task.failed_at is None:
        raise InvalidState("This task was not given up.", state=task.status(ctx.now))
    await task.retry(ctx.now)
    ctx.work.audit(f"task:{task.id}", before={"error": task.error}, after={"name": task.name})
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
