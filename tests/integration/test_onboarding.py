"""Onboarding: the steps, their order, what they ask, and what follows from the answers."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any
from uuid import UUID

import orjson
import pytest
from jsonschema import Draft202012Validator

from models.account import User
from models.assessment import Package
from models.onboarding import OnboardingFlow, OnboardingState
from models.system import AuditEntry
from tests.contract.samples import World
from tests.support import Client, Person, RpcError, Server

Me = tuple[Person, Client]

ANSWERS: dict[str, dict[str, Any]] = {
    "goals": {"goals": ["find_job", "learn_language"]},
    "learner": {"exam": "IELTS", "native_language": "yo", "target_language": "en", "level": "intermediate"},
    "job_seeker": {"desired_title": "Nurse", "work_mode": "hybrid", "locations": ["Lagos"], "skills": ["Care"]},
    "employer": {"company": "Nexa"},
    "consultant": {"specialties": ["Careers"], "timezone": "Africa/Lagos"},
    "experience": {"years": 3, "summary": "Some"},
    "notifications": {"email": False},
}
WAYS = {
    "learner": ["role", "goals", "learner", "experience", "notifications"],
    "job_seeker": ["role", "goals", "job_seeker", "experience", "notifications"],
    "employer": ["role", "goals", "employer", "experience", "notifications"],
    "consultant": ["role", "goals", "consultant", "experience", "notifications"],
    "instructor": ["role", "goals", "experience", "notifications"],
}


@pytest.fixture
async def me(server: Server) -> Me:
    return await joined(server)


async def joined(server: Server) -> Me:
    """Somebody on a socket that follows their own topic."""
    ada = await server.user("Ada Lovelace")
    client = await server.connect(ada)
    await client.subscribe({ada.topic: None})
    return ada, client


async def submit(client: Client, step: str, /, **answers: Any) -> dict[str, Any]:
    return await client.call("onboarding.step.submit", step=step, answers=answers)


async def skip(client: Client, step: str) -> dict[str, Any]:
    return await client.call("onboarding.step.skip", step=step)


async def refused(call: Awaitable[Any]) -> RpcError:
    with pytest.raises(RpcError) as caught:
        await call
    return caught.value


async def walk(client: Client, role: str, steps: Sequence[str] | None = None) -> dict[str, Any]:
    """Answer the steps of a role, all of them unless some are named."""
    state = await submit(client, "role", role=role)
    for step in (WAYS[role] if steps is None else steps)[1:]:
        state = await submit(client, step, **ANSWERS[step])
    return state


def statuses(state: dict[str, Any]) -> dict[str, str]:
    return {step["name"]: step["status"] for step in state["steps"]}


@pytest.mark.seed("S4-36")
async def test_who_is_new_stands_before_the_first_step(me: Me) -> None:
    ada, client = me
    state = await client.call("onboarding.get")
    assert state["flow"] == {"name": "default", "version": 1}
    assert (state["next_step"], state["progress_percentage"], state["completed_at"]) == ("role", 0, None)
    assert state["answers"] == {}
    assert set(statuses(state).values()) == {"pending"}
    assert not await OnboardingState.exists(user_id=ada.id)


@pytest.mark.seed("S4-36", "S4-49")
@pytest.mark.parametrize("role", WAYS)
async def test_the_way_of_every_role_to_its_end(me: Me, role: str) -> None:
    _, client = me
    state = await submit(client, "role", role=role)
    assert [step["name"] for step in state["steps"]] == WAYS[role]
    for number, step in enumerate(WAYS[role][1:], 1):
        assert (state["next_step"], state["progress_percentage"]) == (step, 100 * number // len(WAYS[role]))
        error = await refused(client.call("onboarding.complete"))
        assert (error.code, error.data["state"], error.data["next_step"]) == (-32022, "incomplete", step)
        state = await submit(client, step, **ANSWERS[step])
        assert state["answers"][step] == ANSWERS[step]
    assert (state["next_step"], state["progress_percentage"], state["completed_at"]) == (None, 100, None)
    completed = await client.call("onboarding.complete")
    assert completed["recommendations"].keys() == {"packages", "courses", "jobs"}
    assert completed["completed_at"] is not None
    assert (await client.event("onboarding.completed"))["params"]["data"] == completed
    assert (await client.event("notification.created"))["params"]["data"]["type"] == "onboarding.completed"


async def test_packages_that_fit_the_answers_are_recommended_first(me: Me) -> None:
    ada, client = me
    owner = UUID(ada.id)
    titles = ["Interplanetary nursing", *(f"Bookkeeping {number}" for number in range(6))]
    made = [await Package.create(owner_id=owner, title=title, published=True) for title in titles]
    await Package.create(owner_id=owner, title="Interplanetary draft", published=False)
    await submit(client, "role", role="learner")
    for step in WAYS["learner"][1:]:
        await submit(client, step, **(ANSWERS[step] | ({"exam": "interplanetary"} if step == "learner" else {})))
    found = (await client.call("onboarding.complete"))["recommendations"]["packages"]
    assert found[0] == {"id": str(made[0].id), "title": titles[0], "category": None}
    assert len(found) == 5
    assert "Interplanetary draft" not in [one["title"] for one in found]
    await Package.filter(id__in=[one.id for one in made]).delete()


async def test_the_events_tell_the_whole_story(server: Server, me: Me) -> None:
    ada, client = me
    own = await server.connect(ada)
    await walk(own, "learner", WAYS["learner"][:3])
    await skip(own, "experience")
    await submit(own, "role", role="employer")
    told = [one["params"]["data"] for one in await client.until(6) if one["method"] == "onboarding.updated"]
    assert len(told) == 5
    assert told[-1] == await own.call("onboarding.get")
    assert told[-1]["next_step"] == "employer"


async def test_the_order_is_kept(me: Me) -> None:
    _, client = me
    for step in ("goals", "experience", "notifications"):
        error = await refused(submit(client, step, **ANSWERS[step]))
        assert (error.code, error.data["state"], error.data["next_step"]) == (-32022, "out_of_order", "role")
    assert (await refused(skip(client, "experience"))).data["state"] == "out_of_order"
    await submit(client, "role", role="learner")
    assert (await refused(submit(client, "learner", **ANSWERS["learner"]))).data["next_step"] == "goals"
    for step in ("job_seeker", "no_such_step", "", "x" * 41):
        error = await refused(submit(client, step, **ANSWERS["job_seeker"]))
        assert (error.code, set(error.data["details"])) == (-32602, {"step"})


async def test_an_earlier_step_can_be_answered_anew(me: Me) -> None:
    _, client = me
    await walk(client, "learner", WAYS["learner"][:3])
    state = await submit(client, "goals", goals=["pass_exam"])
    assert state["answers"]["goals"] == {"goals": ["pass_exam"]}
    assert state["answers"]["learner"] == ANSWERS["learner"]
    assert state["next_step"] == "experience"


async def test_another_role_is_another_way_and_answers_are_kept(me: Me) -> None:
    _, client = me
    await walk(client, "learner", WAYS["learner"][:3])
    state = await submit(client, "role", role="employer")
    assert [step["name"] for step in state["steps"]] == WAYS["employer"]
    assert (state["next_step"], "learner" in state["answers"]) == ("employer", False)
    state = await submit(client, "role", role="learner")
    assert (state["next_step"], state["answers"]["learner"]) == ("experience", ANSWERS["learner"])


async def test_only_what_is_optional_can_be_skipped(me: Me) -> None:
    _, client = me
    assert (await refused(skip(client, "role"))).data["state"] == "required"
    await walk(client, "instructor", WAYS["instructor"][:2])
    assert (await refused(skip(client, "goals"))).data["state"] == "required"
    state = await skip(client, "experience")
    assert (statuses(state)["experience"], state["next_step"]) == ("skipped", "notifications")
    assert await skip(client, "experience") == state
    state = await submit(client, "experience", **ANSWERS["experience"])
    assert statuses(state)["experience"] == "submitted"
    error = await refused(skip(client, "experience"))
    assert (error.code, error.data["state"]) == (-32022, "submitted")
    state = await skip(client, "notifications")
    assert (state["next_step"], state["progress_percentage"]) == (None, 100)


@pytest.mark.seed("S4-49")
@pytest.mark.parametrize(
    ("step", "answers", "field"),
    [
        ("role", {}, "answers.role"),
        ("role", {"role": "admin"}, "answers.role"),
        ("role", {"role": ["learner"]}, "answers.role"),
        ("role", {"role": "learner", "admin": True}, "answers.admin"),
        ("goals", {"goals": []}, "answers.goals"),
        ("goals", {"goals": ["get_rich"]}, "answers.goals.0"),
        ("goals", {"goals": "find_job"}, "answers.goals"),
        ("learner", {}, "answers.level"),
        ("learner", {"level": "best"}, "answers.level"),
        ("learner", {"level": "fluent", "native_language": "Yoruba!"}, "answers.native_language"),
        ("learner", {"level": "fluent", "target_language": 7}, "answers.target_language"),
        ("learner", {"level": "fluent", "exam": "x" * 501}, "answers.exam"),
        ("job_seeker", {"desired_title": " ", "work_mode": "remote"}, "answers.desired_title"),
        ("job_seeker", {"desired_title": "Nurse", "work_mode": "moon"}, "answers.work_mode"),
        ("job_seeker", {"desired_title": "N", "work_mode": "remote", "skills": ["x"] * 21}, "answers.skills"),
        ("employer", {"company": None}, "answers.company"),
        ("consultant", {"specialties": ["x"], "timezone": "Mars/Base"}, "answers.timezone"),
        ("consultant", {"specialties": [1], "timezone": "UTC"}, "answers.specialties.0"),
        ("experience", {"years": -1}, "answers.years"),
        ("experience", {"years": 71}, "answers.years"),
        ("experience", {"years": 1.5}, "answers.years"),
        ("notifications", {"email": "yes"}, "answers.email"),
        ("notifications", {}, "answers.email"),
    ],
)
async def test_answers_have_to_fit_their_step(me: Me, step: str, answers: dict[str, Any], field: str) -> None:
    _, client = me
    role = step if step in WAYS else "learner"
    if step != "role":
        await walk(client, role, WAYS[role][: WAYS[role].index(step)])
    before = await client.call("onboarding.get")
    error = await refused(submit(client, step, **answers))
    assert (error.code, set(error.data["details"])) == (-32602, {field})
    assert await client.call("onboarding.get") == before


async def test_every_step_publishes_the_schema_that_its_answers_keep(me: Me) -> None:
    _, client = me
    for role in WAYS:
        state = await submit(client, "role", role=role)
        for step in state["steps"]:
            Draft202012Validator.check_schema(step["answers_schema"])
            check = Draft202012Validator(step["answers_schema"])
            check.validate(ANSWERS.get(step["name"], {"role": role}))
            assert not check.is_valid({"something": "else"})


@pytest.mark.parametrize("role", ["job_seeker", "employer"])
async def test_choosing_what_everybody_may_be_grants_it(me: Me, role: str) -> None:
    ada, client = me
    await submit(client, "role", role=role)
    told = (await client.event("account.updated"))["params"]["data"]
    assert told == {"fields": ["roles"], "rev": 2}
    assert set((await User.get(id=ada.id)).roles) == {"user", role}
    async with asyncio.timeout(5):
        while role not in (await client.call("session.whoami"))["roles"]:
            await asyncio.sleep(0.02)
    (entry,) = await AuditEntry.filter(target=ada.topic, action="onboarding.step.submit")
    assert (str(entry.actor_id), orjson.loads(entry.after or "")) == (ada.id, {"roles": sorted(["user", role])})
    assert orjson.loads(entry.before or "") == {"roles": ["user"]}
    await submit(client, "role", role=role)
    assert (await User.get(id=ada.id)).rev == 2


@pytest.mark.parametrize("role", ["learner", "consultant", "instructor"])
async def test_no_answer_grants_anything_else(me: Me, role: str) -> None:
    ada, client = me
    await walk(client, role)
    await client.call("onboarding.complete")
    assert (await User.get(id=ada.id)).roles == ["user"]
    assert (await client.call("session.whoami"))["roles"] == ["user"]


@pytest.mark.parametrize("role", ["consultant", "instructor"])
async def test_who_wants_more_asks_the_admins_once(server: Server, me: Me, role: str) -> None:
    ada, client = me
    admin = await World(server).person("Ed Admin", ["admin"])
    watching = await server.connect(admin)
    await watching.subscribe({"admin": None, admin.topic: None})
    await submit(client, "role", role=role)
    alert = (await watching.event("admin.alert"))["params"]
    assert alert["data"]["data"] == {"user_id": ada.id, "role": role}
    told = (await watching.event("notification.created"))["params"]["data"]
    assert (told["type"], told["data"]) == ("role.requested", {"user_id": ada.id, "role": role})
    assert "Ada Lovelace" in told["title"]
    await submit(client, "role", role="learner")
    await submit(client, "role", role=role)
    assert (await watching.call("notification.unread_count"))["count"] == 1


async def test_who_is_an_admin_already_keeps_all(server: Server) -> None:
    admin = await World(server).person("Ed Admin", ["admin"])
    client = await server.connect(admin)
    await submit(client, "role", role="employer")
    assert (await User.get(id=admin.id)).roles == ["admin", "employer", "user"]


async def test_the_answer_about_mails_is_their_preference(me: Me) -> None:
    _, client = me
    for wanted in (False, True):
        await walk(client, "instructor", WAYS["instructor"][:3])
        await submit(client, "notifications", email=wanted)
        types = (await client.call("notification.preference.get"))["types"]
        assert {line["email"] for name, line in types.items() if name != "account.security"} == {wanted}
        assert types["account.security"]["email"]


async def test_after_the_end_nothing_changes(me: Me) -> None:
    _, client = me
    await walk(client, "instructor")
    first = await client.call("onboarding.complete")
    assert await client.call("onboarding.complete") == first
    for call in (submit(client, "role", role="employer"), skip(client, "experience")):
        error = await refused(call)
        assert (error.code, error.data["state"]) == (-32022, "completed")
    assert (await client.call("notification.unread_count"))["count"] == 1


async def test_at_once_it_begins_once_and_ends_once(server: Server, me: Me) -> None:
    ada, client = me
    clients = [await server.connect(ada) for _ in range(6)]
    await asyncio.gather(*(submit(one, "role", role="job_seeker") for one in clients))
    assert await OnboardingState.filter(user_id=ada.id).count() == 1
    assert (await User.get(id=ada.id)).rev == 2
    await walk(client, "job_seeker")
    results = await asyncio.gather(*(one.call("onboarding.complete") for one in clients))
    assert all(result == results[0] for result in results)
    assert await OnboardingFlow.filter(name="default").count() == 1
    head = (await client.request("onboarding.get", as_of=[ada.topic]))["meta"]["positions"][ada.topic]
    names = [event["method"] for event in await client.until(head)]
    assert names.count("onboarding.completed") == names.count("notification.created") == 1


async def test_who_has_begun_a_version_goes_on_with_it(me: Me, monkeypatch: Any) -> None:
    _, client = me
    before = await submit(client, "role", role="instructor")
    monkeypatch.setattr("models.onboarding.default.VERSION", 2)
    assert await client.call("onboarding.get") == before
    assert (await submit(client, "goals", **ANSWERS["goals"]))["flow"]["version"] == 1


async def test_what_is_anothers_is_never_seen(server: Server, me: Me) -> None:
    _, client = me
    await walk(client, "employer", WAYS["employer"][:3])
    other = await joined(server)
    assert (await other[1].call("onboarding.get"))["answers"] == {}
