"""What is taken away reaches open sockets: sessions that end, accounts that are suspended, roles, rights to topics.

Every authenticated socket's process follows the user's own topic, whether the client has subscribed to it or not.
"""

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from server.kernel import closing
from server.kernel.errors import DATABASE_AWAY
from server.kernel.identity import Identity, Sessions
from server.kernel.log import Message
from server.kernel.registry import Registry
from server.socket.hub import LOG_LOST

if TYPE_CHECKING:
    from server.socket.connection import Connection

logger = structlog.get_logger("nexa.rights")

REVOKED = "auth.session_revoked"
SUSPENDED = "account.suspended"
UPDATED = "account.updated"
SHOWN = frozenset({"roles", "email", "email_verified", "full_name"})
"""What of an account a socket remembers."""
RECHECKED = frozenset({LOG_LOST, "account.rights_changed"})
"""After these the topics of a socket are looked at again."""
RETRY_SECONDS = 1.0


class Rights:
    """Acts upon the events of the users' own topics."""

    def __init__(self, registry: Registry, sessions: Sessions) -> None:
        self._registry = registry
        self._sessions = sessions
        self._checks: dict[Connection, asyncio.Task[None]] = {}

    def on_own_event(self, connection: "Connection", message: Message) -> None:
        """Something happened to the user of a socket; called before anything else that it sends is carried out."""
        if message.name == SUSPENDED:
            connection.close(closing.SUSPENDED)
        elif message.name == REVOKED and _is_about(connection, _data(message)):
            connection.end_after_reply(closing.SESSION_REVOKED, _params(message)["by"])
        elif message.name in RECHECKED or (message.name == UPDATED and _is_shown(_data(message))):
            self._spawn(connection)

    def _spawn(self, connection: "Connection") -> None:
        before, loop = self._checks.get(connection), asyncio.get_running_loop()
        # From here on no call of this socket begins before the change is known.
        renewed = connection.caller.renewing = loop.create_future()
        task = self._checks[connection] = loop.create_task(self._recheck(connection, before, renewed))
        task.add_done_callback(lambda _: self._checks.pop(connection) if self._checks[connection] is task else None)

    async def _recheck(
        self, connection: "Connection", before: "asyncio.Task[None] | None", renewed: "asyncio.Future[None]"
    ) -> None:
        """Read the person's roles anew and take away the topics that they may not follow any more.

        One after another, so that what was read last is what holds. A right that cannot be checked is no right: after
        an unexpected error the socket is closed.
        """
        if before is not None:
            await asyncio.wait([before])
        try:
            while not connection.closing:
                try:
                    await self._apply(connection, renewed)
                except DATABASE_AWAY as error:
                    logger.warning("rights not checked yet", reason=repr(error))
                    await asyncio.sleep(RETRY_SECONDS)
                else:
                    return
        except Exception:
            # A right that cannot be checked is none: the socket comes back, and is checked when it subscribes.
            logger.exception("rights cannot be checked")
            connection.close(closing.INTERNAL_ERROR)
        finally:
            _settle(renewed)
            if connection.caller.renewing is renewed:
                connection.caller.renewing = None

    async def _apply(self, connection: "Connection", renewed: "asyncio.Future[None]") -> None:
        old = connection.caller.identity
        identity = await self._sessions(old.session_id) if old else None
        if identity is None:
            connection.close(closing.SESSION_REVOKED)
            return
        connection.caller.identity = identity
        _settle(renewed)
        for name in list(connection.topics):
            if not await self._may_follow(identity, name):
                connection.lose_topic(name, "forbidden")

    async def _may_follow(self, identity: Identity, name: str) -> bool:
        topic = self._registry.topic(name)
        return await topic.type.may_follow(identity, topic.id)


def _settle(renewed: "asyncio.Future[None]") -> None:
    if not renewed.done():
        renewed.set_result(None)


def _params(message: Message) -> dict[str, Any]:
    params: dict[str, Any] = orjson.loads(message.body)["params"]
    return params


def _data(message: Message) -> dict[str, Any]:
    data: dict[str, Any] = _params(message)["data"]
    return data


def _is_shown(data: dict[str, Any]) -> bool:
    return not SHOWN.isdisjoint(data.get("fields", ()))


def _is_about(connection: "Connection", data: dict[str, Any]) -> bool:
    identity = connection.caller.identity
    return identity is not None and data["session_id"] == str(identity.session_id)
