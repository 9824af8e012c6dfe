"""Keys, rationales and weights leave the server in no reply and no event before the review policy opens them."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from server.compose.domains import MODULES
from server.kernel.registry import Method, Registry
from tests.contract.samples import SAMPLES, World
from tests.exams import CANARY, QUESTIONS, WEIGHT, Exam, exam, later, soon
from tests.support import Client, Server

REGISTRY = Registry.of(MODULES)
METHODS = [one for name, one in sorted(REGISTRY.methods.items()) if not one.access.internal]
DISRUPTIVE = {"session.authenticate", "rpc.discover", "assessment.attempt.pause"}
CLOSED = {"during": [], "after_submit": [], "after_close": []}
TELLING = {"key", "right_answer", "rationale", "points", "score", "correctness", "percentage", "max_score", "tolerance",
           "scoring", "method", "pairs", "passed", "grade", "result"}  # fmt: skip
"""Members that may be there only without a value."""


@pytest.fixture
async def server(start_app: Any) -> Server:
    return await start_app(commands_burst=10_000, commands_per_second=10_000, queries_burst=10_000)


def members(value: Any) -> Iterator[tuple[str, Any]]:
    """All members of all objects in a JSON value."""
    if isinstance(value, dict):
        yield from value.items()
        for one in value.values():
            yield from members(one)
    elif isinstance(value, list):
        for one in value:
            yield from members(one)


def told(message: Any) -> list[str]:
    """What a message tells that it must not."""
    text = orjson.dumps(message).decode()
    found = [secret for secret in (CANARY, str(WEIGHT)) if secret in text]
    return found + [name for name, value in members(message) if name in TELLING and value is not None]


def known(test: Exam, attempt: dict[str, Any], person_id: str) -> dict[str, Any]:
    """Values for the params of any method, of what the exam's secrets are in."""
    id_ = test.question_ids[4]
    return {
        "attempt_id": attempt["id"],
        "assessment_id": test.id,
        "question_id": id_,
        "bank_id": test.bank_id,
        "user_id": person_id,
        "response": "an answer",
        "responses": [{"question_id": id_, "response": "another"}],
        "flagged": True,
    }


async def params_of(method: Method, values: dict[str, Any], world: World) -> list[dict[str, Any]]:
    """The method's params with these values, and each way in which exactly one of two ids is given."""
    fields = method.params.model_fields
    params = {**await SAMPLES[method.name].params(world), **{name: values[name] for name in fields if name in values}}
    if {"attempt_id", "assessment_id"} <= fields.keys():
        return [{k: v for k, v in params.items() if k != one} for one in ("attempt_id", "assessment_id")]
    return [params]


async def leaks(test: Exam, client: Client, attempt: dict[str, Any], person: Any, ending: set[str]) -> list[str]:
    """Call everything, and say what told too much: the methods that end things last."""
    world = World(test.server, person, frozenset({"user"}), verified=True)
    values = known(test, attempt, person.id)
    found = []
    about = [one for one in METHODS if one.name.startswith("assessment.") and one.name not in DISRUPTIVE]
    for method in sorted(about, key=lambda one: one.name in ending):
        for params in await params_of(method, values, world):
            response = await client.request(method.name, **params)
            found += [f"{method.name}: {what}" for what in told(response.get("result", response.get("error")))]
    return found


