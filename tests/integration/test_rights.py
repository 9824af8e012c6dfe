"""Rights are role and ownership: what a change of role does to open sockets, to topics and to one's own rows."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from models.account import User
from models.account.administration import set_roles
from models.assessment import Assessment, Package
from models.work import Work
from tests.auth import login
from tests.contract.assessment_samples import make_assessment, owner_of
from tests.contract.samples import World
from tests.support import Client, Person, RpcError, Server, ServerProcess

ROUNDS = 20


async def refused(call: Awaitable[Any]) -> RpcError:
    with pytest.raises(RpcError) as caught:
        await call
    return caught.value


@dataclass
class School:
    """An instructor, an exam of theirs, and a learner's attempt at it."""

    world: World
    instructor: Person
    client: Client
    exam: Assessment
    attempt_id: str

    @property
    def topics(self) -> list[str]:
        return [f"attempt:{self.attempt_id}", f"assessment:{self.exam.id}"]

    async def dismiss(self) -> None:
        await self.give([])

    async def give(self, roles: list[str]) -> None:
        user_id = UUID(self.instructor.id)
        await self.world.act(lambda work: set_roles(work, None, user_id, roles))

    async def readable(self) -> list[bool]:
        """Whether each topic can be followed."""
        answers = (await self.client.subscribe(dict.fromkeys(self.topics)))["topics"]
        await self.client.call("session.unsubscribe", topics=self.topics)
        return ["error" not in answers[name] for name in self.topics]


@pytest.fixture
async def school(server: Server) -> School:
    world = World(server)
    instructor = await world.person("Ines Instructor", ["instructor"])
    exam = await make_assessment(world, await owner_of(world, instructor))
    learner = await server.connect(await world.person("Lena Learner", verified=True))
    attempt = await learner.call("assessment.attempt.start", assessment_id=str(exam.id))
    return School(world, instructor, await server.connect(instructor), exam, attempt["id"])


async def test_a_dismissed_instructor_follows_no_exam(school: School) -> None:
    assert await school.readable() == [True, True]
    await school.client.subscribe(dict.fromkeys(school.topics))
    await school.dismiss()
    lost = [(await school.client.event("session.unsubscribed"))["params"] for _ in school.topics]
    assert {(one["topic"], one["reason"]) for one in lost} == {(name, "forbidden") for name in school.topics}
    assert await school.readable() == [False, False]
    # On a new socket too, and again once the role is back.
    assert await replace(school, client=await school.world.server.connect(school.instructor)).readable() == [False] * 2
    await school.give(["instructor"])
    assert await school.readable() == [True, True]


async def test_one_s_own_attempt_needs_no_role(school: School) -> None:
    assessment_id = str(school.exam.id)
    await User.filter(id=school.instructor.id).update(email_verified_at=school.world.app.clock.now())
    own = await school.client.call("assessment.attempt.start", assessment_id=assessment_id)
    await school.dismiss()
    assert await replace(school, attempt_id=own["id"]).readable() == [True, False]


async def test_with_the_role_goes_what_it_showed_of_one_s_own_rows(school: School) -> None:
    draft = await make_assessment(school.world, await owner_of(school.world, school.instructor))
    await Assessment.filter(id=draft.id).update(published=False)
    package = await Package.create(owner_id=UUID(school.instructor.id), title="A draft", published=False)
    seen: dict[bool, Any] = {}
    for dismissed in (False, True):
        if dismissed:
            await school.dismiss()
        get = school.client.request
        exam = (await get("assessment.get", assessment_id=str(school.exam.id)))["result"]
        mine = (await get("assessment.list", filter={"mine": True}))["result"]["items"]
        seen[dismissed] = (
            exam["authoring"] is not None,
            "error" not in await get("assessment.get", assessment_id=str(draft.id)),
            "error" not in await get("assessment.package.get", package_id=str(package.id)),
            str(draft.id) in {one["id"] for one in mine},
            "error" not in await get("assessment.question.list"),
        )
    assert seen == {False: (True,) * 5, True: (False,) * 5}


