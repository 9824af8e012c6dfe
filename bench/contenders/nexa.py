"""Nexa itself, as its wire contract describes it."""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

from bench.client import Script, Socket, Step
from bench.contender import ROOT, Command, Contender, Engines, Work
from bench.contenders.people import People, Person, call, message_call, send_messages
from bench.contenders.wire import CALL, CONTENT, new_tag

# What is raised above its default, because the load comes from few people and one address.
NEXA_ENV = {
    "ENVIRONMENT": "development",
    "DEVELOPMENT_DATABASE": "true",
    "SECRET_KEY": "only-for-the-benchmark-only-for-the-benchmark",
    "LOG_LEVEL": "WARNING",
    "SIGNUPS_PER_HOUR": "100000",
    "QUERIES_PER_SECOND": "1000000",
    "QUERIES_BURST": "1000000",
    "COMMANDS_PER_SECOND": "1000000",
    "COMMANDS_BURST": "1000000",
    "STRANGERS_PER_HOUR": "1000000",
    "STRANGERS_VERIFIED": "false",
    "SOCKETS_PER_USER": "2000",
}
# Of them, what holds floods back and stays as it is by default there.
RAISED = {"QUERIES_PER_SECOND", "QUERIES_BURST", "COMMANDS_PER_SECOND", "COMMANDS_BURST", "SOCKETS_PER_USER"}
SIGN_UP_MANY = 100  # people of one run: senders and receivers, and those who hold many sockets
MISSED_FROM = SIGN_UP_MANY  # beyond them, people to whom nothing happens but what they have to catch up
MISSED_PEOPLE = 50
SOCKETS_A_PERSON = 20  # the default limit
MANY_SOCKETS_A_PERSON = 100  # where there are ten thousand; the limit is raised to more

REPLY, ERROR, CREATED = '"result":', '"error":{', '"method":"message.created"'
READY: tuple[Step, ...] = (("expect", '"session.ready"'),)