async def test_nothing_is_told_before_its_time_whatever_is_called(server: Server) -> None:
    test = await exam(server, review_policy=CLOSED, passing_percentage=50.0)
    person, client = await test.taker()
    attempt = await test.start(client)
    topics = [f"attempt:{attempt['id']}", person.topic, f"assessment:{test.id}"]
    answers = await client.subscribe(dict.fromkeys(topics))
    assert "error" in answers["topics"][f"assessment:{test.id}"]
    assert told(attempt) == []
    for id_ in test.question_ids:
        params = {"attempt_id": attempt["id"], "question_id": id_, "response": test.right(id_)}
        assert told(await client.call("assessment.attempt.save_response", **params)) == []
    # While it runs; the submit comes last.
    assert await leaks(test, client, attempt, person, {"assessment.attempt.submit"}) == []
    done = await client.call("assessment.attempt.get", attempt_id=attempt["id"])
    assert done["state"] == "graded"
    # Once it is over, and the policy opens nothing.
    assert await leaks(test, client, attempt, person, set()) == []
    await client.call("session.ping")
    assert "attempt.graded" in {one["method"] for one in client.events}
    assert [what for one in client.events if one["method"] != "session.ready" for what in told(one["params"])] == []


async def test_to_people_who_only_look_nothing_is_told(server: Server) -> None:
    test = await exam(server)
    _, taker = await test.taker()
    attempt = await test.start(taker)
    other = await test.world.person("Nosy Parker", ["user", "instructor", "employer"], verified=True)
    client = await server.connect(other)
    assert (
        "error"
        in (await client.subscribe({f"attempt:{attempt['id']}": {"seq": 0}}))["topics"][f"attempt:{attempt['id']}"]
    )
    values = known(test, attempt, other.id)
    for name in ("get", "update", "delete"):
        error = await client.request(f"assessment.question.{name}", question_id=values["question_id"])
        assert error["error"]["data"]["kind"] == "not_found"
    listed = [await client.call(f"assessment.{what}.list") for what in ("question", "bank")]
    assert CANARY not in orjson.dumps(listed).decode()
    view = await client.call("assessment.get", assessment_id=test.id)
    assert view["authoring"] is None
    assert str(WEIGHT) not in orjson.dumps(view).decode()


@pytest.mark.parametrize("what", ["correctness", "score", "right_answer", "rationale"])
async def test_what_the_policy_opens_is_shown_and_nothing_else(server: Server, what: str) -> None:
    test = await exam(server, review_policy={**CLOSED, "after_submit": [what]})
    _, client = await test.taker()
    attempt = await test.start(client)
    id_ = test.question_ids[4]
    await client.call(
        "assessment.attempt.save_response", attempt_id=attempt["id"], question_id=id_, response=test.right(id_)
    )
    closed = await client.call("assessment.attempt.review", attempt_id=attempt["id"])
    assert (closed["shown"], told(closed)) == ([], [])
    await client.call("assessment.attempt.submit", attempt_id=attempt["id"])
    opened = await client.call("assessment.attempt.review", attempt_id=attempt["id"])
    assert opened["shown"] == [what]
    answer = next(one for one in opened["answers"] if one["question_id"] == id_)
    right = {
        "correctness": 1.0,
        "score": WEIGHT,
        "right_answer": {"accepted": [CANARY]},
        "rationale": QUESTIONS[4]["asked"]["rationale"],
    }
    assert (opened["result"] is not None) == (what == "score")
    for name, value in right.items():
        shown = answer[name]
        if name == "right_answer" and shown is not None:
            shown = {member: one for member, one in shown.items() if one is not None}
        assert shown == (value if name == what else None)


async def test_the_policy_of_the_window_opens_when_it_closes(server: Server) -> None:
    policy = {**CLOSED, "after_close": ["score", "right_answer"]}
    test = await exam(server, review_policy=policy, closes_at=soon(server, 1800))
    _, client = await test.taker()
    attempt = await test.start(client)
    done = await client.call("assessment.attempt.submit", attempt_id=attempt["id"])
    assert done["result"] is None
    assert (await client.call("assessment.get", assessment_id=test.id))["grade"] is None
    later(server, 1801)
    assert (await client.call("assessment.attempt.review", attempt_id=attempt["id"]))["shown"] == [
        "right_answer",
        "score",
    ]
    assert (await client.call("assessment.get", assessment_id=test.id))["grade"] == {"percentage": 0.0, "passed": None}
