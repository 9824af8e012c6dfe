"""What instructors make and what people find: packages, banks, versions, drawing, shuffling, rules that are kept."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from models.assessment import PackageAccess, Question, QuestionVersion
from server.cli.demo import load_demo
from tests.conftest import Backing
from tests.contract.samples import World
from tests.exams import QUESTIONS, Exam, choices, exam, soon
from tests.support import Client, RpcError, Server


async def refused(client: Client, method: str, **params: Any) -> RpcError:
    with pytest.raises(RpcError) as caught:
        await client.call(method, **params)
    return caught.value


SINGLE = QUESTIONS[0]["asked"]


# Packages


@pytest.mark.seed("S0-24", "S0-25")
async def test_packages_are_found_by_everybody_and_opened_by_a_purchase(server: Server) -> None:
    test = await exam(server)
    price = {"amount": 500_000, "currency": "NGN"}
    made = await test.author.call("assessment.package.create", title="NCLEX", category="nursing", price=price)
    await test.author.call("assessment.update", assessment_id=test.id, package_id=made["id"])
    guest = await server.connect()
    listed = (await guest.call("assessment.package.list", filter={"category": "nursing", "free": False}))["items"]
    (package,) = [one for one in listed if one["id"] == made["id"]]
    assert (package["price"], package["access"]) == (price, "locked")
    detail = await guest.call("assessment.package.get", package_id=made["id"])
    assert [one["id"] for one in detail["assessments"]] == [test.id]
    person, client = await test.taker()
    error = await refused(client, "assessment.attempt.start", assessment_id=test.id)
    assert (error.code, error.data["product_id"]) == (-32040, made["product_id"])

    async def pay(work: Any) -> None:
        await PackageAccess.grant(work, UUID(made["id"]), UUID(person.id), "a payment")

    await test.world.act(pay)
    await test.world.act(pay)
    bought = (await client.call("assessment.package.list", filter={"purchased": True}))["items"]
    assert [(one["id"], one["access"]) for one in bought] == [(made["id"], "purchased")]
    attempt = await test.start(client)
    await test.world.act(lambda work: PackageAccess.revoke(work, UUID(made["id"]), UUID(person.id)))
    await client.call("assessment.attempt.submit", attempt_id=attempt["id"])
    assert (await refused(client, "assessment.attempt.start", assessment_id=test.id)).kind == "payment_required"
    # Free again, it is open to everybody; the product stays what it was if it gets another price.
    await test.author.call("assessment.package.update", package_id=made["id"], price=None)
    await test.start(client)
    again = await test.author.call("assessment.package.update", package_id=made["id"], price={**price, "amount": 1})
    assert again["product_id"] == made["product_id"]
    error = await refused(test.author, "assessment.package.delete", package_id=made["id"])
    assert error.kind == "conflict"
    await test.author.call("assessment.publish", assessment_id=test.id, published=False)
    await test.author.call("assessment.package.delete", package_id=made["id"])
    assert (await refused(guest, "assessment.package.get", package_id=made["id"])).kind == "not_found"


# Looking


@pytest.mark.seed("S0-26", "S0-27")
async def test_what_is_published_is_listed_with_ones_own_standing(server: Server) -> None:
    test = await exam(server, max_attempts=2, category="a category of its own", passing_percentage=50.0)
    person, client = await test.taker()
    wanted = {"category": "a category of its own"}
    (found,) = (await client.call("assessment.list", filter=wanted))["items"]
    assert found == await client.call("assessment.get", assessment_id=test.id)
    assert (found["attempts_left"], found["question_count"], found["authoring"]) == (2, 7, None)
    whom = {"assessment_id": test.id, "user_id": person.id}
    await test.author.call("assessment.accommodation.set", extra_attempts=1, extra_time_seconds=60, **whom)
    attempt = await test.start(client)
    view = await client.call("assessment.get", assessment_id=test.id)
    assert (view["attempts_left"], view["allowed_seconds"], view["time_limit_seconds"]) == (2, 3660, 3600)
    assert view["current_attempt_id"] == attempt["id"]
    error = await refused(client, "assessment.attempt.start", assessment_id=test.id)
    assert (error.kind, error.data["attempt_id"]) == ("conflict", attempt["id"])
    await test.author.call("assessment.publish", assessment_id=test.id, published=False)
    assert (await client.call("assessment.list", filter=wanted))["items"] == []
    # The attempt that runs still reads its rules; for others there is nothing.
    assert (await client.call("assessment.get", assessment_id=test.id))["published"] is False
    _, other = await test.taker()
    assert (await refused(other, "assessment.get", assessment_id=test.id)).kind == "not_found"
    mine = (await test.author.call("assessment.list", filter={**wanted, "mine": True}))["items"]
    assert [one["id"] for one in mine] == [test.id]
    assert mine[0]["authoring"] is None
    whole = await test.author.call("assessment.get", assessment_id=test.id)
    assert [one["title"] for one in whole["authoring"]["sections"]] == ["First", "Second"]


async def test_the_grade_of_all_attempts_goes_by_the_grading_method(server: Server) -> None:
    test = await exam(server, grading_method="average", passing_percentage=60.0, max_attempts=2)
    _, client = await test.taker()
    for answered in (7, 0):
        attempt = await test.start(client)
        for id_ in test.question_ids[:answered]:
            params = {"attempt_id": attempt["id"], "question_id": id_, "response": test.right(id_)}
            await client.call("assessment.attempt.save_response", **params)
        await client.call("assessment.attempt.submit", attempt_id=attempt["id"])
    view = await client.call("assessment.get", assessment_id=test.id)
    assert view["grade"] == {"percentage": 50.0, "passed": False}
    error = await refused(client, "assessment.attempt.start", assessment_id=test.id)
    assert (error.kind, error.data["state"]) == ("invalid_state", "no_attempts_left")
    found = (await test.author.call("assessment.attempt.search", filter={"assessment_id": test.id}))["items"]
    assert [one["result"]["percentage"] for one in found] == [0.0, 100.0]
    assert (await test.author.call("assessment.attempt.search", filter={"state": "in_progress"}))["items"] == []


# Making


async def test_an_attempt_asks_the_version_that_was_there_when_it_began(server: Server) -> None:
    test = await exam(server)
    _, client = await test.taker()
    attempt = await test.start(client)
    id_ = test.question_ids[0]
    new = await test.author.call("assessment.question.update", question_id=id_, stem="Anew?", key={"options": ["a"]})
    assert (new["version"], new["stem"], new["key"]["options"]) == (2, "Anew?", ["a"])
    old = await test.author.call("assessment.question.get", question_id=id_, version=1)
    assert (old["stem"], old["key"]["options"]) == (SINGLE["stem"], ["b"])
    await test.author.call("assessment.question.delete", question_id=test.question_ids[1])
    same = await client.call("assessment.attempt.get", attempt_id=attempt["id"])
    assert same["items"] == attempt["items"]
    await client.call("assessment.attempt.save_response", attempt_id=attempt["id"], question_id=id_, response="b")
    done = await client.call("assessment.attempt.submit", attempt_id=attempt["id"])
    assert done["result"]["percentage"] == round(100 / 7, 10)
    # What was deleted cannot be asked any more, and the next one hears of it.
    assert (await refused(client, "assessment.attempt.start", assessment_id=test.id)).data[
        "state"
    ] == "too_few_questions"


async def test_questions_are_drawn_by_tag_and_difficulty_and_shuffled_once(server: Server) -> None:
    test = await exam(server)
    for number in range(20):
        kind = {
            "tags": ["even" if number % 2 == 0 else "odd", "drawn"],
            "difficulty": "hard" if number < 10 else "easy",
        }
        asked = {**SINGLE, "options": choices(*"abcdefgh"), "stem": f"Number {number}", **kind}
        await test.author.call("assessment.question.create", bank_id=test.bank_id, **asked)
    pick = {"bank_id": test.bank_id, "count": 4, "tags": ["even", "drawn"], "difficulty": "hard"}
    sections = [{"title": "Drawn", "picks": [pick, {"question_id": test.question_ids[2]}]}]
    shuffle = {"questions": True, "options": True}
    await test.author.call("assessment.update", assessment_id=test.id, sections=sections, shuffle=shuffle)
    seen = []
    for _ in range(6):
        _, client = await test.taker()
        attempt = await test.start(client)
        again = await client.call("assessment.attempt.get", assessment_id=test.id)
        assert (again["items"], again["layout"]) == (attempt["items"], attempt["layout"])
        drawn = [one for one in attempt["items"] if one["type"] == "single"]
        numbers = {int(one["stem"].removeprefix("Number ")) for one in drawn}
        assert len(numbers) == 4
        assert numbers <= {0, 2, 4, 6, 8}
        assert {option["id"] for option in drawn[0]["options"]} == set("abcdefgh")
        seen.append([(one["stem"], [option["id"] for option in one["options"]]) for one in attempt["items"]])
    assert len({str(one) for one in seen}) > 1
    more = [{"title": "Drawn", "picks": [{**pick, "count": 6}]}]
    error = await refused(test.author, "assessment.update", assessment_id=test.id, sections=more)
    assert (error.kind, error.data["state"]) == ("invalid_state", "too_few_questions")


async def test_questions_that_cannot_be_asked_name_all_that_is_wrong(server: Server) -> None:
    test = await exam(server)
    bad = {**SINGLE, "options": choices("a", "a"), "rows": choices("r"), "scoring": {"method": "plus_minus"}}
    error = await refused(test.author, "assessment.question.create", bank_id=test.bank_id, **bad)
    assert set(error.data["details"]) == {"options", "rows", "scoring.method"}
    stranger = await test.world.person("Ingrid Instructor", ["user", "instructor"])
    other = await server.connect(stranger)
    assert (await refused(other, "assessment.question.create", bank_id=test.bank_id, **SINGLE)).kind == "not_found"
    picks = [{"question_id": test.question_ids[0]}, {"bank_id": test.bank_id, "count": 2}]
    error = await refused(other, "assessment.create", title="Theirs", sections=[{"title": "All", "picks": picks}])
    assert set(error.data["details"]) == {"sections.0.picks.0.question_id", "sections.0.picks.1.bank_id"}
    error = await refused(test.author, "assessment.update", assessment_id=test.id, title="x", if_rev=99)
    assert (error.kind, error.data["current_rev"]) == ("stale_revision", 2)
    window = {"opens_at": soon(server, 60), "closes_at": soon(server, 30)}
    error = await refused(test.author, "assessment.update", assessment_id=test.id, **window)
    assert set(error.data["details"]) == {"closes_at"}
    for moment in ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"):
        error = await refused(test.author, "assessment.update", assessment_id=test.id, closes_at=moment)
        assert set(error.data["details"]) == {"closes_at"}
    empty = await test.author.call("assessment.create", title="Empty")
    error = await refused(test.author, "assessment.publish", assessment_id=empty["id"], published=True)
    assert error.data["state"] == "empty"


async def test_an_attempt_is_never_larger_than_a_frame(server: Server) -> None:
    test = await exam(server)
    ids = []
    for number in range(42):
        asked = {**SINGLE, "stem": f"{number}" + "x" * 9_990}
        made = await test.author.call("assessment.question.create", bank_id=test.bank_id, **asked)
        ids.append(made["id"])
    sections = [{"title": "All", "picks": [{"question_id": id_} for id_ in ids]}]
    error = await refused(test.author, "assessment.update", assessment_id=test.id, sections=sections)
    assert error.data["state"] == "too_large"
    sections[0]["picks"] = sections[0]["picks"][:35]  # type: ignore[index]
    await test.author.call("assessment.update", assessment_id=test.id, sections=sections)
    _, client = await test.taker()
    assert len((await test.start(client))["items"]) == 35


async def test_instructors_follow_their_assessment_and_its_attempts(server: Server) -> None:
    test = await exam(server)
    _, client = await test.taker()
    attempt = await test.start(client)
    topics = [f"assessment:{test.id}", f"attempt:{attempt['id']}"]
    answers = (await test.author.subscribe(dict.fromkeys(topics)))["topics"]
    assert not any("error" in one for one in answers.values())
    await test.author.call("assessment.update", assessment_id=test.id, title="Another title", description="And more")
    changed = (await test.author.event("assessment.updated"))["params"]["data"]
    assert (changed["fields"], changed["published"]) == (["description", "title"], True)
    await client.call("assessment.attempt.submit", attempt_id=attempt["id"])
    assert (await test.author.event("attempt.submitted"))["params"]["data"]["by"] == "user"
    await test.author.call("assessment.delete", assessment_id=test.id)
    assert (await refused(client, "assessment.get", assessment_id=test.id)).kind == "not_found"
    assert [one["id"] for one in (await client.call("assessment.attempt.list"))["items"]] == [attempt["id"]]
    assert (await client.call("assessment.attempt.review", attempt_id=attempt["id"]))["state"] == "graded"


# Answers that are not taken


async def answering(test: Exam, **rules: Any) -> tuple[Client, dict[str, Any]]:
    if rules:
        await test.author.call("assessment.update", assessment_id=test.id, **rules)
    _, client = await test.taker()
    return client, await test.start(client)


@pytest.mark.seed("S0-29")
async def test_answers_to_other_questions_of_others_and_of_another_shape(server: Server) -> None:
    test, other = await exam(server), await exam(server)
    client, attempt = await answering(test)
    save = "assessment.attempt.save_response"
    foreign = {"attempt_id": attempt["id"], "question_id": other.question_ids[0], "response": "b"}
    error = await refused(client, save, **foreign)
    assert error.data["details"] == {"question_id": ["This attempt does not ask this question."]}
    own = {**foreign, "question_id": test.question_ids[0]}
    error = await refused(client, save, **{**own, "response": ["b"]})
    assert error.data["details"] == {"response": ["This must be the id of one option."]}
    _, stranger = await test.taker()
    nowhere = {"assessment_id": test.id, "question_id": own["question_id"], "response": "b"}
    assert (await refused(stranger, save, **nowhere)).kind == "not_found"
    assert (await refused(stranger, save, **own)).kind == "not_found"
    error = await refused(client, save, **own, assessment_id=test.id)
    assert set(error.data["details"]) == {"attempt_id", "assessment_id"}
    state = await client.call("assessment.attempt.get", attempt_id=attempt["id"])
    assert (state["answered"], state["responses"]) == (0, {})


async def test_many_answers_at_once_are_taken_one_by_one(server: Server) -> None:
    test = await exam(server)
    client, attempt = await answering(test)
    await client.subscribe({f"attempt:{attempt['id']}": None})
    good = [{"question_id": id_, "response": test.right(id_), "seq": 5} for id_ in test.question_ids[:3]]
    bad = {"question_id": test.question_ids[3], "response": "three"}
    old = {**good[0], "response": "a", "seq": 4}
    sent = [good[0], bad, *good[1:], old]
    saved = await client.call("assessment.attempt.save_responses", attempt_id=attempt["id"], responses=sent)
    assert [one["accepted"] for one in saved["items"]] == [True, False, True, True, False]
    assert saved["items"][1]["error"]["kind"] == "validation_failed"
    assert saved["items"][4]["error"] is None
    assert saved["answered"] == 3
    assert len(await client.until(3)) == 3
    # An answer that is taken away counts no more.
    cleared = {"attempt_id": attempt["id"], "question_id": test.question_ids[0], "response": None}
    assert (await client.call("assessment.attempt.save_response", **cleared))["answered"] == 2
    too_many = [good[0]] * 101
    error = await refused(client, "assessment.attempt.save_responses", attempt_id=attempt["id"], responses=too_many)
    assert set(error.data["details"]) == {"responses"}


async def test_flags_are_told_to_the_other_devices(server: Server) -> None:
    test = await exam(server)
    client, attempt = await answering(test)
    await client.subscribe({f"attempt:{attempt['id']}": None})
    flag = {"attempt_id": attempt["id"], "question_id": test.question_ids[1]}
    assert (await client.call("assessment.attempt.flag", flagged=True, **flag))["flags"] == [test.question_ids[1]]
    told = (await client.event("attempt.response_saved"))["params"]["data"]
    assert (told["flags"], told["response"], told["seq"]) == ([test.question_ids[1]], None, None)
    assert (await client.call("assessment.attempt.flag", flagged=False, **flag))["flags"] == []


@pytest.mark.parametrize("navigation", ["sequential", "no_backtrack"])
async def test_where_the_order_is_not_free_it_is_kept(server: Server, navigation: str) -> None:
    test = await exam(server)
    client, attempt = await answering(test, navigation=navigation)
    save = "assessment.attempt.save_response"

    def answer(number: int, **more: Any) -> dict[str, Any]:
        id_ = test.question_ids[number]
        return {"attempt_id": attempt["id"], "question_id": id_, "response": test.right(id_), **more}

    assert (await refused(client, save, **answer(1))).kind == "invalid_state"
    await client.call(save, **answer(0))
    await client.call(save, **answer(1, response=None))
    await client.call(save, **answer(2))
    if navigation == "sequential":
        await client.call(save, **answer(1))
    else:
        assert (await refused(client, save, **answer(1))).kind == "invalid_state"
    assert (await client.call("assessment.attempt.get", attempt_id=attempt["id"]))["furthest"] == 2


# The demo data


async def test_the_demo_exam_can_be_passed(backing: Backing, start_app: Callable[..., Awaitable[Server]]) -> None:
    for _ in range(2):
        await asyncio.create_task(load_demo(backing.database_url), context=contextvars.Context())
    server = await start_app()
    world = World(server)
    client = await server.connect(await world.person("Lena Learner", verified=True))
    packages = (await client.call("assessment.package.list", filter={"category": "nursing"}))["items"]
    titles = {one["title"]: one for one in packages if one["title"] in {"NCLEX simulation", "Fundamentals of nursing"}}
    assert [titles[name]["access"] for name in sorted(titles)] == ["free", "locked"]
    detail = await client.call("assessment.package.get", package_id=titles["Fundamentals of nursing"]["id"])
    assert [one["question_count"] for one in detail["assessments"]] == [10, 5]
    attempt = await client.call("assessment.attempt.start", assessment_id=detail["assessments"][0]["id"])
    for item in attempt["items"]:
        question = await Question.get(id=item["question_id"])
        right = right_answer((await QuestionVersion.get(id=question.version_id)).key)
        params = {"attempt_id": attempt["id"], "question_id": item["question_id"], "response": right}
        await client.call("assessment.attempt.save_response", **params)
    done = await client.call("assessment.attempt.submit", attempt_id=attempt["id"])
    assert (done["result"]["percentage"], done["result"]["passed"]) == (100.0, True)
    # Its parts are each worth a point, where the NCLEX counts so.
    assert done["result"]["max_score"] == 1 + 3 + 1 + 1 + 1 + 1 + 1 + 4 + 1 + 1


def right_answer(key: dict[str, Any]) -> Any:
    """The answer that a key stands for; of one option its id alone."""
    if "options" in key:
        return key["options"][0] if len(key["options"]) == 1 else key["options"]
    if "accepted" in key:
        return key["accepted"][0]
    return next(value for name, value in key.items() if name in {"value", "order", "rows"})
