"""Who reads an attempt, and what each of them sees: its owner what is open now, instructors and admins everything."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import pytest

from models.account.administration import set_roles
from tests.exams import CANARY, QUESTIONS, WEIGHT, Exam, exam
from tests.support import Client, Person, RpcError, Server

METHODS = ("assessment.attempt.get", "assessment.attempt.review")
CLOSED: dict[str, list[str]] = {"during": [], "after_submit": [], "after_close": []}
EVERYTHING = ["correctness", "rationale", "right_answer", "score"]


@dataclass
class Class:
    """An exam whose policy opens nothing, somebody who is taking it, and their first answer."""

    exam: Exam
    learner: Person
    client: Client
    attempt_id: str

    async def answer(self, number: int, *, right: bool) -> None:
        id_ = self.exam.question_ids[number]
        value = self.exam.right(id_) if right else self.exam.wrong(id_)
        params = {"attempt_id": self.attempt_id, "question_id": id_, "response": value}
        await self.client.call("assessment.attempt.save_response", **params)

    async def read(self, client: Client) -> dict[str, Any]:
        """What each of the methods answers: a result, or the kind of the error."""
        answers = {name: await client.request(name, attempt_id=self.attempt_id) for name in METHODS}
        return {
            name: one["result"] if "result" in one else one["error"]["data"]["kind"] for name, one in answers.items()
        }

    async def person(self, *roles: str) -> Client:
        return await self.exam.server.connect(await self.exam.world.person("Some Body", roles, verified=True))


async def class_of(server: Server, **rules: Any) -> Class:
    test = await exam(server, **{"review_policy": CLOSED, "passing_percentage": 50.0, **rules})
    learner, client = await test.taker()
    attempt = await test.start(client)
    one = Class(test, learner, client, attempt["id"])
    await one.answer(0, right=True)
    return one


def shown(review: dict[str, Any]) -> dict[str, Any]:
    return {one["question_id"]: one for one in review["answers"]}


@pytest.mark.parametrize("reader", ["instructor", "admin"])
async def test_instructors_and_admins_read_answers_marks_and_keys(server: Server, reader: str) -> None:
    one = await class_of(server)
    client = one.exam.author if reader == "instructor" else await one.person("admin")
    state, review = (await one.read(client)).values()
    first, second = one.exam.question_ids[:2]
    assert state["responses"][first]["response"] == one.exam.right(first)
    assert len(state["items"]) == len(review["items"]) == len(QUESTIONS)
    assert (review["shown"], state["result"]) == (EVERYTHING, None)
    answers = shown(review)
    assert (answers[first]["correctness"], answers[first]["score"], answers[first]["points"]) == (1, WEIGHT, WEIGHT)
    assert (answers[second]["response"], answers[second]["correctness"], answers[second]["score"]) == (None, 0, 0)
    assert {CANARY in answer["rationale"] for answer in answers.values()} == {True}
    assert {answer["right_answer"] is not None for answer in answers.values()} == {True}
    # Once it is over, the result too, whatever the learner may see of it.
    done = await one.client.call("assessment.attempt.submit", attempt_id=one.attempt_id)
    assert done["result"] is None
    for read in (await one.read(client)).values():
        assert read["result"]["passed"] is False
        assert read["result"]["score"] == WEIGHT


async def test_the_learner_sees_what_is_open_as_before(server: Server) -> None:
    one = await class_of(server)
    state, review = (await one.read(one.client)).values()
    assert (review["shown"], state["result"]) == ([], None)
    assert CANARY not in orjson.dumps([state, review]).decode()


async def test_of_the_learner_nothing_is_shown_but_who_they_are(server: Server) -> None:
    one = await class_of(server)
    answers = await one.read(one.exam.author)
    assert {answer["user_id"] for answer in answers.values()} == {one.learner.id}
    assert one.learner.email not in orjson.dumps(answers).decode()
    mine, theirs = await one.read(one.client), answers
    assert {name: view.keys() for name, view in mine.items()} == {name: view.keys() for name, view in theirs.items()}


async def test_others_do_not_find_it(server: Server) -> None:
    one = await class_of(server)
    for client in (await one.person("instructor"), await one.person(), await one.person("employer", "consultant")):
        assert await one.read(client) == dict.fromkeys(METHODS, "not_found")
    # Nor does the instructor of the assessment write in it.
    for name in ("pause", "resume", "submit", "time"):
        answer = await one.exam.author.request(f"assessment.attempt.{name}", attempt_id=one.attempt_id)
        assert answer["error"]["data"]["kind"] == "not_found"


async def test_a_dismissed_instructor_reads_it_no_more(server: Server) -> None:
    one = await class_of(server)
    ivan = UUID(one.exam.instructor.id)
    assert "not_found" not in (await one.read(one.exam.author)).values()
    await one.exam.world.act(lambda work: set_roles(work, None, ivan, []))
    again = await server.connect(one.exam.instructor)
    for client in (one.exam.author, again):
        assert await one.read(client) == dict.fromkeys(METHODS, "not_found")
    await one.exam.world.act(lambda work: set_roles(work, None, ivan, ["instructor"]))
    for client in (one.exam.author, again):
        assert "not_found" not in (await one.read(client)).values()


@pytest.mark.parametrize("navigation", ["free", "sequential", "no_backtrack"])
async def test_instructors_see_all_questions_also_of_a_paused_attempt(server: Server, navigation: str) -> None:
    one = await class_of(server, navigation=navigation, pausing=True)
    await one.client.call("assessment.attempt.pause", attempt_id=one.attempt_id)
    state, review = (await one.read(one.exam.author)).values()
    assert len(state["items"]) == len(review["items"]) == len(QUESTIONS)
    state, review = (await one.read(one.client)).values()
    assert (state["items"], review["items"]) == ([], [])


async def test_instructors_take_their_own_exam_as_learners_do(server: Server) -> None:
    test = await exam(server, review_policy=CLOSED, navigation="sequential")
    attempt = await test.start(test.author)
    ids = {
        "get": [{"attempt_id": attempt["id"]}, {"assessment_id": test.id}],
        "review": [{"attempt_id": attempt["id"]}],
    }
    for name, ways in ids.items():
        for way in ways:
            answer = await test.author.call(f"assessment.attempt.{name}", **way)
            assert len(answer["items"]) == 1
            assert CANARY not in orjson.dumps(answer).decode()


async def test_an_assessment_stands_for_one_s_own_attempt_alone(server: Server) -> None:
    one = await class_of(server)
    with pytest.raises(RpcError) as caught:
        await one.exam.author.call("assessment.attempt.get", assessment_id=one.exam.id)
    assert caught.value.kind == "not_found"


async def test_attempts_at_what_was_deleted_are_still_read(server: Server) -> None:
    one = await class_of(server)
    await one.exam.author.call("assessment.delete", assessment_id=one.exam.id)
    assert "not_found" not in (await one.read(one.exam.author)).values()


async def test_a_learner_s_answers_reach_the_instructor_who_follows_the_attempt(server: Server) -> None:
    one = await class_of(server)
    topic = f"attempt:{one.attempt_id}"
    assert "error" not in (await one.exam.author.subscribe({topic: None}))["topics"][topic]
    await one.answer(1, right=False)
    event = (await one.exam.author.event("attempt.response_saved"))["params"]["data"]
    assert event["response"] == one.exam.wrong(one.exam.question_ids[1])
    stranger = await one.person("instructor")
    assert "error" in (await stranger.subscribe({topic: None}))["topics"][topic]
