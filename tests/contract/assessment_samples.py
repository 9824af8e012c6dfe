"""How to call every method of `assessment.*` (see `samples.py`)."""

from typing import Any
from uuid import UUID

from models.assessment import Accommodation, Assessment, Attempt, Author, Bank, Package, Pick, Question
from models.assessment.assessment import Written as Section
from models.assessment.bank import Written
from models.assessment.starting import start
from models.work import Work
from tests.contract.samples import TOPICS, Params, TopicSample, World, constant, sample
from tests.support import Person

ASKED = {
    "type": "true_false",
    "stem": "Is it so?",
    "options": [],
    "rows": [],
    "key": {"value": True},
    "method": "all_or_nothing",
    "pairs": [],
    "points": None,
    "rationale": "",
    "media": [],
    "tags": [],
    "difficulty": "easy",
}


async def owner_of(world: World, person: Person | None) -> Author:
    return Author(UUID((person or await world.person()).id))


async def make_bank(author: Author) -> Bank:
    return await Bank.create(owner_id=author.user_id, name="A bank")


async def make_question(author: Author) -> Question:
    version = await Question.write(author, (await make_bank(author)).id, Written(**ASKED))  # type: ignore[arg-type]
    return await version.question


async def make_assessment(world: World, author: Author, **rules: Any) -> Assessment:
    question = await make_question(author)

    async def make(work: Work) -> Assessment:
        section = Section("All", "", [Pick(question_id=question.id)])
        row = await Assessment.make(author, {"title": "An exam", "pausing": True, **rules}, [section])
        await row.publish(work, published=True)
        return row

    made: Assessment = await world.act(make)
    return made


async def make_attempt(world: World, person: Person | None) -> Attempt:
    assessment = await make_assessment(world, await owner_of(world, None))
    user_id = UUID((person or await world.person()).id)
    attempt: Attempt = await world.act(lambda work: start(work, user_id, assessment.id, None))
    return attempt


async def own_attempt(world: World) -> Params:
    return {"attempt_id": str((await make_attempt(world, world.caller)).id)}


async def foreign_attempt(world: World) -> Params:
    return {"attempt_id": str((await make_attempt(world, await world.person())).id)}


async def taught_attempt(world: World) -> Params:
    """Somebody else's attempt at an assessment of the caller's."""
    assessment = await make_assessment(world, await owner_of(world, world.caller))
    user_id = UUID((await world.person()).id)
    attempt: Attempt = await world.act(lambda work: start(work, user_id, assessment.id, None))
    return {"attempt_id": str(attempt.id)}


def of_attempt(method: str, **more: Any) -> None:
    """A method about an attempt of the caller's own."""

    async def own(world: World) -> Params:
        return {**await own_attempt(world), **more}

    async def foreign(world: World) -> Params:
        return {**await foreign_attempt(world), **more}

    sample(method, foreign=(foreign,))(own)


for name in ("time", "pause", "submit"):
    of_attempt(f"assessment.attempt.{name}")
for name in ("get", "review"):
    owned = {"user": own_attempt, "instructor": taught_attempt}
    sample(f"assessment.attempt.{name}", foreign=(foreign_attempt,), owned=owned)(own_attempt)
constant("assessment.attempt.list", {}, lists=True)


@sample("assessment.attempt.start")
async def start_attempt(world: World) -> Params:
    return {"assessment_id": str((await make_assessment(world, await owner_of(world, None))).id)}


async def asked_of(attempt: Attempt) -> Params:
    return {"attempt_id": str(attempt.id), "question_id": str(next(iter(attempt.plan.places)))}


async def foreign_answer(world: World) -> Params:
    return {**await asked_of(await make_attempt(world, None)), "response": True}


@sample("assessment.attempt.save_response", foreign=(foreign_answer,))
async def save_response(world: World) -> Params:
    return {**await asked_of(await make_attempt(world, world.caller)), "response": True}


def many(asked: Params) -> Params:
    return {"attempt_id": asked["attempt_id"], "responses": [{"question_id": asked["question_id"], "response": True}]}


async def foreign_answers(world: World) -> Params:
    return many(await asked_of(await make_attempt(world, None)))


@sample("assessment.attempt.save_responses", foreign=(foreign_answers,))
async def save_responses(world: World) -> Params:
    return many(await asked_of(await make_attempt(world, world.caller)))


async def foreign_flag(world: World) -> Params:
    return {**await asked_of(await make_attempt(world, None)), "flagged": True}


@sample("assessment.attempt.flag", foreign=(foreign_flag,))
async def flag(world: World) -> Params:
    return {**await asked_of(await make_attempt(world, world.caller)), "flagged": True}


async def paused_attempt(world: World, person: Person | None) -> Params:
    attempt = await make_attempt(world, person)

    async def pause(work: Work) -> None:
        await (await Attempt.get(id=attempt.id)).pause(work)

    await world.act(pause)
    return {"attempt_id": str(attempt.id)}


async def foreign_paused(world: World) -> Params:
    return await paused_attempt(world, None)


