"""Many at once at one attempt: two devices, two hundred submits beside the clock. One result, and nothing lost."""

import asyncio
import contextvars
from dataclasses import replace
from typing import Any

import pytest

from models.assessment import Attempt
from models.work import Work
from tests.exams import ALLOWANCE, Exam, beat, exam, later, ring
from tests.support import Client, Server, key

MANY = 200
START = "assessment.attempt.start"


@pytest.fixture
async def server(start_app: Any) -> Server:
    """One that does not limit how often anybody calls."""
    return await start_app(
        commands_burst=10_000, commands_per_second=10_000, socket_commands=1000, access_token_seconds=86_400
    )


async def begun(server: Server, **rules: Any) -> tuple[Exam, list[Client], dict[str, Any]]:
    """An attempt on several sockets of its owner's."""
    test = await exam(server, **rules)
    person, client = await test.taker()
    clients = [client, *[await server.connect(person) for _ in range(9)]]
    return test, clients, await test.start(client)


async def log_of(client: Client, attempt: dict[str, Any]) -> list[dict[str, Any]]:
    topic = f"attempt:{attempt['id']}"
    log = (await client.subscribe({topic: {"seq": 0}}))["topics"][topic]
    assert [one["params"]["seq"] for one in log["events"]] == list(range(1, log["seq"] + 1))
    return list(log["events"])


async def test_two_hundred_starts_at_once_begin_one_attempt(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    test = await exam(server)
    person, client = await test.taker()
    clients = [client, *[await server.connect(person) for _ in range(9)]]
    methods = server.app.dispatcher.registry.methods  # type: ignore[attr-defined]
    monkeypatch.setitem(methods, START, replace(methods[START], limit=None))
    calls = [one.request(START, assessment_id=test.id) for one in clients * (MANY // 10)]
    answers = await asyncio.gather(*calls)
    assert sum("result" in one for one in answers) == 1
    assert {one["error"]["data"]["kind"] for one in answers if "error" in one} == {"conflict"}
    assert await Attempt.filter(user_id=person.id).count() == 1


@pytest.mark.seed("S0-30")
async def test_two_hundred_submits_and_the_clock_at_once_give_one_result(server: Server) -> None:
    test, clients, attempt = await begun(server)
    for id_ in test.question_ids[:3]:
        await clients[0].call(
            "assessment.attempt.save_response", attempt_id=attempt["id"], question_id=id_, response=test.right(id_)
        )
    # Some submits arrive in time, some too late, and the clock has begun to ring.
    later(server, 3600 + ALLOWANCE - 0.15)
    calls = [one.request("assessment.attempt.submit", attempt_id=attempt["id"]) for one in clients * (MANY // 10)]
    answers, *_ = await asyncio.gather(asyncio.gather(*calls), *[ringing(server) for _ in range(3)])
    won = [one["result"] for one in answers if "result" in one]
    assert len(won) <= 1
    assert {one["error"]["data"]["kind"] for one in answers if "error" in one} <= {"invalid_state"}
    events = await log_of(clients[0], attempt)
    submitted = [one["params"]["data"] for one in events if one["method"] == "attempt.submitted"]
    assert len(submitted) == 1
    assert [one["method"] for one in events].count("attempt.graded") == 1
    assert submitted[0]["by"] == ("user" if won else "deadline")
    final = await clients[0].call("assessment.attempt.get", attempt_id=attempt["id"])
    assert (final["state"], final["result"]["sections"][0]["percentage"]) == ("graded", 100)


async def ringing(server: Server) -> None:
    """Let a clock ring again and again for a while, as each worker does."""
    for _ in range(10):
        await ring(server)
        await asyncio.sleep(0.02)


async def test_two_devices_that_save_at_once_end_with_the_newer_answer(server: Server) -> None:
    test, clients, attempt = await begun(server)
    id_ = test.question_ids[3]
    params = {"attempt_id": attempt["id"], "question_id": id_}
    calls = [
        clients[seq % 10].call("assessment.attempt.save_response", response=seq, seq=seq, **params)
        for seq in reversed(range(1, 101))
    ]
    answers = await asyncio.gather(*calls)
    state = await clients[0].call("assessment.attempt.get", attempt_id=attempt["id"])
    assert (state["responses"][id_]["response"], state["responses"][id_]["seq"], state["answered"]) == (100, 100, 1)
    # Each event is newer than the one before it, and tells exactly what was accepted.
    events = [one["params"]["data"] for one in await log_of(clients[1], attempt) if "saved" in one["method"]]
    seqs = [one["seq"] for one in events]
    assert seqs == sorted(set(seqs))
    assert [one["response"] for one in events] == seqs
    assert len(seqs) == sum(one["accepted"] for one in answers)
    assert max(seqs) == 100


async def test_a_save_that_is_sent_again_is_done_once(server: Server) -> None:
    test, clients, attempt = await begun(server)
    params = {"attempt_id": attempt["id"], "question_id": test.question_ids[0], "response": "a", "time_spent_ms": 1000}
    keyed = {**params, "idempotency_key": key()}
    first, *others = [await one.call("assessment.attempt.save_response", **keyed) for one in clients[:3]]
    assert others == [first, first]
    again = await clients[0].call("assessment.attempt.save_response", **{**params, "seq": 1})
    assert (again["accepted"], again["saved_at"]) == (False, first["saved_at"])
    state = await clients[0].call("assessment.attempt.get", attempt_id=attempt["id"])
    assert state["responses"][test.question_ids[0]]["time_spent_ms"] == 1000


async def test_a_clock_passes_over_what_a_save_holds_and_does_the_rest(server: Server) -> None:
    test, clients, attempt = await begun(server)
    _, other = await test.taker()
    await test.start(other)
    later(server, 3600 + ALLOWANCE)
    outside = contextvars.Context()

    async def held(_work: Work) -> None:
        await Attempt.locked().get(id=attempt["id"])
        await asyncio.create_task(ring(server), context=outside)

    await test.world.act(held)
    states = [(await one.call("assessment.attempt.list"))["items"][0]["state"] for one in (clients[0], other)]
    assert states == ["in_progress", "graded"]
    await ring(server)
    assert (await clients[0].call("assessment.attempt.list"))["items"][0]["state"] == "graded"


async def test_an_attempt_that_cannot_be_dealt_with_does_not_keep_the_others_from_ending(server: Server) -> None:
    test, _, broken = await begun(server)
    _, other = await test.taker()
    later(server, 1)
    sound = await test.start(other)
    await Attempt.filter(id=broken["id"]).update(layout=[{"broken": True}])
    later(server, 3600 + ALLOWANCE)
    failures = 0
    while (await Attempt.get(id=sound["id"])).is_open:
        try:
            await beat(server, failures + 1)
            failures = 0
        except KeyError:
            failures += 1
        assert failures < 5
    assert (await Attempt.get(id=broken["id"])).state == "in_progress"
    # Other tests of this run read all attempts.
    await Attempt.filter(id=broken["id"]).delete()
