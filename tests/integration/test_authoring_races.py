"""Two editors at once, and additions to what is being deleted: nothing is lost, nothing is left over."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from models.assessment import Bank, Package, Question
from tests.exams import QUESTIONS, exam
from tests.support import Client, RpcError, Server

SINGLE = QUESTIONS[0]["asked"]
ROUNDS = 15


@pytest.fixture
async def server(start_app: Callable[..., Awaitable[Server]]) -> Server:
    return await start_app(commands_burst=10_000, commands_per_second=10_000)


async def refused(client: Client, method: str, **params: Any) -> RpcError:
    with pytest.raises(RpcError) as caught:
        await client.call(method, **params)
    return caught.value


async def test_an_update_of_sections_alone_is_a_revision(server: Server) -> None:
    test = await exam(server)
    before = await test.author.call("assessment.get", assessment_id=test.id)
    sections = [{"title": "First editor", "picks": [{"question_id": test.question_ids[0]}]}]
    change = {"assessment_id": test.id, "if_rev": before["rev"]}
    after = await test.author.call("assessment.update", **change, sections=sections)
    assert after["rev"] == before["rev"] + 1
    error = await refused(test.author, "assessment.update", **change, sections=[{**sections[0], "title": "Second"}])
    assert (error.kind, error.data["current_rev"]) == ("stale_revision", after["rev"])
    kept = await test.author.call("assessment.get", assessment_id=test.id)
    assert [one["title"] for one in kept["authoring"]["sections"]] == ["First editor"]


async def test_no_question_is_left_in_a_bank_that_is_deleted_meanwhile(server: Server) -> None:
    test = await exam(server, publish=False)
    for _ in range(ROUNDS):
        bank = (await test.author.call("assessment.bank.create", name="Going"))["id"]
        await asyncio.gather(
            *(test.author.request("assessment.question.create", bank_id=bank, **SINGLE) for _ in range(4)),
            test.author.call("assessment.bank.delete", bank_id=bank),
        )
        assert (await Bank.get(id=bank)).archived_at is not None
        assert not await Question.filter(bank_id=bank, archived_at=None).exists()


async def test_nothing_is_published_in_a_package_that_is_deleted_meanwhile(server: Server) -> None:
    test = await exam(server, publish=False)
    outcomes = set()
    for _ in range(ROUNDS):
        package = (await test.author.call("assessment.package.create", title="Going"))["id"]
        await test.author.call("assessment.update", assessment_id=test.id, package_id=package)
        published, deleted = await asyncio.gather(
            test.author.request("assessment.publish", assessment_id=test.id, published=True),
            test.author.request("assessment.package.delete", package_id=package),
        )
        outcomes.add(("result" in published, "result" in deleted))
        shown = await test.author.call("assessment.get", assessment_id=test.id)
        assert not (shown["published"] and (await Package.get(id=package)).archived_at)
        await test.author.call("assessment.publish", assessment_id=test.id, published=False)
    assert outcomes <= {(True, False), (False, True)}


async def test_an_assessment_whose_package_was_deleted_is_published_in_another(server: Server) -> None:
    test = await exam(server, publish=False)
    package = (await test.author.call("assessment.package.create", title="Gone"))["id"]
    await test.author.call("assessment.update", assessment_id=test.id, package_id=package)
    await test.author.call("assessment.package.delete", package_id=package)
    error = await refused(test.author, "assessment.publish", assessment_id=test.id, published=True)
    assert (error.kind, error.data["state"]) == ("invalid_state", "package_deleted")
    await test.author.call("assessment.update", assessment_id=test.id, package_id=None)
    assert (await test.author.call("assessment.publish", assessment_id=test.id, published=True))["published"]
