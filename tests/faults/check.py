"""Compares what people were told with what the database says: nothing lost, nothing twice, everything in order."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

import asyncpg
import orjson

from tests.faults.history import Command, Entry, History


@dataclass
class Truth:
    """What PostgreSQL holds in the end."""

    messages: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The ids of the messages with a text."""
    topics: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    heads: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, list[tuple[str, int, str]]] = field(default_factory=lambda: defaultdict(list))
    """Of each topic, in its order: conversation, number in it, text."""
    told: dict[str, Counter[tuple[str, str]]] = field(default_factory=lambda: defaultdict(Counter))
    """Of each topic, how often it tells what of whom."""
    runs: dict[tuple[str, int], int] = field(default_factory=dict)
    tasks_left: int = 0


async def read_truth(url: str) -> Truth:
    """Read all of it."""
    truth = Truth()
    connection = await asyncpg.connect(url)
    try:
        for row in await connection.fetch("SELECT id, content FROM direct_message"):
            truth.messages[row["content"]].append(str(row["id"]))
        truth.heads = {row["name"]: row["seq"] for row in await connection.fetch("SELECT name, seq FROM topic")}
        for row in await connection.fetch("SELECT topic, seq, name, data FROM event ORDER BY topic, seq"):
            data = orjson.loads(row["data"])
            subject = str(data.get("id") or data.get("number"))
            truth.topics[row["topic"]].append(Entry(row["seq"], row["name"], subject))
            truth.told[row["topic"]][row["name"], subject] += 1
            if row["name"] == "message.created":
                truth.numbers[row["topic"]].append((data["conversation_id"], data["number"], data["content"]))
        for row in await connection.fetch("SELECT user_id, number, runs FROM probe_effect"):
            truth.runs[str(row["user_id"]), row["number"]] = row["runs"]
        truth.tasks_left = await connection.fetchval("SELECT count(*) FROM deferred_task WHERE name = 'probe.effect'")
    finally:
        await connection.close()
    return truth


def check(history: History, truth: Truth, users: list[str]) -> None:
    """Complain to the history about everything that should not be; `users` are the ids by a person's number."""
    for command in history.commands:
        if command.method == "message.send":
            _check_message(history, truth, command, users)
        else:
            _check_task(history, truth, command, users)
    if truth.tasks_left:
        history.complain("lost", f"{truth.tasks_left} tasks were never done")
    for topic, entries in truth.topics.items():
        _check_topic(history, truth, topic, entries)
    for name, log in history.logs.items():
        _check_log(history, name, log, truth.topics[history.topics[name]])
    _check_real_time(history, truth, users)


def _check_message(history: History, truth: Truth, command: Command, users: list[str]) -> None:
    ids = truth.messages.get(command.label, [])
    if len(ids) > 1:
        history.complain("repeated", f"{command.label!r} is there {len(ids)} times")
    if command.acked is not None and ids != [command.result_id]:
        history.complain("lost", f"{command.label!r} was acknowledged as {command.result_id}, there is {ids}")
    for id_ in ids:
        for user in (users[command.sender], str(command.params["receiver_id"])):
            _check_told(history, truth, f"user:{user}", "message.created", id_)


def _check_told(history: History, truth: Truth, topic: str, name: str, subject: str) -> None:
    count = truth.told[topic][name, subject]
    if count != 1:
        kind = "repeated" if count else "lost"
        history.complain(kind, f"{topic} tells {count} times of {name} {subject}")


def _check_task(history: History, truth: Truth, command: Command, users: list[str]) -> None:
    user, number = users[command.sender], int(command.label)
    runs = truth.runs.get((user, number), 0)
    if runs > 1:
        history.complain("repeated", f"the task {number} had its effect {runs} times")
    if command.acked is not None and not runs:
        history.complain("lost", f"the task {number} was promised and never done")
    if runs:
        _check_told(history, truth, f"user:{user}", "probe.effected", str(number))


def _check_topic(history: History, truth: Truth, topic: str, entries: list[Entry]) -> None:
    """The log itself: numbered without holes up to the head, the messages of a conversation in their order."""
    if [entry.seq for entry in entries] != list(range(1, truth.heads[topic] + 1)):
        history.complain("lost", f"{topic}: the numbers have holes, or the head is not {entries[-1].seq}")
    last: dict[str, int] = {}
    for conversation, number, text in truth.numbers[topic]:
        if number != last.get(conversation, 0) + 1:
            history.complain("reordered", f"{topic}: {text!r} is {number} after {last.get(conversation, 0)}")
        last[conversation] = number


def _check_log(history: History, name: str, log: list[Entry], whole: list[Entry]) -> None:
    """What a subscriber saw is the whole log, in its order."""
    for one, other in pairwise(log):
        if other.seq <= one.seq:
            history.complain("reordered", f"{name} saw {other.seq} after {one.seq}")
    seen, there = set(log), set(whole)
    for entry in whole:
        if entry not in seen:
            history.complain("lost", f"{name} never saw {entry}")
    for entry in log:
        if entry not in there:
            history.complain("wrong", f"{name} saw {entry}, which is not there")
    if len(seen) != len(log):
        history.complain("repeated", f"{name} saw {len(log) - len(seen)} events twice")


def _check_real_time(history: History, truth: Truth, users: list[str]) -> None:
    """Who sends after having been answered comes later in the log than what was answered."""
    labels = {command.label: command for command in history.commands}
    for number, user in enumerate(users):
        earliest_ack = float("inf")
        for _, _, text in reversed(truth.numbers[f"user:{user}"]):
            command = labels.get(text)
            if command is None or command.sender != number:
                continue
            if command.sent_first > earliest_ack:
                history.complain("reordered", f"{text!r} stands before what was acknowledged before it was sent")
            if command.acked is not None:
                earliest_ack = min(earliest_ack, command.acked)