@sample("assessment.attempt.resume", foreign=(foreign_paused,))
async def resume(world: World) -> Params:
    return await paused_attempt(world, world.caller)


# What instructors make


async def foreign_assessment(world: World) -> Params:
    return {"assessment_id": str((await make_assessment(world, await owner_of(world, None))).id)}


async def own_assessment(world: World) -> Params:
    return {"assessment_id": str((await make_assessment(world, await owner_of(world, world.caller))).id)}


def of_assessment(method: str, **more: Any) -> None:
    async def own(world: World) -> Params:
        return {**await own_assessment(world), **more}

    async def foreign(world: World) -> Params:
        return {**await foreign_assessment(world), **more}

    sample(method, foreign=(foreign,))(own)


constant("assessment.list", {})
constant("assessment.create", {"title": "An exam"})
sample("assessment.get")(own_assessment)
of_assessment("assessment.update", title="Another title")
of_assessment("assessment.publish", published=True)
of_assessment("assessment.delete")
of_assessment("assessment.accommodation.list")


async def foreign_search(world: World) -> Params:
    return {"filter": await foreign_assessment(world)}


@sample("assessment.attempt.search", foreign=(foreign_search,))
async def search(world: World) -> Params:
    return {"filter": await own_assessment(world)}


async def foreign_accommodated(world: World) -> Params:
    return {**await foreign_assessment(world), "user_id": (await world.person()).id, "multiplier": 1.5}


@sample("assessment.accommodation.set", foreign=(foreign_accommodated,))
async def accommodate(world: World) -> Params:
    return {**await own_assessment(world), "user_id": (await world.person()).id, "multiplier": 1.5}


async def accommodation_of(world: World, person: Person | None) -> Params:
    assessment = await make_assessment(world, await owner_of(world, person))
    user_id = UUID((await world.person()).id)
    row = await world.act(lambda work: put(work, assessment, user_id))
    return {"accommodation_id": str(row.id)}


async def put(work: Work, assessment: Assessment, user_id: UUID) -> Any:
    return await Accommodation.put(work, assessment, user_id, {"multiplier": 2.0}, extend_running=True)


async def foreign_accommodation(world: World) -> Params:
    return await accommodation_of(world, None)


@sample("assessment.accommodation.remove", foreign=(foreign_accommodation,))
async def remove_accommodation(world: World) -> Params:
    return await accommodation_of(world, world.caller)


async def package_of(world: World, person: Person | None) -> Params:
    author = await owner_of(world, person)
    return {"package_id": str((await Package.create(owner_id=author.user_id, title="A package", published=True)).id)}


async def foreign_package(world: World) -> Params:
    return await package_of(world, None)


async def own_package(world: World) -> Params:
    return await package_of(world, world.caller)


constant("assessment.package.list", {})
constant("assessment.package.create", {"title": "A package", "price": {"amount": 500_000, "currency": "NGN"}})
sample("assessment.package.get")(own_package)
for name in ("update", "delete"):
    sample(f"assessment.package.{name}", foreign=(foreign_package,))(own_package)


async def own_bank(world: World) -> Params:
    return {"bank_id": str((await make_bank(await owner_of(world, world.caller))).id)}


async def foreign_bank(world: World) -> Params:
    return {"bank_id": str((await make_bank(await owner_of(world, None))).id)}


constant("assessment.bank.list", {}, lists=True, sees_all=frozenset({"admin"}))
constant("assessment.bank.create", {"name": "A bank"})
for name in ("update", "delete"):
    sample(f"assessment.bank.{name}", foreign=(foreign_bank,))(own_bank)
constant("assessment.question.list", {}, lists=True, sees_all=frozenset({"admin"}))


@sample("assessment.question.create", refused=lambda _world: None)
async def create_question(world: World) -> Params:
    return {**await own_bank(world), "type": "true_false", "stem": "Is it so?", "key": {"value": True}}


async def own_question(world: World) -> Params:
    return {"question_id": str((await make_question(await owner_of(world, world.caller))).id)}


async def foreign_question(world: World) -> Params:
    return {"question_id": str((await make_question(await owner_of(world, None))).id)}


for name in ("get", "update", "delete"):
    sample(f"assessment.question.{name}", foreign=(foreign_question,))(own_question)


# Topics


async def own_attempt_topic(world: World) -> str:
    return f"attempt:{(await own_attempt(world))['attempt_id']}"


async def foreign_attempt_topic(world: World) -> str:
    return f"attempt:{(await foreign_attempt(world))['attempt_id']}"


async def assessment_topic(world: World) -> str:
    return f"assessment:{(await own_assessment(world))['assessment_id']}"


async def foreign_assessment_topic(world: World) -> str:
    return f"assessment:{(await foreign_assessment(world))['assessment_id']}"


async def taught_attempt_topic(world: World) -> str:
    return f"attempt:{(await taught_attempt(world))['attempt_id']}"


TOPICS["attempt"] = TopicSample({"user": own_attempt_topic, "instructor": taught_attempt_topic}, foreign_attempt_topic)
TOPICS["assessment"] = TopicSample({"instructor": assessment_topic}, foreign_assessment_topic)
