"""Deferred tasks, as tests look at them and have them carried out."""

from typing import Any
from uuid import UUID

import orjson

from models.system import DeferredTask
from server.compose.app import App
from server.kernel.tasks import Tasks
from tests.support import Server


async def queued(name: str, about: str) -> list[DeferredTask]:
    """The tasks of a name whose arguments hold a text, an id for instance."""
    return await DeferredTask.filter(name=name, args__contains=about).order_by("due_at", "id")


async def arguments(name: str, about: str) -> list[list[Any]]:
    """What they are about."""
    return [orjson.loads(one.args) for one in await queued(name, about)]


async def carry_out(server: Server, name: str, about: str) -> int:
    """Carry out those that are due, with those that they queue, as a worker would; returns how many."""
    app: App = server.app  # type: ignore[attr-defined]
    core = app.core
    tasks = Tasks(list(core.registry.tasks.values()), core.units, core.clock, core.services)
    done = 0
    while due := [one for one in await queued(name, about) if one.due_at <= core.clock.now()]:
        for one in due:
            done += await run_one(tasks, one.id)
        assert not any([await DeferredTask.exists(id=one.id) for one in due]), "a task has failed"
    return done


async def run_one(tasks: Tasks, task_id: UUID) -> bool:
    """Carry out one task, unless another worker has; says whether there was something to do."""
    claimed = await tasks.claim(task_id)
    for one in claimed:
        await tasks.perform(one)
    return bool(claimed)
