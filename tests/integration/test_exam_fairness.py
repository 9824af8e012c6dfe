"""An exam keeps its secrets: what may not be seen now is not delivered, and what is opened cannot be answered anew."""

from typing import Any

import pytest

from tests.exams import CANARY, QUESTIONS, exam
from tests.support import Client, RpcError, Server

PRACTICE = {"during": ["correctness", "score", "right_answer", "rationale"]}


async def refused(client: Client, method: str, **params: Any) -> RpcError:
    with pytest.raises(RpcError) as caught:
        await client.call(method, **params)
    return caught.value


async def seen(client: Client, attempt_id: str) -> tuple[list[str], list[str]]:
    """The questions that a state and a review show."""
    state = await client.call("assessment.attempt.get", attempt_id=attempt_id)
    review = await client.call("assessment.attempt.review", attempt_id=attempt_id)
    assert [one["question_id"] for one in review["items"]] == [one["question_id"] for one in state["items"]]
    return [one["question_id"] for one in state["items"]], [one["question_id"] for one in review["answers"]]


async def answer(client: Client, attempt_id: str, question_id: str, value: Any) -> Any:
    params = {"attempt_id": attempt_id, "question_id": question_id, "response": value}
    return await client.call("assessment.attempt.save_response", **params)


async def test_what_is_put_in_order_is_never_delivered_as_its_author_wrote_it_down(server: Server) -> None:
    test = await exam(server)
    options = [{"id": str(n), "text": f"Step {n}"} for n in range(12)]
    asked = {**QUESTIONS[5]["asked"], "options": options, "key": {"order": [one["id"] for one in options]}}
    made = await test.author.call("assessment.question.create", bank_id=test.bank_id, **asked)
    sections = [{"title": "Order", "picks": [{"question_id": made["id"]}]}]
    await test.author.call("assessment.update", assessment_id=test.id, sections=sections, shuffle={"options": False})
    _, client = await test.taker()
    (item,) = (await test.start(client))["items"]
    assert [one["id"] for one in item["options"]] != [one["id"] for one in options]


async def test_while_an_attempt_is_paused_nothing_of_it_is_delivered(server: Server) -> None:
    test = await exam(server, pausing=True, review_policy=PRACTICE)
    _, client = await test.taker()
    attempt = await test.start(client)
    await answer(client, attempt["id"], test.question_ids[0], test.right(test.question_ids[0]))
    paused = await client.call("assessment.attempt.pause", attempt_id=attempt["id"])
    assert "stem" not in str(paused)
    assert await seen(client, attempt["id"]) == ([], [])
    await client.call("assessment.attempt.resume", attempt_id=attempt["id"])
    assert len((await seen(client, attempt["id"]))[0]) == len(QUESTIONS)


@pytest.mark.parametrize("navigation", ["sequential", "no_backtrack"])
async def test_what_comes_later_or_lies_behind_is_not_delivered(server: Server, navigation: str) -> None:
    test = await exam(server, navigation=navigation, review_policy=PRACTICE)
    _, client = await test.taker()
    attempt = await test.start(client)
    order = [id_ for part in attempt["layout"] for id_ in part["question_ids"]]
    assert [one["question_id"] for one in attempt["items"]] == order[:1]
    for number, question_id in enumerate(order):
        await answer(client, attempt["id"], question_id, test.wrong(question_id))
        begin = number if navigation == "no_backtrack" else 0
        expected = order[begin : number + 2]
        assert await seen(client, attempt["id"]) == (expected, expected)
    await client.call("assessment.attempt.submit", attempt_id=attempt["id"])
    assert await seen(client, attempt["id"]) == (order, order)


async def test_practice_opens_what_is_answered_and_locks_it(server: Server) -> None:
    test = await exam(server, mode="practice", review_policy=PRACTICE)
    _, client = await test.taker()
    attempt = await test.start(client)
    first, *others = test.question_ids
    review = await client.call("assessment.attempt.review", attempt_id=attempt["id"])
    assert CANARY not in str(review)
    # Passing over is no answer.
    await answer(client, attempt["id"], first, None)
    assert CANARY not in str(await client.call("assessment.attempt.review", attempt_id=attempt["id"]))
    await answer(client, attempt["id"], first, test.wrong(first))
    review = await client.call("assessment.attempt.review", attempt_id=attempt["id"])
    by_id = {one["question_id"]: one for one in review["answers"]}
    assert (by_id[first]["correctness"], by_id[first]["right_answer"]["options"]) == (0, ["b"])
    closed = {by_id[id_][name] for id_ in others for name in ("correctness", "score", "rationale", "right_answer")}
    assert closed == {None}
    error = await refused(
        client,
        "assessment.attempt.save_response",
        attempt_id=attempt["id"],
        question_id=first,
        response=test.right(first),
    )
    assert (error.kind, error.data["state"]) == ("invalid_state", "answered")
    again = await client.call("assessment.attempt.review", attempt_id=attempt["id"])
    assert {one["question_id"]: one for one in again["answers"]}[first]["correctness"] == 0


