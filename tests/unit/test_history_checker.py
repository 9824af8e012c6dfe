"""The history checker itself: what is lost, repeated or reordered is found, and what the network did is told apart."""

from collections.abc import Callable
from random import Random
from typing import Any, cast

import pytest

from tests.faults.check import Truth, check
from tests.faults.history import Command, Entry, History
from tests.faults.network import Tampered
from tests.faults.person import Away, Person, Session, Site

ADA, BOB = "ada", "bob"
USERS = [ADA, BOB]


def sent(number: int, *, acked: bool = True) -> Command:
    """A message from Ada to Bob."""
    command = Command(0, "message.send", {"receiver_id": BOB}, f"m{number}", f"key {number}")
    command.sent_first, command.acked, command.result_id = 10.0 * number, None, None
    if acked:
        command.acked, command.result_id = 10.0 * number + 1, f"id{number}"
    return command


def story() -> tuple[History, Truth]:
    """Two messages, both acknowledged, stored, told and seen, as everything should be."""
    history, truth = History(), Truth()
    history.commands = [sent(1), sent(2)]
    for user in USERS:
        topic = f"user:{user}"
        for number in (1, 2):
            truth.messages[f"m{number}"] = [f"id{number}"]
            truth.topics[topic].append(Entry(number, "message.created", f"id{number}"))
            truth.told[topic]["message.created", f"id{number}"] += 1
            truth.numbers[topic].append(("talk", number, f"m{number}"))
        truth.heads[topic] = 2
        history.topics[user] = topic
        history.logs[user] = list(truth.topics[topic])
    return history, truth


def complaints(history: History, truth: Truth) -> set[str]:
    """What the checker finds, by kind."""
    check(history, truth, USERS)
    return set(history.unusual)


def test_it_finds_nothing_where_nothing_is() -> None:
    assert complaints(*story()) == set()


def forget_message(_history: History, truth: Truth) -> None:
    truth.messages["m2"] = []


def forget_event(_history: History, truth: Truth) -> None:
    truth.told["user:bob"]["message.created", "id2"] = 0


def hole(_history: History, truth: Truth) -> None:
    truth.heads["user:bob"] = 3


def unseen(history: History, _truth: Truth) -> None:
    history.logs[BOB].pop()


def task_left(_history: History, truth: Truth) -> None:
    truth.tasks_left = 1


def stored_twice(_history: History, truth: Truth) -> None:
    truth.messages["m2"].append("id3")
    truth.told["user:ada"]["message.created", "id3"] = truth.told["user:bob"]["message.created", "id3"] = 1


def told_twice(_history: History, truth: Truth) -> None:
    truth.told["user:bob"]["message.created", "id2"] = 2


def effect_twice(history: History, truth: Truth) -> None:
    task = Command(0, "probe.defer", {}, "7", "key 7", acked=1.0, result_id="7")
    history.commands.append(task)
    truth.runs[ADA, 7] = 2
    truth.told["user:ada"]["probe.effected", "7"] = 1


def never_done(history: History, _truth: Truth) -> None:
    history.commands.append(Command(0, "probe.defer", {}, "7", "key 7", acked=1.0, result_id="7"))


def seen_the_other_way_round(history: History, _truth: Truth) -> None:
    history.logs[BOB].reverse()


def numbered_the_other_way_round(_history: History, truth: Truth) -> None:
    truth.numbers["user:bob"].reverse()


def before_what_was_answered(history: History, _truth: Truth) -> None:
    history.commands[0].sent_first, history.commands[0].acked = 30.0, 31.0


def invented(history: History, _truth: Truth) -> None:
    history.logs[BOB].append(Entry(3, "message.created", "nobody's"))


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (forget_message, "lost"),
        (forget_event, "lost"),
        (hole, "lost"),
        (unseen, "lost"),
        (task_left, "lost"),
        (never_done, "lost"),
        (stored_twice, "repeated"),
        (told_twice, "repeated"),
        (effect_twice, "repeated"),
        (seen_the_other_way_round, "reordered"),
        (numbered_the_other_way_round, "reordered"),
        (before_what_was_answered, "reordered"),
        (invented, "wrong"),
    ],
)
def test_it_finds_what_is_wrong(spoil: Callable[[History, Truth], None], kind: str) -> None:
    history, truth = story()
    spoil(history, truth)
    assert kind in complaints(history, truth)


class Nowhere:
    """A site without servers."""

    over = False

    def __init__(self) -> None:
        self.history, self.tampered = History(), Tampered()

    def find(self, _label: str) -> None:
        """Nobody sends."""


def follower(*, following: bool) -> tuple[Nowhere, Person, Session]:
    """Somebody who has seen nothing yet."""
    site = Nowhere()
    person = Person(cast(Site, site), "p0", 0, ADA, "token", Random(1), sends=False)
    return site, person, Session(cast(Any, None), "http://a", following=following)


def event(seq: int) -> dict[str, Any]:
    """An event of Ada's topic."""
    return {"method": "message.created", "params": {"topic": "user:ada", "seq": seq, "data": {"id": f"id{seq}"} | WHO}}


WHO = {"receiver_id": BOB, "content": "m"}


@pytest.mark.parametrize(("seqs", "kind"), [([1, 1], "repeated"), ([1, 2, 1], "repeated")])
def test_a_client_notices_what_comes_twice(seqs: list[int], kind: str) -> None:
    site, person, session = follower(following=True)
    for seq in seqs:
        person._on_event(session, event(seq))
    assert set(site.history.unusual) == {kind}


def test_a_client_notices_a_gap() -> None:
    site, person, session = follower(following=True)
    person._on_event(session, event(1))
    with pytest.raises(Away, match="gap"):
        person._on_event(session, event(3))
    assert set(site.history.unusual) == {"lost"}


def test_a_client_notices_an_event_before_the_reply() -> None:
    site, person, session = follower(following=False)
    person._on_event(session, event(1))
    assert set(site.history.unusual) == {"reordered"}


def test_a_reply_that_the_network_has_lost_is_no_fault_of_the_server() -> None:
    site, person, session = follower(following=False)
    reply = b'{"jsonrpc":"2.0","id":2,"result":{"epoch":"e","topics":{"user:ada":{"seq":0,"events":[],"more":false}}}}'
    site.tampered.dropped.append(b"\x81\x7e\x00\x6e" + reply)
    with pytest.raises(Away, match="reply lost"):
        person._on_event(session, event(1))
    assert not site.history.unusual
