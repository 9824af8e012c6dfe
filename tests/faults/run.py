"""One run: people send through a schedule of faults, everything heals, and what they saw is checked."""

import asyncio
import gc
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import asyncpg

from tests.faults.check import check, read_truth
from tests.faults.engines import own_engines
from tests.faults.history import History
from tests.faults.report import logged_errors, report
from tests.faults.schedule import expected_seconds, follow, plan
from tests.faults.world import World, world

HEAL_SECONDS = 60.0
CATCH_UP_SECONDS = 60.0
DEVICES_SHARE = 5


@dataclass(frozen=True)
class Options:
    """What to run."""

    seed: int
    sends: int
    people: int
    quick: bool = False
    only: tuple[str, ...] = ()
    logs: Path | None = None


@dataclass
class Result:
    """What came of it."""

    line: str
    text: str
    history: History = field(default_factory=History)

    @property
    def passed(self) -> bool:
        """Whether nothing was lost, repeated, reordered or otherwise wrong."""
        return not self.history.unusual


async def run(options: Options) -> Result:
    """Run, and check."""
    rng = Random(options.seed)
    planned = plan(rng, quick=options.quick, only=options.only)
    pace = expected_seconds(planned) * (1.0 if options.quick else 1.1)
    began = time.monotonic()
    with own_engines() as engines:
        async with world(engines, options.sends, pace, rng) as place:
            await place.move_in(options.people, options.people // DEVICES_SHARE)
            gc.collect()
            gc.freeze()
            place.begun = time.monotonic()
            homes = [asyncio.create_task(person.live()) for person in place.people]
            await follow(planned, place)
            await _settle(place)
            place.over = True
            await _go_home(place.history, homes)
            truth = await read_truth(engines.database_url)
            check(place.history, truth, [person.user_id for person in place.people])
            errors = logged_errors(place.folder)
            if options.logs is not None:
                shutil.copytree(place.folder, options.logs, dirs_exist_ok=True)
    faults = Counter(one.fault.name for one in planned)
    seconds = time.monotonic() - began
    return Result(*report(options, place, faults, seconds, errors), history=place.history)


async def _settle(place: World) -> None:
    """Everything heals by itself: what is unanswered gets its answer, and everybody catches up."""
    history = place.history
    try:
        async with asyncio.timeout(HEAL_SECONDS):
            await place.healed()
    except TimeoutError:
        history.complain("wrong", "the servers did not recover by themselves")
    try:
        # What is left of the goal is sent now.
        async with asyncio.timeout(HEAL_SECONDS + place.pace_seconds):
            while not place.all_sent:
                await asyncio.sleep(0.1)
    except TimeoutError:
        left = sum(len(person.unanswered) for person in place.people)
        history.complain("wrong", f"{left} commands were never answered")
    try:
        async with asyncio.timeout(CATCH_UP_SECONDS):
            await _caught_up(place)
    except TimeoutError:
        history.complain("wrong", "somebody did not catch up, or a task was not done")


async def _caught_up(place: World) -> None:
    connection = await asyncpg.connect(place.engines.database_url)
    try:
        while True:
            left = await connection.fetchval("SELECT count(*) FROM deferred_task WHERE name = 'probe.effect'")
            rows = await connection.fetch("SELECT name, seq FROM topic")
            heads = {row["name"]: row["seq"] for row in rows}
            if not left and all(person.position == heads.get(person.topic, 0) for person in place.people):
                return
            await asyncio.sleep(0.1)
    finally:
        await connection.close()


async def _go_home(history: History, homes: list["asyncio.Task[None]"]) -> None:
    _, still = await asyncio.wait(homes, timeout=15)
    for task in still:
        task.cancel()
    for outcome in await asyncio.gather(*homes, return_exceptions=True):
        if isinstance(outcome, Exception):
            history.complain("wrong", f"a client failed: {outcome!r}")