async def test_an_exam_lets_answers_be_changed(server: Server) -> None:
    test = await exam(server)
    _, client = await test.taker()
    attempt = await test.start(client)
    first = test.question_ids[0]
    for value in (test.wrong(first), test.right(first)):
        await answer(client, attempt["id"], first, value)
    state = await client.call("assessment.attempt.get", attempt_id=attempt["id"])
    assert state["responses"][first]["response"] == test.right(first)


# Access codes


async def test_an_access_code_is_compared_as_it_is_typed_and_not_guessed(server: Server) -> None:
    test = await exam(server, publish=False)
    change = {"assessment_id": test.id}
    error = await refused(test.author, "assessment.update", **change, access_code="short")
    assert set(error.data["details"]) == {"access_code"}
    await test.author.call("assessment.update", **change, access_code="rock \u2018n\u2019 roll")
    await test.author.call("assessment.publish", **change, published=True)
    _, guesser = await test.taker()
    kinds = [
        (await refused(guesser, "assessment.attempt.start", **change, access_code=f"guess {number}")).kind
        for number in range(8)
    ]
    assert kinds[:5] == ["forbidden"] * 5
    assert kinds[-1] == "rate_limited"
    # Who guesses keeps nobody else out.
    _, client = await test.taker()
    assert (await test.start(client, access_code=" rock 'n'  roll"))["items"]


# What is asked


async def test_a_question_that_is_picked_twice_is_refused_when_it_is_said(server: Server) -> None:
    test = await exam(server, publish=False)
    twice = {"question_id": test.question_ids[0]}
    sections = [{"title": "One", "picks": [twice]}, {"title": "Two", "picks": [{**twice, "points": 2}]}]
    error = await refused(test.author, "assessment.update", assessment_id=test.id, sections=sections)
    assert set(error.data["details"]) == {"sections.1.picks.0.question_id"}


async def test_a_running_attempt_still_reads_its_assessment_after_it_is_withdrawn(server: Server) -> None:
    test = await exam(server)
    _, client = await test.taker()
    _, other = await test.taker()
    attempt = await test.start(client)
    await test.author.call("assessment.publish", assessment_id=test.id, published=False)
    assert (await client.call("assessment.get", assessment_id=test.id))["current_attempt_id"] == attempt["id"]
    assert (await refused(other, "assessment.get", assessment_id=test.id)).kind == "not_found"
    await client.call("assessment.attempt.submit", attempt_id=attempt["id"])
    assert (await refused(client, "assessment.get", assessment_id=test.id)).kind == "not_found"


async def test_an_instructor_finds_own_packages_that_are_not_published(server: Server) -> None:
    test = await exam(server)
    mine = await test.author.call("assessment.package.create", title="Draft", published=False)
    listed = await test.author.call("assessment.package.list", filter={"mine": True})
    assert [one["id"] for one in listed["items"]] == [mine["id"]]
    _, client = await test.taker()
    assert (await client.call("assessment.package.list", filter={"mine": True}))["items"] == []
    everything = (await client.call("assessment.package.list"))["items"]
    assert mine["id"] not in [one["id"] for one in everything]


# Answers that always fit


async def test_a_review_comes_in_pages_that_fit(server: Server) -> None:
    test = await exam(server, review_policy={"after_submit": ["correctness", "score", "right_answer", "rationale"]})
    asked = {**QUESTIONS[0]["asked"], "stem": "?" * 4000, "rationale": "\u6f22" * 10_000}
    made = [
        (await test.author.call("assessment.question.create", bank_id=test.bank_id, **asked))["id"] for _ in range(40)
    ]
    sections = [{"title": "Long", "picks": [{"question_id": id_} for id_ in made]}]
    await test.author.call("assessment.update", assessment_id=test.id, sections=sections)
    _, client = await test.taker()
    attempt = (await test.start(client))["id"]
    short = await client.call("assessment.attempt.get", attempt_id=attempt, items=False)
    assert (short["items"], len(short["layout"][0]["question_ids"])) == ([], 40)
    await client.call("assessment.attempt.submit", attempt_id=attempt)
    cursor, seen, pages = None, [], 0
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = await client.call("assessment.attempt.review", attempt_id=attempt, limit=100, **more)
        assert [one["question_id"] for one in page["items"]] == [one["question_id"] for one in page["answers"]]
        seen += [one["question_id"] for one in page["answers"]]
        cursor, pages = page["next_cursor"], pages + 1
        if cursor is None:
            break
    assert seen == made
    assert pages > 1
    for bad in ("x", "bm90IGpzb24"):
        error = await refused(client, "assessment.attempt.review", attempt_id=attempt, cursor=bad)
        assert set(error.data["details"]) == {"cursor"}


async def test_an_instructor_finds_attempts_by_the_name_of_who_made_them(server: Server) -> None:
    test = await exam(server)
    people = [await test.world.person(name, verified=True) for name in ("Zoë Adeyemi", "Adam Zoller")]
    for person in people:
        await test.start(await server.connect(person))

    async def found(text: str) -> list[str]:
        wanted = {"assessment_id": test.id, "search": text}
        items = (await test.author.call("assessment.attempt.search", filter=wanted))["items"]
        return [one["full_name"] for one in items]

    assert await found("zoë") == ["Zoë Adeyemi"]
    assert await found("z") == ["Adam Zoller", "Zoë Adeyemi"]
    assert await found("%") == []