class Nexa(Contender):
    name = "Nexa"
    commit_times = (
        "SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8"
        " FROM direct_message WHERE starts_with(content, $1) ORDER BY 1"
    )

    people = People()  # the variants of Nexa use one database
    arguments: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.missed_events = 0

    def command(self, work: Work, port: int, engines: Engines) -> Command:
        module = "bench.collecting" if work is Work.MANY_IDLE else "server"
        arguments: list[str | Path] = [sys.executable, "-m", module, "run", "--port", str(port), *self.arguments]
        limits = environment(engines)
        if work is Work.FLOODS:
            limits = {name: value for name, value in limits.items() if name not in RAISED}
        return Command(arguments, environment=limits)

    def prepare(self, engines: Engines) -> None:
        command = [sys.executable, "-m", "server", "migrate"]
        variables = {**os.environ, **environment(engines)}
        subprocess.run(command, cwd=ROOT, env=variables, check=True, timeout=120, stdout=subprocess.DEVNULL)

    def calls(self, port: int, sockets: int) -> Script:
        return script([socket_of(person, request=CALL) for person in self.people.take(port, 0, sockets)])

    def fan_out(self, port: int, sockets: int) -> Script:
        """A signal to a conversation: one live event, as it is with the peers. All sockets are the receiver's."""
        sender, receiver = self.people.take(port, 0, 2)
        conversation = call(port, sender, "conversation.open", user_id=receiver.id)["conversation_id"]
        signal = {"conversation_id": conversation, "typing": True}
        request = f'{{"jsonrpc":"2.0","id":%n,"method":"message.typing","params":{json.dumps(signal)}}}'
        steps = subscribing({f"conversation:{conversation}": None})
        subscribers = socket_of(receiver, steps=steps, repeat=sockets)
        return script(
            [subscribers, socket_of(sender, request=request, publisher=True)], '"method":"conversation.typing"'
        )

    def sends(self, port: int, senders: int, *, to_one: bool) -> Script:
        people = self.people.take(port, 0, 2 * senders)
        receivers = people[senders : senders + 1] * senders if to_one else people[senders:]
        sending = [sending_socket(*pair, new_tag()) for pair in zip(people, receivers, strict=False)]
        receiving = [following_socket(person) for person in (receivers[:1] if to_one else receivers)]
        return script([*sending, *receiving])

    def catch_up(self, port: int, sockets: int, missed: int) -> Script:
        people = self.people.take(port, MISSED_FROM, MISSED_PEOPLE)
        if not self.missed_events:
            make_them_miss(port, people, missed)
            self.missed_events = missed
        each = sockets // MISSED_PEOPLE
        return script([following_socket(person, {"seq": 0}, wait=False, repeat=each) for person in people])

    def idle(self, port: int, sockets: int, *, beginning: int) -> Script:
        people = self.people.take(port, beginning // SOCKETS_A_PERSON, sockets // SOCKETS_A_PERSON)
        return script([socket_of(person, repeat=SOCKETS_A_PERSON) for person in people])

    def many_idle(self, port: int, sockets: int) -> Script:
        people = self.people.take(port, 0, sockets // MANY_SOCKETS_A_PERSON)
        return script([socket_of(person, repeat=MANY_SOCKETS_A_PERSON) for person in people])

    def handshakes(self, port: int, sockets: int) -> Script:
        return script([socket_of(person) for person in self.people.take(port, 0, sockets)])

    def delivery(self, port: int) -> Script:
        sender, receiver = self.people.take(port, 0, 2)
        tag = new_tag()
        return script([sending_socket(sender, receiver, tag, publisher=True), following_socket(receiver)], tag=tag)


class NexaWorker(Nexa):
    """A worker process alone; where it listens are its metrics."""

    name = "Nexa's worker"

    def command(self, work: Work, port: int, engines: Engines) -> Command:  # noqa: ARG002 the same for every work
        variables = {**environment(engines), "WORKER_METRICS_PORT": str(port)}
        return Command([sys.executable, "-m", "server", "worker"], environment=variables)


def environment(engines: Engines) -> dict[str, str]:
    """Return the environment that differs from ours."""
    return {**NEXA_ENV, "DATABASE_URL": engines.database_url, "REDIS_URL": engines.redis_url}


def script(sockets: list[Socket], event: str = CREATED, tag: str = "") -> Script:
    return Script(sockets, reply=REPLY, error=ERROR, event=event, tag=tag)


def socket_of(
    person: Person, *, steps: tuple[Step, ...] = READY, request: str = "", publisher: bool = False, repeat: int = 1
) -> Socket:
    """Return an authenticated socket."""
    return Socket("/ws", (person.header,), steps, request, publisher, repeat)


def subscribing(topics: dict[str, object], *, wait: bool = True) -> tuple[Step, ...]:
    """Return the steps of a socket that subscribes to topics; with `wait` it is ready with the reply."""
    request = {"jsonrpc": "2.0", "id": "subscribe", "method": "session.subscribe", "params": {"topics": topics}}
    subscribe = ("send", json.dumps(request))
    return (*READY, subscribe, ("expect", REPLY)) if wait else (*READY, subscribe)


def following_socket(person: Person, position: object = None, *, wait: bool = True, repeat: int = 1) -> Socket:
    """Return a socket that follows its own topic."""
    return socket_of(person, steps=subscribing({person.topic: position}, wait=wait), repeat=repeat)


def sending_socket(sender: Person, receiver: Person, tag: str, *, publisher: bool = False) -> Socket:
    """Return a socket that sends messages, each with an idempotency key of its own."""
    request = message_call(0, receiver.id, f"{tag} {CONTENT}")
    request["params"]["idempotency_key"] = f"bench-{tag}-%n"
    text = json.dumps({**request, "id": None}, separators=(",", ":")).replace('"id":null', '"id":%n')
    return socket_of(sender, request=text, publisher=publisher)


def make_them_miss(port: int, people: list[Person], events: int) -> None:
    """Log that many events on the topic of each: half of them by sending a message, half by getting one."""
    for one, other in list(pairwise(people))[::2]:
        send_messages(port, one, other, events // 2)
        send_messages(port, other, one, events - events // 2)
