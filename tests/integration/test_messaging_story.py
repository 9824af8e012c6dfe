"""The events tell the whole story: who read once and then only followed them sees what a new reader sees."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from models.messaging import DirectMessage, Participant
from tests.support import Client, Person, RpcError, Server

EXPECTED = {"forbidden", "not_found", "invalid_state"}
COMMANDS = 60


@dataclass
class Picture:
    """What a client shows: conversations, and the messages of each, every part with its own position in the log."""

    me: str
    conversations: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    listed_at: int = 0
    read_at: dict[str, int] = field(default_factory=dict)

    @classmethod
    async def read(cls, client: Client, person: Person) -> "Picture":
        """Read everything once, each part with the position that it belongs to."""
        topics = [person.topic]
        response = await client.request("conversation.list", limit=100, as_of=topics)
        picture = cls(person.id, listed_at=response["meta"]["positions"][person.topic])
        for item in response["result"]["items"]:
            key = item["conversation_id"]
            picture.conversations[key] = item
            response = await client.request("message.list", conversation_id=key, limit=100, as_of=topics)
            picture.read_at[key] = response["meta"]["positions"][person.topic]
            items = response["result"]["items"]
            while response["result"]["more_before"]:
                response = await client.request("message.list", conversation_id=key, limit=100, before=items[0]["id"])
                # Not of the same moment, so only for a picture that nobody changes any more.
                items = response["result"]["items"] + items
            picture.messages[key] = {message["id"]: message for message in items}
        return picture

    def follow(self, name: str, seq: int, data: dict[str, Any]) -> None:
        if name == "account.rights_changed":
            return
        key = data["conversation_id"]
        if name.startswith("message.") and seq > self.read_at.get(key, self.listed_at):
            message = {member: value for member, value in data.items() if member != "unread_count"}
            self.messages.setdefault(key, {})[data["id"]] = message
        if seq <= self.listed_at:
            return
        if name == "conversation.updated":
            self.conversations[key] = data
        elif name == "message.created":
            self.conversations[key] |= {
                "last_message_content": data["content"],
                "last_message_time": data["created_at"],
                "unread_count": data["unread_count"],
            }
        elif name == "conversation.read" and data["user_id"] == self.me:
            self.conversations[key]["unread_count"] = data["unread_count"]

    def shown(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.conversations, {key: value for key, value in self.messages.items() if value}


@dataclass
class Actor:
    """Somebody who does things at random, as the seed says."""

    person: Person
    client: Client
    others: list[Person]
    dice: random.Random

    async def act(self) -> None:
        commands = ("send",) * 8 + ("edit", "delete", "read", "read", "change", "change", "open", "block")
        for _ in range(COMMANDS):
            try:
                await getattr(self, self.dice.choice(commands))()
            except RpcError as error:
                if error.kind not in EXPECTED:
                    raise

    def known(self, sender: str | None = None) -> dict[str, Any] | None:
        """Some message that this person has heard of."""
        heard = [event["params"]["data"] for event in self.client.logged if event["method"] == "message.created"]
        fitting = [message for message in heard[-12:] if sender in (None, message["sender_id"])]
        return self.dice.choice(fitting) if fitting else None

    async def send(self) -> None:
        message, text = self.known(), f"{self.person.full_name} {self.dice.random()}"
        if message is not None and self.dice.random() < 0.3:
            await self.client.call(
                "message.send", conversation_id=message["conversation_id"], content=text, reply_to=message["id"]
            )
        else:
            await self.client.call("message.send", receiver_id=self.dice.choice(self.others).id, content=text)

    async def edit(self) -> None:
        if message := self.known(self.person.id):
            await self.client.call("message.edit", message_id=message["id"], content=f"{self.dice.random()}")

    async def delete(self) -> None:
        if message := self.known(self.person.id):
            await self.client.call("message.delete", message_id=message["id"])

    async def read(self) -> None:
        if message := self.known():
            own = {"conversation_id": message["conversation_id"], "up_to_message_id": message["id"]}
            await self.client.call("message.read", **own)

    async def change(self) -> None:
        if message := self.known():
            wanted = {self.dice.choice(("muted", "archived")): self.dice.random() < 0.7}
            await self.client.call("conversation.update", conversation_id=message["conversation_id"], **wanted)

    async def open(self) -> None:
        await self.client.call("conversation.open", user_id=self.dice.choice(self.others).id)

    async def block(self) -> None:
        other = self.dice.choice(self.others)
        await self.client.call("block.add", user_id=other.id)
        await self.client.call("block.remove", user_id=other.id)


async def follow(picture: Picture, client: Client, person: Person) -> None:
    """Apply every event up to the head of the log."""
    response = await client.request("conversation.list", limit=1, as_of=[person.topic])
    head = response["meta"]["positions"][person.topic]
    async with asyncio.timeout(10):
        while client.logged[-1]["params"]["seq"] < head:
            await asyncio.sleep(0.01)
    for event in client.logged:
        picture.follow(event["method"], event["params"]["seq"], event["params"]["data"])


@pytest.mark.seed("S2-35")
@pytest.mark.parametrize("seed", range(4))
async def test_the_state_from_events_is_the_state_read_anew(
    start_app: Callable[..., Awaitable[Server]], seed: int
) -> None:
    rates = {"commands_per_second": 10_000, "commands_burst": 10_000}
    server = await start_app(**rates, queries_per_second=10_000, queries_burst=10_000)
    people = [await server.user(f"Person {name}") for name in "ABCD"]
    actors = []
    for number, person in enumerate(people):
        # Two devices each: a person's own commands meet each other as well.
        for device in range(2):
            client = await server.connect(person)
            await client.subscribe({person.topic: None})
            dice = random.Random(f"{seed} {number} {device}")
            actors.append(Actor(person, client, [other for other in people if other is not person], dice))
    fresh = [Picture(actor.person.id) for actor in actors]
    work = asyncio.gather(*[actor.act() for actor in actors])
    await asyncio.sleep(0.2)
    halfway = await asyncio.gather(*[Picture.read(actor.client, actor.person) for actor in actors])
    await work
    for actor, from_nothing, from_halfway in zip(actors, fresh, halfway, strict=True):
        anew = await Picture.read(actor.client, actor.person)
        for picture in (from_nothing, from_halfway):
            await follow(picture, actor.client, actor.person)
            assert picture.shown() == anew.shown()
    await counters_are_right([person.id for person in people])


async def counters_are_right(people: list[str]) -> None:
    for seat in await Participant.filter(user_id__in=people):
        messages = DirectMessage.filter(conversation_id=seat.conversation_id)
        unread = messages.filter(receiver_id=seat.user_id, number__gt=seat.last_read_number, deleted_at=None)
        assert seat.unread_count == await unread.count()
        numbers = await messages.order_by("number").values_list("number", flat=True)
        assert numbers == [*range(1, len(numbers) + 1)]
