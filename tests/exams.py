"""Assessments as tests make them: by the methods that instructors use, with keys that nobody may see too early."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from server.kernel.tasks import Tasks
from tests.auth import later
from tests.contract.samples import World
from tests.support import Client, Person, Server

CANARY = "canary-Zq7"
"""Stands in every key and rationale; beside it the points, which nothing else counts."""
WEIGHT = 7.1304
ALLOWANCE = 2


def choices(*ids: str) -> list[dict[str, str]]:
    return [{"id": id_, "text": f"Choice {id_}"} for id_ in ids]


def question(type_: str, key: dict[str, Any], right: Any, wrong: Any, **more: Any) -> dict[str, Any]:
    """What `assessment.question.create` takes, with a right answer and a wrong one beside it."""
    asked = {
        "type": type_,
        "stem": f"A question of type {type_}?",
        "key": key,
        "rationale": f"{CANARY} says why",
        **more,
    }
    return {"asked": asked, "right": right, "wrong": wrong}


QUESTIONS = [
    question("single", {"options": ["b"]}, "b", "a", options=choices("a", "b", "c"), tags=["choice"]),
    question("multiple", {"options": ["a", "c"]}, ["c", "a"], ["b"], options=choices("a", "b", "c"), tags=["choice"]),
    question("true_false", {"value": True}, True, False),
    question("numeric", {"value": 0.3, "tolerance": 0.1}, 0.2, 0.19, tags=["number"]),
    question("short_text", {"accepted": [CANARY]}, f"  {CANARY.upper()} ", "nothing"),
    question("ordered", {"order": ["c", "a", "b"]}, ["c", "a", "b"], ["a", "b", "c"], options=choices("a", "b", "c")),
    question(
        "matrix",
        {"rows": {"r1": ["a"], "r2": ["b", "c"]}},
        {"r1": ["a"], "r2": ["c", "b"]},
        {"r1": ["b"]},
        options=choices("a", "b", "c"),
        rows=choices("r1", "r2"),
    ),
]


@dataclass
class Exam:
    """An assessment that is published, and its author's socket."""

    world: World
    instructor: Person
    author: Client
    id: str
    bank_id: str
    question_ids: list[str] = field(default_factory=list)

    @property
    def server(self) -> Server:
        return self.world.server

    async def taker(self) -> tuple[Person, Client]:
        """Somebody who may attempt it, on a socket of theirs."""
        person = await self.world.person("Tess Taker", verified=True)
        return person, await self.server.connect(person)

    async def start(self, client: Client, **params: Any) -> dict[str, Any]:
        attempt: dict[str, Any] = await client.call("assessment.attempt.start", assessment_id=self.id, **params)
        return attempt

    def right(self, question_id: str) -> Any:
        return QUESTIONS[self.question_ids.index(question_id)]["right"]

    def wrong(self, question_id: str) -> Any:
        return QUESTIONS[self.question_ids.index(question_id)]["wrong"]


async def exam(server: Server, *, publish: bool = True, **rules: Any) -> Exam:
    """Make one with a question of every type."""
    world = World(server)
    instructor = await world.person("Ivan Instructor", ["user", "instructor"], verified=True)
    author = await server.connect(instructor)
    bank = await author.call("assessment.bank.create", name="Everything")
    ids = []
    for one in QUESTIONS:
        made = await author.call("assessment.question.create", bank_id=bank["id"], **one["asked"])
        ids.append(made["id"])
    picks = [{"question_id": id_, "points": WEIGHT} for id_ in ids]
    sections = rules.pop("sections", [{"title": "First", "picks": picks[:3]}, {"title": "Second", "picks": picks[3:]}])
    rules = {"title": "An exam", "time_limit_seconds": 3600, **rules}
    made = await author.call("assessment.create", sections=sections, **rules)
    if publish:
        await author.call("assessment.publish", assessment_id=made["id"], published=True)
    return Exam(world, instructor, author, made["id"], bank["id"], ids)


async def beat(server: Server, attempt: int = 1) -> bool:
    """Let the clock of the assessments ring once; says whether there may be more to do."""
    core = server.app.core  # type: ignore[attr-defined]
    tasks = Tasks(list(core.registry.tasks.values()), core.units, core.clock, core.services)
    return await tasks.beat(core.registry.beats["assessment.clock"], attempt)


async def ring(server: Server) -> None:
    """Let the clock do all that is due, as every worker does all the time."""
    while await beat(server):
        pass


async def at(server: Server, seconds: float) -> None:
    """Let so much time pass, and then let the clock ring."""
    later(server, seconds)
    await ring(server)


def soon(server: Server, seconds: float) -> str:
    """A moment so many seconds from now, as the wire writes it."""
    moment = server.app.clock.now() + timedelta(seconds=seconds)  # type: ignore[attr-defined]
    return str(moment.isoformat())
