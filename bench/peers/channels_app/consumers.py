"""The consumers, one for each kind of work; written as Channels' own documentation writes them."""

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from channels_app.models import Message

CATCH_UP_LIMIT = 500


class Echo(AsyncJsonWebsocketConsumer):
    """Answers with what it was sent."""

    async def receive_json(self, content: Any, **_: Any) -> None:
        await self.send_json(content)


class FanOut(AsyncJsonWebsocketConsumer):
    """Everybody is in one group; what a client sends goes to the group."""

    groups = ("everybody",)

    async def connect(self) -> None:
        await self.accept()
        await self.send_json({"joined": True})

    async def receive_json(self, content: Any, **_: Any) -> None:
        await self.channel_layer.group_send("everybody", {"type": "fanned", "data": content})

    async def fanned(self, event: dict[str, Any]) -> None:
        await self.send_json({"event": "fanned", "data": event["data"]})


class Person(AsyncJsonWebsocketConsumer):
    """A person, named by the path, who sends messages and gets those of others.

    A message is one row, then one `group_send` to its receiver, then the acknowledgement. What a person missed while
    away is read from the table: Channels itself keeps nothing.
    """

    async def connect(self) -> None:
        self.person_id = int(self.scope["path"].rsplit("/", 1)[1])
        await self.channel_layer.group_add(group_of(self.person_id), self.channel_name)
        await self.accept()
        await self.send_json({"joined": True})

    async def disconnect(self, code: int) -> None:  # noqa: ARG002 Channels' name of it
        await self.channel_layer.group_discard(group_of(self.person_id), self.channel_name)

    async def receive_json(self, content: Any, **_: Any) -> None:
        if "after" in content:
            await self.send_json({"missed": await self.missed(content["after"])})
            return
        message = await self.store(content["receiver_id"], content["content"])
        await self.channel_layer.group_send(
            group_of(message.receiver_id), {"type": "message.created", "message": message.as_event()}
        )
        await self.send_json({"reply": content["id"], "message_id": message.id})

    async def message_created(self, event: dict[str, Any]) -> None:
        await self.send_json(event["message"])

    async def store(self, receiver_id: int, content: str) -> Message:
        return await Message.objects.acreate(sender_id=self.person_id, receiver_id=receiver_id, content=content)

    @database_sync_to_async
    def missed(self, after: int) -> list[dict[str, object]]:
        rows = Message.objects.filter(receiver_id=self.person_id, id__gt=after).order_by("id")
        return [row.as_event() for row in rows[:CATCH_UP_LIMIT]]


def group_of(person_id: int) -> str:
    """Return the name of the group that a person's sockets are in."""
    return f"person.{person_id}"
