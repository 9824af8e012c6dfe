"""The assistant: asking, streaming, joining in the middle, stopping, branches and budgets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from tortoise.exceptions import IntegrityError

from clients.emulators.gemini import GeminiEmulator
from models.assistant import KnownModel, Message, Outcome, Run, Thread
from tests.assistant import (
    Reader,
    answered,
    ask,
    endpoint,
    gemini,
    last_call,
    somebody,
    thread_of,
    until,
    utf16,
    working,
)
from tests.auth import login
from tests.support import Client, Person, RpcError, Server

StartApp = Callable[..., Awaitable[Server]]


@pytest.fixture
async def emulator() -> AsyncIterator[GeminiEmulator]:
    async with gemini() as running:
        yield running


@pytest.fixture
async def server(start_app: StartApp, emulator: GeminiEmulator) -> AsyncIterator[Server]:
    server = await start_app(gemini_endpoint=endpoint(emulator), commands_burst=10_000, commands_per_second=10_000)
    async with working(server):
        yield server


@pytest.fixture
async def ada(server: Server) -> tuple[Person, Client]:
    return await somebody(server)


@pytest.mark.seed("S3-01", "S3-08", "S3-16")
async def test_an_answer_streams_and_stays(emulator: GeminiEmulator, ada: tuple[Person, Client]) -> None:
    _, client = ada
    thread = await thread_of(client)
    reader = await Reader.join(client, thread)
    asked = await ask(client, thread, "How do I write a résumé 🙂?")
    await reader.read()
    sent = last_call(emulator, "résumé").sent
    assert "résumé 🙂" in sent
    assert reader.text == reader.ended["text"] == sent
    assert reader.ended["event"] == "assistant.message_completed"
    assert reader.ended["finish_reason"] == "stop"
    assert reader.ended["usage"]["output_tokens"] > 0
    run = await client.call("assistant.run.get", run_id=asked["run_id"])
    assert (run["status"], run["text"], run["offset"], run["attempt"]) == ("completed", sent, utf16(sent), 1)
    whole = await client.call("assistant.thread.get", thread_id=thread)
    assert whole["conversations"] == [{"prompt": "How do I write a résumé 🙂?", "response": sent}]
    assert whole["active_run"] is None
    assert whole["active_leaf"] == asked["reply_id"]


# Joining


async def test_who_joins_in_the_middle_has_no_hole_and_no_overlap(
    server: Server, emulator: GeminiEmulator, ada: tuple[Person, Client]
) -> None:
    person, client = ada
    thread = await thread_of(client)
    first = await Reader.join(client, thread)
    asked = await ask(client, thread, "/emulate pieces=120 delay=0.01 size=7\nin the middle 🙂")
    await first.read(lambda reader: utf16(reader.text) > 200)
    later = [await Reader.join(await server.connect(person), thread, asked["run_id"]) for _ in range(3)]
    assert all(reader.text for reader in later)
    await asyncio.gather(*(reader.read() for reader in (first, *later)))
    sent = last_call(emulator, "in the middle").sent
    assert [reader.text for reader in (first, *later)] == [sent] * 4


@pytest.mark.parametrize("loss", ["emptied", "shortened"])
async def test_a_buffer_that_is_lost_is_written_anew(
    server: Server, emulator: GeminiEmulator, ada: tuple[Person, Client], loss: str
) -> None:
    person, client = ada
    thread = await thread_of(client)
    first = await Reader.join(client, thread)
    asked = await ask(client, thread, f"/emulate pieces=150 delay=0.01 size=9\n{loss}")
    await first.read(lambda reader: len(reader.text) > 300)
    texts = server.app.core.ports.runs  # type: ignore[attr-defined]
    name = f"{texts._prefix}{asked['run_id']}:1"
    await (texts._redis.delete(name) if loss == "emptied" else texts._redis.set(name, "short"))
    await first.read(lambda reader: len(reader.text) > 600)
    later = await Reader.join(await server.connect(person), thread, asked["run_id"])
    await asyncio.gather(first.read(), later.read())
    assert first.text == later.text == last_call(emulator, loss).sent


async def test_waiting_for_the_end_of_a_run(emulator: GeminiEmulator, ada: tuple[Person, Client]) -> None:
    _, client = ada
    thread = await thread_of(client)
    asked = await ask(client, thread, "/emulate pieces=20 delay=0.01\nwait")
    run = await answered(client, asked)
    assert (run["status"], run["text"]) == ("completed", last_call(emulator, "wait").sent)
    assert run["usage"]["prompt_tokens"] > 0


async def test_an_answer_beyond_32_kib_is_told_without_its_text(ada: tuple[Person, Client]) -> None:
    _, client = ada
    thread = await thread_of(client)
    reader = await Reader.join(client, thread)
    asked = await ask(client, thread, "/emulate pieces=40 size=1000 delay=0\nmuch")
    await reader.read()
    assert reader.ended["text"] is None
    assert reader.text == (await answered(client, asked))["text"]
    assert len(reader.text) == 40_000


async def test_an_endless_answer_is_cut_at_the_longest_length(
    emulator: GeminiEmulator, ada: tuple[Person, Client]
) -> None:
    _, client = ada
    thread = await thread_of(client)
    asked = await ask(client, thread, "/emulate pieces=60 size=2000 delay=0 fail=endless\nlong")
    run = await answered(client, asked)
    assert (run["status"], run["finish_reason"], run["offset"]) == ("completed", "max_tokens", 100_000)
    await until(lambda: last_call(emulator, "long").ended == "cancelled")


# Stopping


async def test_stopping_ends_the_call_and_keeps_what_was_written(
    emulator: GeminiEmulator, ada: tuple[Person, Client]
) -> None:
    _, client = ada
    thread = await thread_of(client)
    reader = await Reader.join(client, thread)
    asked = await ask(client, thread, "/emulate fail=endless delay=0.01\nstop me")
    await reader.read(lambda reader: len(reader.text) > 50)
    answers = [await client.call("assistant.run.stop", run_id=asked["run_id"]) for _ in range(2)]
    assert answers == [{"stopping": True}, {"stopping": True}]
    await reader.read()
    assert reader.ended["event"] == "assistant.run_stopped"
    assert reader.ended["text"] == reader.text
    await until(lambda: last_call(emulator, "stop me").ended == "cancelled")
    run = await client.call("assistant.run.get", run_id=asked["run_id"])
    assert (run["status"], run["text"], run["error"]) == ("stopped", reader.text, None)
    assert run["usage"]["output_tokens"] > 0
    assert await client.call("assistant.run.stop", run_id=asked["run_id"]) == {"stopping": False}
    turns = (await client.call("assistant.thread.get", thread_id=thread))["conversations"]
    assert turns[0]["response"] == reader.text


async def test_a_silent_model_can_be_stopped(emulator: GeminiEmulator, ada: tuple[Person, Client]) -> None:
    _, client = ada
    thread = await thread_of(client)
    asked = await ask(client, thread, "/emulate first=60\nsay nothing")
    await until(lambda: any("say nothing" in str(call.turns) for call in emulator.calls))
    await client.call("assistant.run.stop", run_id=asked["run_id"])
    run = await answered(client, asked)
    assert (run["status"], run["text"]) == ("stopped", "")
    await until(lambda: last_call(emulator, "say nothing").ended == "cancelled")


async def test_deleting_a_thread_ends_what_is_written_in_it(
    emulator: GeminiEmulator, ada: tuple[Person, Client]
) -> None:
    _, client = ada
    thread = await thread_of(client)
    reader = await Reader.join(client, thread)
    asked = await ask(client, thread, "/emulate fail=endless delay=0.01\ndelete me")
    await reader.read(lambda reader: len(reader.text) > 20)
    assert await client.call("assistant.thread.delete", thread_id=thread) == {"deleted": True}
    assert (await client.event("assistant.thread_deleted"))["params"]["data"]["id"] == thread
    await until(lambda: last_call(emulator, "delete me").ended == "cancelled")
    with pytest.raises(RpcError) as caught:
        await client.call("assistant.run.get", run_id=asked["run_id"])
    assert caught.value.kind == "not_found"


# One at a time


async def test_of_many_prompts_at_once_one_is_asked(ada: tuple[Person, Client]) -> None:
    _, client = ada
    thread = await thread_of(client)
    text = "/emulate fail=endless delay=0.05\nat once"
    sending = (client.request("assistant.message.send", thread_id=thread, text=text) for _ in range(30))
    replies = await asyncio.gather(*sending)
    asked = [reply["result"] for reply in replies if "result" in reply]
    refused = [reply["error"] for reply in replies if "error" in reply]
    assert len(asked) == 1
    assert {(error["code"], error["data"]["state"]) for error in refused} == {(-32022, "streaming")}
    assert len((await client.call("assistant.thread.get", thread_id=thread))["messages"]) == 2
    await client.call("assistant.run.stop", run_id=asked[0]["run_id"])
    await answered(client, asked[0])


async def test_while_an_answer_is_written_nothing_else_is_asked_or_deleted(ada: tuple[Person, Client]) -> None:
    _, client = ada
    thread = await thread_of(client)
    asked = await ask(client, thread, "/emulate fail=endless delay=0.05\nbusy")
    for method, params in (
        ("assistant.message.regenerate", {"message_id": asked["reply_id"]}),
        ("assistant.message.edit", {"message_id": asked["message_id"], "text": "x"}),
        ("assistant.message.delete", {"message_id": asked["message_id"]}),
    ):
        error = (await client.request(method, **params))["error"]
        assert (error["code"], error["data"]["state"]) == (-32022, "streaming"), method
    active = (await client.call("assistant.thread.get", thread_id=thread))["active_run"]
    assert active["run_id"] == asked["run_id"]
    await client.call("assistant.run.stop", run_id=asked["run_id"])
    await answered(client, asked)


async def test_the_same_key_asks_once(emulator: GeminiEmulator, ada: tuple[Person, Client]) -> None:
    _, client = ada
    thread = await thread_of(client)
    key = str(uuid4())
    first = await ask(client, thread, "only once", idempotency_key=key)
    assert await ask(client, thread, "only once", idempotency_key=key) == first
    await answered(client, first)
    assert sum("only once" in str(call.turns) for call in emulator.calls) == 1


# Failures


@pytest.mark.seed("S3-14")
@pytest.mark.parametrize(
    ("fail", "kind", "retryable"),
    [
        ("500", "interrupted", True),
        ("cut", "interrupted", True),
        ("half", "interrupted", True),
        ("safety", "blocked", False),
        ("prompt", "blocked", False),
        ("empty", "empty", True),
        ("long", "too_long", False),
    ],
)
async def test_a_failure_is_seen_and_says_what_to_do(
    emulator: GeminiEmulator, ada: tuple[Person, Client], fail: str, kind: str, *, retryable: bool
) -> None:
    _, client = ada
    thread = await thread_of(client)
    reader = await Reader.join(client, thread)
    asked = await ask(client, thread, f"/emulate fail={fail}\nfailing")
    await reader.read()
    ended = reader.ended
    assert (ended["event"], ended["kind"], ended["retryable"]) == ("assistant.run_failed", kind, retryable)
    run = await client.call("assistant.run.get", run_id=asked["run_id"])
    assert run["status"] == "failed"
    assert run["error"] == {"kind": kind, "message": ended["message"], "retryable": retryable}
    # What was read until then stays.
    assert run["text"] == reader.text == last_call(emulator, "failing").sent
    assert (await client.call("assistant.thread.get", thread_id=thread))["active_run"] is None


@pytest.mark.parametrize("fail", ["429", "503"])
async def test_a_service_that_is_busy_is_asked_again(
    server: Server, emulator: GeminiEmulator, ada: tuple[Person, Client], fail: str
) -> None:
    server.app.core.ports.gemini._pause = 0.01  # type: ignore[attr-defined]
    _, client = ada
    thread = await thread_of(client)
    run = await answered(client, await ask(client, thread, f"/emulate fail={fail} times=3\nagain"))
    assert (run["status"], run["attempt"]) == ("completed", 1)
    run = await answered(client, await ask(client, thread, f"/emulate fail={fail}\nnever"))
    assert (run["status"], run["error"]["retryable"]) == ("failed", True)
    assert run["error"]["kind"] == {"429": "rate_limited", "503": "unavailable"}[fail]
    assert sum("never" in str(call.turns[-1]) for call in emulator.calls) == 4


async def test_a_model_that_falls_silent_is_given_up(
    server: Server, emulator: GeminiEmulator, ada: tuple[Person, Client]
) -> None:
    server.app.core.ports.gemini._silence = 0.3  # type: ignore[attr-defined]
    _, client = ada
    thread = await thread_of(client)
    run = await answered(client, await ask(client, thread, "/emulate fail=hang\nhang"))
    assert (run["status"], run["error"]["kind"]) == ("failed", "timeout")
    await until(lambda: last_call(emulator, "hang").ended == "cancelled")


async def test_a_wrong_key_is_the_operators_fault(start_app: StartApp, emulator: GeminiEmulator) -> None:
    server = await start_app(gemini_endpoint=endpoint(emulator), gemini_api_key="bad-key")
    async with working(server):
        _, client = await somebody(server)
        run = await answered(client, await ask(client, await thread_of(client)))
    assert run["error"]["kind"] == "not_configured"
    assert "key" not in run["error"]["message"].lower()


# Threads and branches


@pytest.mark.seed("S3-06", "S3-10", "S3-11")
async def test_threads_are_listed_for_their_owner_alone(server: Server, ada: tuple[Person, Client]) -> None:
    _, client = ada
    first, second = await thread_of(client), await thread_of(client, title="  My   plan ")
    await thread_of(client, temporary=True)
    items = (await client.call("assistant.thread.list"))["items"]
    assert [(one["id"], one["title"]) for one in items] == [(second, "My plan"), (first, "New conversation")]
    assert {"created_at", "updated_at"} <= items[0].keys()
    _, other = await somebody(server)
    assert (await other.call("assistant.thread.list"))["items"] == []
    for method in ("thread.get", "thread.delete", "message.list", "attachment.list"):
        error = (await other.request(f"assistant.{method}", thread_id=first))["error"]
        assert error["code"] == -32004
    reply = await other.call("session.subscribe", topics={f"thread:{first}": None})
    assert reply["topics"][f"thread:{first}"]["error"]["code"] == -32004


async def test_a_thread_is_pinned_archived_tagged_and_found_by_it(ada: tuple[Person, Client]) -> None:
    _, client = ada
    plain, kept = await thread_of(client), await thread_of(client)
    changed = await client.call("assistant.thread.update", thread_id=kept, pinned=True, archived=True, tags=["cv"])
    assert (changed["pinned"], changed["archived"], changed["tags"]) == (True, True, ["cv"])
    updated = await client.event("assistant.thread_updated")
    assert updated["params"]["data"] == changed
    for wanted in ({"pinned": True}, {"archived": True}, {"tag": "cv"}):
        items = (await client.call("assistant.thread.list", filter=wanted))["items"]
        assert [one["id"] for one in items] == [kept], wanted
    items = (await client.call("assistant.thread.list", filter={"archived": False}))["items"]
    assert [one["id"] for one in items] == [plain]


async def test_the_first_prompt_names_a_thread_and_asking_puts_it_first(ada: tuple[Person, Client]) -> None:
    _, client = ada
    first, _ = await thread_of(client), await thread_of(client, title="named")
    text = "Which of my two offers is the better one for somebody who wants to learn a lot?"
    await answered(client, await ask(client, first, text))
    items = (await client.call("assistant.thread.list"))["items"]
    assert items[0]["id"] == first
    assert items[0]["title"] == "Which of my two offers is the better one for somebody who…"


@pytest.mark.seed("S3-07", "S3-12")
async def test_branches_stay_beside_each_other(emulator: GeminiEmulator, ada: tuple[Person, Client]) -> None:
    _, client = ada
    thread = await thread_of(client)

    async def shown() -> list[str]:
        whole = await client.call("assistant.thread.get", thread_id=thread)
        return [turn["prompt"] for turn in whole["conversations"]]

    one = await ask(client, thread, "one")
    await answered(client, one)
    two = await ask(client, thread, "two")
    await answered(client, two)
    assert [role for role, _ in last_call(emulator, "two").turns] == ["user", "model", "user"]
    other = await client.call("assistant.message.edit", message_id=two["message_id"], text="another two")
    await answered(client, other)
    assert "'two'" not in str(last_call(emulator, "another two").turns)
    assert await shown() == ["one", "another two"]
    again = await client.call("assistant.message.regenerate", message_id=other["reply_id"])
    await answered(client, again)
    assert again["reply_id"] != other["reply_id"]
    listed = (await client.call("assistant.message.list", thread_id=thread))["items"]
    assert [row["id"] for row in listed][:2] == [again["reply_id"], other["message_id"]]
    selected = await client.call("assistant.branch.select", thread_id=thread, message_id=two["message_id"])
    assert selected == {"active_leaf": two["reply_id"]}
    assert await shown() == ["one", "two"]
    listed = (await client.call("assistant.message.list", thread_id=thread, branch=other["reply_id"]))["items"]
    assert [row["id"] for row in listed][:2] == [other["reply_id"], other["message_id"]]
    await client.call("assistant.message.delete", message_id=two["message_id"])
    assert await shown() == ["one", "another two"]
    await client.call("assistant.message.delete", message_id=one["message_id"])
    assert await shown() == []
    whole = await client.call("assistant.thread.get", thread_id=thread)
    assert (whole["messages"], whole["active_leaf"]) == ([], None)


async def test_messages_come_page_by_page(ada: tuple[Person, Client]) -> None:
    _, client = ada
    thread = await thread_of(client)
    for number in range(3):
        await answered(client, await ask(client, thread, f"number {number}"))
    found, cursor = [], None
    while True:
        page = await client.call("assistant.message.list", thread_id=thread, limit=4, cursor=cursor)
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [row["text"] for row in found if row["role"] == "user"] == ["number 2", "number 1", "number 0"]
    assert len({row["id"] for row in found}) == len(found) == 6
    assert {row["status"] for row in found} == {None, "completed"}


async def test_only_prompts_are_edited(ada: tuple[Person, Client]) -> None:
    _, client = ada
    thread = await thread_of(client)
    asked = await ask(client, thread)
    await answered(client, asked)
    error = (await client.request("assistant.message.edit", message_id=asked["reply_id"], text="x"))["error"]
    assert (error["code"], error["data"]["state"]) == (-32022, "reply")


async def test_a_temporary_thread_ends_after_a_day(server: Server, ada: tuple[Person, Client]) -> None:
    _, client = ada
    temporary, kept = await thread_of(client, temporary=True), await thread_of(client)
    await answered(client, await ask(client, temporary))
    server.app.core.clock.offset += timedelta(hours=25).total_seconds()  # type: ignore[attr-defined]
    app: Any = server.app  # type: ignore[attr-defined]

    async def remove(work: Any) -> bytes:
        await Thread.remove_temporary(work, 100)
        return b""

    await app.core.units.run(remove, now=app.core.clock.now(), by=b"null", key=None, timeout_seconds=10)
    assert await Thread.filter(id=temporary).count() == 0
    assert await Thread.filter(id=kept).count() == 1


# What is asked


@pytest.mark.seed("S3-09")
@pytest.mark.parametrize("params", [{}, {"text": ""}, {"text": " \n "}, {"file_ids": []}])
async def test_a_prompt_is_a_text_or_a_file(ada: tuple[Person, Client], params: dict[str, Any]) -> None:
    _, client = ada
    thread = await thread_of(client)
    error = (await client.request("assistant.message.send", thread_id=thread, **params))["error"]
    assert error["code"] == -32602
    assert set(error["data"]["details"]) == {"text", "file_ids"}


@pytest.mark.seed("S3-15")
async def test_a_prompt_that_is_too_long_is_refused(server: Server, ada: tuple[Person, Client]) -> None:
    person, client = ada
    thread = await thread_of(client)
    for text in ("x" * 10_001, "🙂" * 5_001):
        error = (await client.request("assistant.message.send", thread_id=thread, text=text))["error"]
        assert set(error["data"]["details"]) == {"text"}
    call = {"jsonrpc": "2.0", "id": 1, "method": "assistant.message.send"}
    async with server.http() as http:
        headers = {"Authorization": f"Bearer {person.token}"}
        body = {**call, "params": {"thread_id": thread, "text": "x" * 1024**2}}
        answer = await http.post("/api/v1/rpc", json=body, headers=headers)
    assert answer.status_code == 413
    assert (await client.call("assistant.thread.get", thread_id=thread))["messages"] == []


@pytest.mark.seed("S0-32", "S3-02")
async def test_models_are_listed_from_the_service(server: Server, ada: tuple[Person, Client]) -> None:
    _, client = ada
    await KnownModel.all().delete()
    (unknown,) = (await client.call("assistant.model.list"))["items"]
    assert unknown == {
        "id": "gemini-2.5-flash",
        "display_name": "gemini-2.5-flash",
        "context": None,
        "default": True,
        "available": False,
    }
    core = server.app.core  # type: ignore[attr-defined]
    await KnownModel.keep(await core.ports.gemini.models(), core.clock.now())
    listed = (await client.call("assistant.model.list"))["items"]
    assert [(one["id"], one["default"], one["available"]) for one in listed] == [
        ("gemini-2.5-flash", True, True),
        ("gemini-2.5-pro", False, True),
    ]
    assert listed[0]["context"] == 1_048_576
    for method in ("thread.create", "message.send"):
        params = {
            "model": "no-such-model",
            **({"thread_id": await thread_of(client), "text": "x"} if "send" in method else {}),
        }
        error = (await client.request(f"assistant.{method}", **params))["error"]
        assert set(error["data"]["details"]) == {"model"}, method


async def test_another_model_answers(server: Server, emulator: GeminiEmulator, ada: tuple[Person, Client]) -> None:
    _, client = ada
    core = server.app.core  # type: ignore[attr-defined]
    await KnownModel.keep(await core.ports.gemini.models(), core.clock.now())
    thread = await thread_of(client, model="gemini-2.5-pro")
    await answered(client, await ask(client, thread, "by the thread"))
    assert last_call(emulator, "by the thread").request.model == "models/gemini-2.5-pro"
    await answered(client, await ask(client, thread, "by the prompt", model="gemini-2.5-flash"))
    assert last_call(emulator, "by the prompt").request.model == "models/gemini-2.5-flash"


# Budgets


@pytest.mark.seed("S3-15")
async def test_a_budget_is_used_up_and_filled_again(start_app: StartApp, emulator: GeminiEmulator) -> None:
    server = await start_app(gemini_endpoint=endpoint(emulator), assistant_daily_tokens=50, assistant_monthly_tokens=90)
    core = server.app.core  # type: ignore[attr-defined]
    # The beginning of a month, so that the next day is of the same one.
    first = core.clock.now().replace(day=1, hour=0, minute=0, second=5) + timedelta(days=32)
    core.clock.offset += (first.replace(day=1) - core.clock.now()).total_seconds()
    async with working(server):
        person = await server.user()
        client = await server.connect(person)
        thread = await thread_of(client)
        assert (await client.call("assistant.usage.get"))["day"]["used"] == 0
        run = await answered(client, await ask(client, thread, "/emulate pieces=10 delay=0\nall of it"))
        used = run["usage"]["prompt_tokens"] + run["usage"]["output_tokens"]
        usage = await client.call("assistant.usage.get")
        assert (usage["day"]["used"], usage["day"]["limit"]) == (used, 50)
        error = (await client.request("assistant.message.send", thread_id=thread, text="more"))["error"]
        assert (error["code"], error["data"]["used"], error["data"]["limit"]) == (-32030, used, 50)
        assert 86_000 < error["data"]["retry_after"] <= 86_400
        assert usage["day"]["reset_at"][:10] in error["message"]
        core.clock.offset += 86_400
        client = await server.connect(await relogged(server, person))
        await answered(client, await ask(client, thread, "/emulate pieces=10 delay=0\nthe rest"))
        core.clock.offset += 86_400
        client = await server.connect(await relogged(server, person))
        error = (await client.request("assistant.message.send", thread_id=thread, text="more"))["error"]
        assert (error["code"], error["data"]["limit"]) == (-32030, 90)
        usage = await client.call("assistant.usage.get")
        assert usage["day"]["used"] == 0
        assert usage["month"]["reset_at"][8:10] == "01"


async def relogged(server: Server, person: Person) -> Person:
    """The same person with a token of now."""
    answer = await login(server, person.email)
    return replace(person, token=answer.json()["access_token"])


async def test_only_so_many_answers_are_written_at_once_for_one_person(
    start_app: StartApp, emulator: GeminiEmulator
) -> None:
    server = await start_app(gemini_endpoint=endpoint(emulator), assistant_runs_at_once=2, commands_burst=1000)
    async with working(server):
        person, client = await somebody(server)
        sockets = [client, *[await server.connect(person) for _ in range(5)]]
        threads = [await thread_of(client) for _ in sockets]
        text = "/emulate fail=endless delay=0.05\nmany"
        sending = (
            one.request("assistant.message.send", thread_id=thread, text=text)
            for one, thread in zip(sockets, threads, strict=True)
        )
        replies = await asyncio.gather(*sending)
        asked = [reply["result"] for reply in replies if "result" in reply]
        assert len(asked) == 2
        assert {reply["error"]["code"] for reply in replies if "error" in reply} == {-32029}
        for one in asked:
            await client.call("assistant.run.stop", run_id=one["run_id"])
            await answered(client, one)


# Without an account


@pytest.mark.seed("S3-02", "S3-05")
async def test_without_a_key_it_is_emulated_and_says_so(start_app: StartApp) -> None:
    server = await start_app(gemini_api_key="", gemini_endpoint="")
    async with working(server), server.http() as http:
        assert "gemini" in (await http.get("/health")).json()["emulated"]
        _, client = await somebody(server)
        run = await answered(client, await ask(client, await thread_of(client), "Hello there, assistant"))
    assert "You wrote 3 words: “Hello there, assistant”" in run["text"]


# A worker that dies


async def test_a_run_whose_workers_keep_dying_fails_where_it_is_seen(
    start_app: StartApp, emulator: GeminiEmulator
) -> None:
    server = await start_app(gemini_endpoint=endpoint(emulator))
    core = server.app.core  # type: ignore[attr-defined]
    _, client = await somebody(server)
    thread = await thread_of(client)
    reader = await Reader.join(client, thread)
    asked = await ask(client, thread, "poison")

    async def begin(work: Any) -> bytes:
        begun = await Run.begin(work, asked["run_id"])
        return b"" if begun is None else str(begun.attempt).encode()

    attempts = [
        await core.units.run(begin, now=core.clock.now(), by=b"null", key=None, timeout_seconds=10) for _ in range(4)
    ]
    assert attempts == [b"1", b"2", b"3", b""]
    await reader.read()
    assert (reader.restarts, reader.ended["kind"], reader.ended["retryable"]) == (2, "worker_lost", True)
    assert (await client.call("assistant.thread.get", thread_id=thread))["active_run"] is None


async def test_an_end_that_comes_too_late_changes_nothing(start_app: StartApp, emulator: GeminiEmulator) -> None:
    server = await start_app(gemini_endpoint=endpoint(emulator))
    core = server.app.core  # type: ignore[attr-defined]
    _, client = await somebody(server)
    asked = await ask(client, await thread_of(client), "late")
    begun: list[Any] = []

    async def begin(work: Any) -> bytes:
        begun.append(await Run.begin(work, asked["run_id"]))
        return b""

    async def finish(work: Any) -> bytes:
        return str(await Run.finish(work, begun[0], Outcome("completed", "too late", finish_reason="stop"))).encode()

    for act in (begin, begin):
        await core.units.run(act, now=core.clock.now(), by=b"null", key=None, timeout_seconds=10)
    assert await core.units.run(finish, now=core.clock.now(), by=b"null", key=None, timeout_seconds=10) == b"False"
    run = await client.call("assistant.run.get", run_id=asked["run_id"])
    assert (run["status"], run["attempt"], run["text"]) == ("streaming", 2, "")


async def test_one_active_run_a_thread_is_a_rule_of_the_database(ada: tuple[Person, Client]) -> None:
    _, client = ada
    thread = await thread_of(client)
    asked = await ask(client, thread, "/emulate fail=endless delay=0.05\nrule")
    reply = await Message.create(thread_id=thread, parent_id=asked["message_id"], role="model", model="m")
    with pytest.raises(IntegrityError):
        await Run.create(thread_id=thread, prompt_id=asked["message_id"], reply_id=reply.id, model="m")
    await client.call("assistant.run.stop", run_id=asked["run_id"])
    await answered(client, asked)