async def test_a_new_right_holds_in_calls_made_on_receipt_of_the_event(school: School) -> None:
    await school.client.subscribe({school.instructor.topic: None})
    for number in range(ROUNDS):
        given = number % 2 == 1
        await school.give(["instructor"] if given else [])
        await school.client.event("account.updated")
        whoami, banks = await asyncio.gather(
            school.client.request("session.whoami"), school.client.request("assessment.bank.list")
        )
        assert ("instructor" in whoami["result"]["roles"]) == ("result" in banks) == given


async def test_a_check_that_fails_closes_the_socket(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    await school.client.subscribe(dict.fromkeys(school.topics))

    async def fails(*_: object) -> bool:
        raise ZeroDivisionError

    kind = school.world.app.core.registry.topics["assessment"]
    monkeypatch.setitem(school.world.app.core.registry.topics, "assessment", replace(kind, readers={}))
    broken = school.world.app.core.registry.topics["assessment"]
    monkeypatch.setattr(type(broken), "may_follow", fails)
    await school.dismiss()
    assert await school.client.closed() == 1011


async def test_a_right_that_cannot_be_checked_is_not_given(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr("server.kernel.registry.TopicType.may_follow", fails)
    for call in (
        school.client.call("session.subscribe", topics=dict.fromkeys(school.topics)),
        school.client.call("notification.list", as_of=[school.instructor.topic]),
    ):
        assert (await refused(call)).kind == "internal_error"


async def test_a_role_that_was_taken_holds_for_no_command_more_on_any_process(
    pair: tuple[ServerProcess, ServerProcess],
) -> None:
    one, two = pair
    admin = (await login(one, "admin@demo.example", "DemoPass123!")).json()
    person = await two.user("Ines Instructor")
    theirs = [await server.connect(person) for server in (one, two)]

    async def give(roles: list[str]) -> None:
        params = {"user_id": person.id, "roles": roles}
        body = {"jsonrpc": "2.0", "id": 1, "method": "admin.user.role.set", "params": params}
        answer = (await one.rpc(body, admin["access_token"])).json()
        assert "result" in answer, answer

    async def commands() -> list[bool]:
        answers = [client.request("assessment.bank.create", name="A bank") for client in theirs]
        return ["result" in answer for answer in await asyncio.gather(*answers)]

    for _ in range(ROUNDS):
        await give(["instructor"])
        assert await commands() == [True, True]
        await give([])
        assert await commands() == [False, False]


async def test_without_redis_a_role_that_was_taken_holds_no_longer_either(
    start_app: Callable[..., Awaitable[Server]], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await start_app()
    world = World(server)
    person = await world.person("Ines Instructor", ["instructor"])
    client = await server.connect(person)
    await client.call("assessment.bank.create", name="A bank")
    # The event is written, and reaches nobody yet.
    monkeypatch.setattr(world.app.core.hub, "publish", lambda _messages: None)

    async def take(work: Work) -> None:
        await set_roles(work, None, UUID(person.id), [])

    await world.act(take)
    assert (await refused(client.call("assessment.bank.create", name="A bank"))).kind == "forbidden"


async def test_what_a_role_showed_is_hidden_before_the_event_of_it_arrives(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    exam = {"assessment_id": str(school.exam.id)}
    assert (await school.client.call("assessment.get", **exam))["authoring"] is not None
    monkeypatch.setattr(school.world.app.core.hub, "publish", lambda _messages: None)
    await school.dismiss()
    assert (await school.client.call("assessment.get", **exam))["authoring"] is None
    assert await school.readable() == [False, False]
    await school.give(["instructor"])
    client = await school.world.server.connect(school.instructor)
    as_of = {"as_of": [f"assessment:{school.exam.id}"]}
    assert "result" in await client.request("notification.list", **as_of)
    await school.dismiss()
    assert (await refused(client.call("notification.list", **as_of))).kind == "not_found"
