"""The clock belongs to the server: deadlines, warnings, ticks, grace, pauses, and time that is given while it runs."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest

from models.assessment import Attempt
from tests.exams import ALLOWANCE, Exam, at, exam, later, ring, soon
from tests.support import Client, RpcError, Server

HOUR = 3600


@pytest.fixture
async def server(start_app: Callable[..., Awaitable[Server]]) -> Server:
    """Its tokens outlive the exams, whose time the tests let pass."""
    return await start_app(access_token_seconds=7 * 86_400)


async def begun(server: Server, **rules: Any) -> tuple[Exam, Client, dict[str, Any]]:
    """An attempt that has begun, on a socket that follows it."""
    test = await exam(server, **rules)
    _, client = await test.taker()
    attempt = await test.start(client)
    await client.subscribe({f"attempt:{attempt['id']}": None})
    return test, client, attempt


async def save(test: Exam, client: Client, attempt: dict[str, Any], number: int = 0, **more: Any) -> Any:
    id_ = test.question_ids[number]
    params = {"attempt_id": attempt["id"], "question_id": id_, "response": test.right(id_), **more}
    return await client.call("assessment.attempt.save_response", **params)


async def refused(call: Any) -> RpcError:
    with pytest.raises(RpcError) as caught:
        await call
    return caught.value


async def told(client: Client) -> list[str]:
    """The logged events so far, by their names; a call that is answered after them is waited for."""
    await client.call("session.ping")
    return [one["method"] for one in client.logged]


async def now(client: Client, attempt: dict[str, Any]) -> Any:
    return await client.call("assessment.attempt.get", attempt_id=attempt["id"])


ENDED = ["attempt.expired", "attempt.submitted", "attempt.graded"]


async def test_the_clock_ends_an_attempt_once_its_time_and_the_allowance_are_over(server: Server) -> None:
    test, client, attempt = await begun(server)
    await save(test, client, attempt)
    later(server, HOUR)
    await ring(server)
    # What comes within the allowance for the network still counts, and keeps the state that is shown.
    saved = await save(test, client, attempt, 1)
    assert saved["remaining_seconds"] == 0
    await at(server, ALLOWANCE)
    await client.event("attempt.graded")
    state = await now(client, attempt)
    assert (state["state"], state["submitted_by"], state["answered"]) == ("graded", "deadline", 2)
    assert state["submitted_at"] == attempt["deadline_at"]
    assert (await told(client))[-3:] == ENDED
    await at(server, HOUR)
    assert (await told(client)).count("attempt.submitted") == 1


@pytest.mark.parametrize("method", ["save_response", "submit", "flag"])
async def test_a_command_that_comes_too_late_ends_the_attempt_and_is_refused(server: Server, method: str) -> None:
    test, client, attempt = await begun(server)
    await save(test, client, attempt)
    later(server, HOUR + ALLOWANCE + 1)
    more = {
        "save_response": {"question_id": test.question_ids[1], "response": test.right(test.question_ids[1])},
        "submit": {},
        "flag": {"question_id": test.question_ids[0], "flagged": True},
    }
    error = await refused(client.call(f"assessment.attempt.{method}", attempt_id=attempt["id"], **more[method]))
    assert (error.kind, error.data["state"]) == ("invalid_state", "graded")
    state = await now(client, attempt)
    assert (state["state"], state["submitted_by"], state["answered"]) == ("graded", "deadline", 1)
    await ring(server)
    names = await told(client)
    assert names[-3:] == ENDED
    assert names.count("attempt.submitted") == 1


async def test_in_the_grace_period_a_person_may_still_submit(server: Server) -> None:
    rules = {"overdue_handling": "graceperiod", "grace_period_seconds": 120, "time_limit_seconds": 600}
    test, client, attempt = await begun(server, **rules)
    await at(server, 601)
    expired = (await client.event("attempt.expired"))["params"]["data"]
    assert expired["state"] == "grace"
    state = await now(client, attempt)
    assert (state["state"], state["remaining_seconds"]) == ("grace", 0)
    assert state["grace_until"] == expired["grace_until"]
    assert _moment(state["grace_until"]) - _moment(attempt["deadline_at"]) == 120
    await save(test, client, attempt)
    done = await client.call("assessment.attempt.submit", attempt_id=attempt["id"])
    assert (done["state"], done["submitted_by"]) == ("graded", "user")


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


async def test_after_the_grace_period_the_clock_ends_it(server: Server) -> None:
    rules = {"overdue_handling": "graceperiod", "grace_period_seconds": 120, "time_limit_seconds": 600}
    _, client, attempt = await begun(server, **rules)
    await at(server, 601)
    await at(server, 120 + ALLOWANCE)
    state = await now(client, attempt)
    assert (state["state"], state["submitted_by"]) == ("graded", "deadline")
    assert _moment(state["submitted_at"]) - _moment(attempt["deadline_at"]) == 120
    assert [one for one in await told(client) if one != "attempt.warning"] == ["attempt.expired", *ENDED]


async def test_where_late_attempts_do_not_count_they_are_abandoned(server: Server) -> None:
    test, client, attempt = await begun(server, overdue_handling="autoabandon", time_limit_seconds=60, max_attempts=2)
    await save(test, client, attempt)
    await at(server, 60 + ALLOWANCE)
    state = await now(client, attempt)
    assert (state["state"], state["submitted_at"], state["result"]) == ("abandoned", None, None)
    assert (await told(client))[-1] == "attempt.expired"
    view = await client.call("assessment.get", assessment_id=test.id)
    assert (view["attempts_left"], view["current_attempt_id"], view["grade"]) == (1, None, None)


async def test_warnings_come_once_each_and_not_for_what_is_past(server: Server) -> None:
    _, client, _ = await begun(server, time_limit_seconds=700)
    for seconds in (99, 2, 298, 2, 0, 100):
        await at(server, seconds)
        await ring(server)
    await client.call("session.ping")
    warnings = [one["params"]["data"]["remaining_seconds"] for one in client.logged]
    assert warnings == [600, 300]
    await at(server, 180)
    await client.until(3)
    assert [one["params"]["data"]["remaining_seconds"] for one in client.logged] == [600, 300, 60]


async def test_a_pause_stops_the_time_and_gives_it_back(server: Server) -> None:
    test, client, attempt = await begun(server, pausing=True)
    later(server, 600)
    paused = await client.call("assessment.attempt.pause", attempt_id=attempt["id"])
    left = paused["remaining_seconds"]
    assert (paused["state"], paused["deadline_at"]) == ("paused", None)
    assert 2990 <= left <= 3000
    await at(server, 7200 - 4000)
    assert (await refused(save(test, client, attempt))).data["state"] == "paused"
    error = await refused(client.call("assessment.attempt.pause", attempt_id=attempt["id"]))
    assert error.data["state"] == "paused"
    resumed = await client.call("assessment.attempt.resume", attempt_id=attempt["id"])
    assert resumed["state"] == "in_progress"
    assert resumed["remaining_seconds"] == left
    assert _moment(resumed["deadline_at"]) > _moment(attempt["deadline_at"]) + 3000
    assert await told(client) == ["attempt.paused", "attempt.resumed"]


async def test_a_paused_attempt_ends_when_its_window_closes(server: Server) -> None:
    test, client, attempt = await begun(server, pausing=True, closes_at=soon(server, 1800))
    assert attempt["remaining_seconds"] <= 1800
    await client.call("assessment.attempt.pause", attempt_id=attempt["id"])
    await at(server, 1800 + ALLOWANCE)
    assert (await now(client, attempt))["state"] == "graded"
    assert (await refused(test.start(client))).data["state"] == "closed"


async def test_what_may_not_be_paused_is_not(server: Server) -> None:
    _, client, attempt = await begun(server)
    assert (await refused(client.call("assessment.attempt.pause", attempt_id=attempt["id"]))).kind == "invalid_state"
    assert (await refused(client.call("assessment.attempt.resume", attempt_id=attempt["id"]))).kind == "invalid_state"


# Accommodations


async def test_extra_time_reaches_a_running_attempt_at_once(server: Server) -> None:
    test, client, attempt = await begun(server)
    row = await Attempt.get(id=attempt["id"])
    whom = {"assessment_id": test.id, "user_id": str(row.user_id)}
    await test.author.call("assessment.accommodation.set", multiplier=1.5, extra_time_seconds=60, **whom)
    changed = (await client.event("attempt.deadline_changed"))["params"]["data"]
    assert _moment(changed["deadline_at"]) - _moment(attempt["deadline_at"]) == HOUR / 2 + 60
    assert changed["reason"] == "accommodation"
    time = await client.call("assessment.attempt.time", attempt_id=attempt["id"])
    assert time["deadline_at"] == changed["deadline_at"]
    await at(server, HOUR + ALLOWANCE)
    assert (await now(client, attempt))["state"] == "in_progress"
    # Less than it was takes effect too; what is taken back altogether does not: nobody loses the time that they have.
    (listed,) = (await test.author.call("assessment.accommodation.list", assessment_id=test.id))["items"]
    await test.author.call("assessment.accommodation.remove", accommodation_id=listed["id"])
    assert (await client.call("assessment.attempt.time", attempt_id=attempt["id"]))["deadline_at"] == time[
        "deadline_at"
    ]


async def test_time_given_in_the_grace_period_lets_it_run_again(server: Server) -> None:
    rules = {"overdue_handling": "graceperiod", "grace_period_seconds": 600, "time_limit_seconds": 60}
    test, client, attempt = await begun(server, **rules)
    await at(server, 61)
    assert (await now(client, attempt))["state"] == "grace"
    row = await Attempt.get(id=attempt["id"])
    whom = {"assessment_id": test.id, "user_id": str(row.user_id)}
    await test.author.call("assessment.accommodation.set", extra_time_seconds=120, **whom)
    assert (await client.event("attempt.deadline_changed"))["params"]["data"]["state"] == "in_progress"
    assert (await now(client, attempt))["remaining_seconds"] > 100


async def test_without_extend_running_only_the_next_attempt_gets_it(server: Server) -> None:
    test, client, attempt = await begun(server, max_attempts=1)
    row = await Attempt.get(id=attempt["id"])
    whom = {"assessment_id": test.id, "user_id": str(row.user_id)}
    more = {"extra_attempts": 1, "extra_time_seconds": 60, "extend_running": False}
    await test.author.call("assessment.accommodation.set", **more, **whom)
    assert (await now(client, attempt))["deadline_at"] == attempt["deadline_at"]
    await client.call("assessment.attempt.submit", attempt_id=attempt["id"])
    second = await test.start(client)
    assert (second["number"], second["remaining_seconds"]) == (2, HOUR + 60)


async def test_another_window_and_an_unlocked_door(server: Server) -> None:
    test = await exam(server, opens_at=soon(server, 7200), closes_at=soon(server, 9000), access_code="open sesame")
    person, client = await test.taker()
    assert (await refused(test.start(client))).data["state"] == "not_open"
    whom = {"assessment_id": test.id, "user_id": person.id}
    await test.author.call("assessment.accommodation.set", opens_at=soon(server, -60), **whom)
    assert (await refused(test.start(client))).kind == "forbidden"
    assert (await refused(test.start(client, access_code="open barley"))).kind == "forbidden"
    await test.author.call("assessment.accommodation.set", unlocked=True, opens_at=None, **whom)
    assert (await test.start(client))["remaining_seconds"] == HOUR


# Ticks


async def test_ticks_come_from_the_process_where_somebody_listens(server: Server) -> None:
    _, client, attempt = await begun(server, time_limit_seconds=700)
    countdowns = server.app.countdowns  # type: ignore[attr-defined]
    async with asyncio.timeout(10):
        while f"attempt:{attempt['id']}" not in countdowns._kinds["attempt"].known:
            await asyncio.sleep(0.01)
    later(server, 101)
    tick = (await client.event("attempt.tick"))["params"]
    assert "seq" not in tick
    assert tick["data"]["attempt_id"] == attempt["id"]
    assert 590 <= tick["data"]["remaining_seconds"] <= 600
    later(server, tick["data"]["remaining_seconds"] - 10)
    last = [(await client.event("attempt.tick"))["params"]["data"]["remaining_seconds"] for _ in range(2)]
    assert last[0] - last[1] == 1
    assert last[0] <= 10
    # Once it is over nothing ticks.
    await client.call("assessment.attempt.submit", attempt_id=attempt["id"])
    async with asyncio.timeout(10):
        while countdowns._kinds["attempt"].known[f"attempt:{attempt['id']}"].deadline is not None:
            await asyncio.sleep(0.01)


async def test_a_client_whose_clock_is_wrong_by_a_year_reads_the_servers(server: Server) -> None:
    _, client, attempt = await begun(server)
    time = await client.call("assessment.attempt.time", attempt_id=attempt["id"])
    assert _moment(time["deadline_at"]) - _moment(time["server_time"]) == pytest.approx(
        time["remaining_seconds"], abs=1.01
    )
    # Nothing that a client sends has a moment in it.
    error = await refused(
        client.call("assessment.attempt.submit", attempt_id=attempt["id"], submitted_at="2020-01-01T00:00:00Z")
    )
    assert error.data["details"] == {"submitted_at": ["Unknown parameter."]}


@pytest.mark.parametrize("most", [1, 2])
async def test_beginning_anew_ends_what_has_run_out_unnoticed(server: Server, most: int) -> None:
    test, client, attempt = await begun(server, max_attempts=most)
    later(server, HOUR + ALLOWANCE + 1)
    if most == 1:
        assert (await refused(test.start(client))).data["state"] == "no_attempts_left"
    else:
        assert (await test.start(client))["number"] == 2
    first = await now(client, attempt)
    assert (first["state"], first["submitted_by"]) == ("graded", "deadline")


async def test_an_assessment_stands_for_its_last_attempt_also_when_that_is_over(server: Server) -> None:
    test, client, attempt = await begun(server)
    await at(server, HOUR + ALLOWANCE)
    params = {"assessment_id": test.id, "question_id": test.question_ids[0], "response": "b"}
    error = await refused(client.call("assessment.attempt.save_response", **params))
    assert (error.kind, error.data["state"]) == ("invalid_state", "graded")
    state = await client.call("assessment.attempt.get", assessment_id=test.id)
    assert (state["id"], state["state"]) == (attempt["id"], "graded")
