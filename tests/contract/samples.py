"""How to call every method: valid params for a given caller, and the same for rows that are somebody else's.

A new method needs its sample here, or `test_access_matrix` fails by its name.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from handlers.messaging.message import MessageView
from models.account import Identity, SecondFactor, Session, User
from models.account.users import NewUser
from models.assistant import Budget, Run, Thread
from models.assistant.asking import Asked, Asking
from models.file import File
from models.messaging import DirectMessage
from models.messaging.limits import MessageLimits
from models.system import DeferredTask
from models.work import Work
from server.compose.app import App
from tests.support import PASSWORD, Client, Person, Server

Params = dict[str, Any]


@dataclass
class World:
    """A server in this process, and the one who calls; None: a guest."""

    server: Server
    caller: Person | None = None
    roles: frozenset[str] = frozenset()
    verified: bool = False
    strangers: list[str] = field(default_factory=list)
    """What belongs to others and must not show in any list of the caller's."""

    @property
    def app(self) -> App:
        app: App = self.server.app  # type: ignore[attr-defined]
        return app

    async def person(
        self, name: str = "Some Body", roles: Sequence[str] = (), *, verified: bool = False, stale: bool = False
    ) -> Person:
        """Somebody with a session, put straight into the database: no password is hashed for them.

        A stale session's password was given an hour ago.
        """
        now = self.app.clock.now()
        new = NewUser(f"{uuid4().hex}@example.org", name, None, roles=roles)
        user = await User.sign_up(new)
        if verified:
            await User.filter(id=user.id).update(email_verified_at=now)
        session = await Session.create(
            user=user,
            expires_at=now + timedelta(days=1),
            last_seen_at=now,
            authenticated_at=now - timedelta(hours=stale),
        )
        token = self.app.core.tokens.issue(user.id, session.id, now)
        return Person(str(user.id), user.email, name, token, "")

    async def connect(self) -> Client:
        """A socket of the caller's."""
        return await self.server.connect(self.caller)

    async def act(self, do: Callable[[Work], Awaitable[Any]]) -> Any:
        """Do something as a command would."""
        result: list[Any] = []

        async def encoded(work: Work) -> bytes:
            result.append(await do(work))
            return b"null"

        core = self.app.core
        await core.units.run(encoded, now=core.clock.now(), by=b"null", key=None, timeout_seconds=10)
        return result[-1]

    async def message(self, sender: Person | None, receiver: Person) -> MessageView:
        """A message that was sent; of a guest there can be none, so somebody else's takes its place."""
        sent_by = UUID((sender or await self.person()).id)
        receiver_id = UUID(receiver.id)
        anybody = MessageLimits(strangers_per_hour=1_000_000, strangers_verified=False)
        sent = await self.act(
            lambda work: DirectMessage.send(work, sent_by, "a sample", receiver_id=receiver_id, limits=anybody)
        )
        return MessageView.of(sent)

    async def contact(self) -> Person:
        """Somebody with whom the caller has exchanged messages."""
        return await self.acquaint(self.caller or await self.person(), await self.person())

    async def acquaint(self, one: Person, other: Person) -> Person:
        """Make two people contacts; returns the other."""
        await self.message(one, other)
        await self.message(other, one)
        return other

    async def own(self) -> MessageView:
        """A message of the caller's."""
        return await self.message(self.caller, await self.person())

    async def received(self) -> MessageView:
        """A message to the caller."""
        return await self.message(await self.person(), self.caller or await self.person())

    async def foreign(self) -> MessageView:
        """A message between two others."""
        message = await self.message(await self.person(), await self.person())
        self.strangers += [str(message.id), str(message.conversation_id)]
        return message

    async def file(self, owner: Person | None, purpose: str = "attachment") -> UUID:
        """A file of somebody's that is ready; its bytes are not in the storage."""
        owner_id = UUID((owner or await self.person()).id)

        async def make(work: Work) -> UUID:
            about = {"name": "a.png", "purpose": purpose}
            file = await File.register(work, owner_id, **about, media_type="image/png", unattached_bytes=2**40)
            await File.arrive(work, owner_id, file.id, **about, size=1, sha256="0" * 64)
            return file.id

        id_: UUID = await self.act(make)
        if owner is not self.caller:
            self.strangers.append(str(id_))
        return id_


Make = Callable[[World], Awaitable[Params]]


@dataclass(frozen=True)
class Sample:
    """How one method is called.

    Attributes:
        params: Of what is the caller's own, or nobody's.
        foreign: Of what is somebody else's, each way in which something can be.
        owned: By role, what the caller has as somebody of this role, where several roles have rows of their own.
        lists: It names no row: what is somebody else's must not be in its result.
        sees_all: Roles that nevertheless see in the list what is somebody else's.
        refused: The code that it answers all the same although the caller may call it.
    """

    params: Make
    foreign: tuple[Make, ...] = ()
    owned: Mapping[str, Make] = field(default_factory=dict)
    lists: bool = False
    sees_all: frozenset[str] = frozenset()
    refused: Callable[[World], int | None] = lambda _world: None


SAMPLES: dict[str, Sample] = {}


def sample(method: str, **options: Any) -> Callable[[Make], Make]:
    """Declare the function that makes a method's params."""

    def decorate(make: Make) -> Make:
        assert method not in SAMPLES
        SAMPLES[method] = Sample(make, **options)
        return make

    return decorate


def constant(method: str, params: Params, **options: Any) -> None:
    """Declare params that are the same for everybody."""

    async def make(_world: World) -> Params:
        return dict(params)

    sample(method, **options)(make)


# Accounts

SIGNUP = {"full_name": "Ada Lovelace", "email": "ada@example.org", "password": PASSWORD}
constant("auth.signup", SIGNUP)
constant("auth.login", {"email": "ada@example.org", "password": PASSWORD})
constant("auth.refresh", {"refresh_token": "x" * 43})
constant("auth.logout", {"refresh_token": "x" * 43})
constant("auth.forgot_password", {"email": "ada@example.org"})
NEW_PASSWORD = {"new_password": "Battery-Staple-9", "confirm_new_password": "Battery-Staple-9"}
constant("auth.reset_password", {"token": "x" * 43, **NEW_PASSWORD})
# Of people who were put straight into the database, nobody has a password.
constant("auth.password.change", {"current_password": PASSWORD, **NEW_PASSWORD}, refused=lambda _world: -32602)
constant("auth.reauthenticate", {"password": PASSWORD}, refused=lambda _world: -32602)
constant("auth.session.list", {}, lists=True)
constant("auth.session.revoke_others", {})
constant("auth.mfa.get", {})
constant("auth.mfa.totp.begin", {})
constant("auth.mfa.totp.disable", {"code": "000000"}, refused=lambda _world: -32022)
constant("auth.mfa.recovery_codes.regenerate", {}, refused=lambda _world: -32022)
constant("auth.identity.list", {}, lists=True)
constant("auth.email.verify", {"token": "x" * 43}, refused=lambda _world: -32602)
constant("auth.email.change.confirm", {"token": "x" * 43}, refused=lambda _world: -32602)
constant("auth.email.verification.send", {}, refused=lambda world: -32022 if world.verified else None)


@sample("auth.mfa.totp.confirm", refused=lambda _world: -32602)
async def wrong_code(world: World) -> Params:
    if world.caller is not None:
        sealed = world.app.core.services.vault.seal("A" * 32, f"totp {world.caller.id}")
        await SecondFactor.filter(user_id=world.caller.id).delete()
        await SecondFactor.create(user_id=UUID(world.caller.id), sealed_secret=sealed)
    return {"code": "no code"}


@sample("auth.email.change.request")
async def new_email(_world: World) -> Params:
    return {"new_email": f"{uuid4().hex}@example.org"}


async def session_of(person: Person) -> Params:
    at = datetime.now(UTC) + timedelta(days=1)
    row = await Session.create(user_id=UUID(person.id), expires_at=at, last_seen_at=at, authenticated_at=at)
    return {"session_id": str(row.id)}


async def foreign_session(world: World) -> Params:
    return await session_of(await world.person())


@sample("auth.session.revoke", foreign=(foreign_session,))
async def own_session(world: World) -> Params:
    return await session_of(world.caller or await world.person())


async def identity_of(person: Person) -> Params:
    row = await Identity.create(user_id=UUID(person.id), provider="sample", subject=uuid4().hex)
    await Identity.create(user_id=UUID(person.id), provider="sample", subject=uuid4().hex)
    return {"identity_id": str(row.id)}


async def foreign_identity(world: World) -> Params:
    return await identity_of(await world.person())


@sample("auth.identity.unlink", foreign=(foreign_identity,))
async def own_identity(world: World) -> Params:
    return await identity_of(world.caller or await world.person())


# Profile, preferences, notifications, onboarding

constant("account.profile.get", {})
constant("account.profile.update", {"headline": "a sample"})
constant("account.preferences.get", {})
constant("account.preferences.update", {"theme": "dark"})
constant("notification.list", {}, lists=True)
constant("notification.read", {"all": True})
constant("notification.delete", {"notification_ids": [str(uuid4())]})
constant("notification.unread_count", {})
constant("notification.preference.get", {})
constant("notification.preference.update", {"quiet_hours": None})
constant("onboarding.get", {})
constant("onboarding.step.submit", {"step": "role", "answers": {"role": "learner"}})
constant("onboarding.step.skip", {"step": "experience"}, refused=lambda _world: -32022)
constant("onboarding.complete", {}, refused=lambda _world: -32022)


@sample("account.user.get")
async def person(world: World) -> Params:
    return {"user_id": (await world.person()).id}


# The socket itself


@sample("session.authenticate", refused=lambda world: -32022 if world.caller else None)
async def authenticate(world: World) -> Params:
    return {"access_token": (world.caller or await world.person()).token}


@sample("session.refresh")
async def refresh(world: World) -> Params:
    return {"access_token": (world.caller or await world.person()).token}


@sample("session.subscribe")
async def subscribe(world: World) -> Params:
    return {"topics": {world.caller.topic: None} if world.caller else {}}


constant("session.unsubscribe", {"topics": []})
constant("session.whoami", {})
constant("session.ping", {"t": 1})
constant("rpc.cancel", {"id": "nothing"})
constant("rpc.discover", {})
constant("system.info", {})


# Messages


async def of_conversation(message: Awaitable[MessageView], **more: Any) -> Params:
    return {"conversation_id": str((await message).conversation_id), **more}


async def of_message(message: Awaitable[MessageView], **more: Any) -> Params:
    return {"message_id": str((await message).id), **more}


constant("conversation.list", {}, lists=True)


@sample("conversation.open")
@sample("block.add")
@sample("block.remove")
async def somebody(world: World) -> Params:
    return {"user_id": (await world.person()).id}


@sample("conversation.update", foreign=(lambda world: of_conversation(world.foreign(), muted=True),))
async def update(world: World) -> Params:
    return await of_conversation(world.own(), muted=True)


@sample("message.list", foreign=(lambda world: of_conversation(world.foreign()),))
async def list_messages(world: World) -> Params:
    return await of_conversation(world.own())


@sample("message.send")
async def send(world: World) -> Params:
    return {"receiver_id": (await world.person()).id, "content": "hello"}


@sample(
    "message.edit",
    foreign=(
        lambda world: of_message(world.foreign(), content="mine"),
        lambda world: of_message(world.received(), content="mine"),
    ),
)
async def edit(world: World) -> Params:
    return await of_message(world.own(), content="better")


@sample(
    "message.delete",
    foreign=(lambda world: of_message(world.foreign()), lambda world: of_message(world.received())),
)
async def delete(world: World) -> Params:
    return await of_message(world.own())


async def up_to(message: MessageView) -> Params:
    return {"conversation_id": str(message.conversation_id), "up_to_message_id": str(message.id)}


async def read_foreign(world: World) -> Params:
    return await up_to(await world.foreign())


async def read_foreign_message(world: World) -> Params:
    foreign = await world.foreign()
    return {**await up_to(await world.received()), "up_to_message_id": str(foreign.id)}


@sample("message.read", foreign=(read_foreign, read_foreign_message))
async def read(world: World) -> Params:
    return await up_to(await world.received())


@sample("message.typing", foreign=(lambda world: of_conversation(world.foreign(), typing=True),))
async def typing(world: World) -> Params:
    return await of_conversation(world.own(), typing=True)


constant("block.list", {}, lists=True)


# Files


async def own_file(world: World) -> Params:
    return {"file_id": str(await world.file(world.caller))}


async def foreign_file(world: World) -> Params:
    return {"file_id": str(await world.file(await world.person()))}


for one in ("file.get", "file.url.create", "file.delete"):
    sample(one, foreign=(foreign_file,))(own_file)
constant("file.list", {}, lists=True)


@sample("account.avatar.set", foreign=(foreign_file,))
async def avatar(world: World) -> Params:
    return {"file_id": str(await world.file(world.caller, "avatar"))}


constant("account.avatar.remove", {})
ARRIVED = {"file_id": str(uuid4()), "name": "a.png", "size": 1, "sha256": "0" * 64, "purpose": "avatar"}
constant("file.register", {"name": "a.png", "media_type": "image/png", "purpose": "avatar"})
constant("file.arrive", ARRIVED)
constant("file.reject", {"file_id": str(uuid4()), "reason": "broken"})
constant("file.open", {"file_id": str(uuid4()), "signed": False})


# Assistant


@dataclass(frozen=True)
class Talk:
    """A thread of somebody's with one prompt, and the run that would answer it."""

    thread_id: UUID
    asked: Asked


async def talk(world: World, owner: Person | None, *, over: bool = False) -> Talk:
    """A thread of somebody's, whose run waits or is over."""
    owner_id = UUID((owner or await world.person()).id)

    async def make(work: Work) -> Talk:
        thread = await Thread.start(work, owner_id, title=None, model=None, context={}, temporary=False)
        asked = await Asking(owner_id, Budget(10**9, 10**9, 10**9), "gemini-2.5-flash").send(work, thread.id, "hello")
        if over:
            await Run.stop(work, owner_id, asked.run_id)
        return Talk(thread.id, asked)

    made: Talk = await world.act(make)
    if owner is not world.caller:
        world.strangers += [str(made.thread_id), str(made.asked.message_id)]
    return made


def of_thread(method: str, **more: Any) -> None:
    """Declare the sample of a method that takes a thread."""

    async def own(world: World) -> Params:
        return {"thread_id": str((await talk(world, world.caller, over=True)).thread_id), **more}

    async def foreign(world: World) -> Params:
        return {"thread_id": str((await talk(world, await world.person(), over=True)).thread_id), **more}

    sample(method, foreign=(foreign,))(own)


def of_prompt(method: str, **more: Any) -> None:
    """Declare the sample of a method that takes a prompt."""

    async def own(world: World) -> Params:
        return {"message_id": str((await talk(world, world.caller, over=True)).asked.message_id), **more}

    async def foreign(world: World) -> Params:
        return {"message_id": str((await talk(world, await world.person(), over=True)).asked.message_id), **more}

    sample(method, foreign=(foreign,))(own)


def of_run(method: str) -> None:
    """Declare the sample of a method that takes a run; it is over, so nobody waits for its end."""

    async def own(world: World) -> Params:
        return {"run_id": str((await talk(world, world.caller, over=True)).asked.run_id)}

    async def foreign(world: World) -> Params:
        return {"run_id": str((await talk(world, await world.person(), over=True)).asked.run_id)}

    sample(method, foreign=(foreign,))(own)


constant("assistant.model.list", {})
constant("assistant.usage.get", {})
constant("assistant.thread.list", {}, lists=True)
constant("assistant.thread.create", {"title": "a sample"})
for one in ("thread.get", "thread.delete", "message.list", "attachment.list"):
    of_thread(f"assistant.{one}")
of_thread("assistant.thread.update", pinned=True)
of_thread("assistant.message.send", text="and then?")
of_prompt("assistant.message.regenerate")
of_prompt("assistant.message.edit", text="otherwise")
of_prompt("assistant.message.delete")
of_run("assistant.run.get")
of_run("assistant.run.stop")


async def branch_of(world: World, owner: Person | None) -> Params:
    made = await talk(world, owner, over=True)
    return {"thread_id": str(made.thread_id), "message_id": str(made.asked.message_id)}


async def foreign_branch(world: World) -> Params:
    return await branch_of(world, await world.person())


async def branch_of_another_thread(world: World) -> Params:
    return {**await branch_of(world, world.caller), "message_id": (await foreign_branch(world))["message_id"]}


@sample("assistant.branch.select", foreign=(foreign_branch, branch_of_another_thread))
async def own_branch(world: World) -> Params:
    return await branch_of(world, world.caller)


# Presence


@sample("presence.get")
async def presence(world: World) -> Params:
    return {"user_ids": [world.caller.id if world.caller else str(uuid4())]}


constant("presence.set", {"status": "online"})


# Admins

constant("admin.task.list", {})
constant("admin.user.list", {"search": "sample", "filter": {"status": "active"}, "sort": "full_name"})
constant("admin.audit.list", {"filter": {"action": "auth.login", "from": "2026-01-01T00:00:00Z"}})


@sample("admin.user.get")
@sample("admin.user.sessions.revoke")
async def whom(world: World) -> Params:
    return {"user_id": (await world.person()).id}


@sample("admin.user.status.set")
async def status(world: World) -> Params:
    until = (world.app.clock.now() + timedelta(days=1)).isoformat()
    return {**await whom(world), "status": "suspended", "reason": "a sample", "until": until}


@sample("admin.user.role.set")
async def roles(world: World) -> Params:
    return {**await whom(world), "roles": ["employer"]}


@sample("admin.task.retry")
async def retry(world: World) -> Params:
    now = world.app.clock.now()
    task = await DeferredTask.create(
        id=uuid7(), name="system.prune_log", args="[]", due_at=now, failed_at=now, created_at=now
    )
    return {"task_id": str(task.id)}


# Topics: how each kind is named for what is the caller's own and for what is somebody else's

Name = Callable[[World], Awaitable[str]]


@dataclass(frozen=True)
class TopicSample:
    """One kind of topic: by role, what the caller has in it as somebody of this role; and what is another's."""

    owned: Mapping[str, Name]
    foreign: Name | None

    @property
    def own(self) -> Name:
        """What is the caller's own."""
        return next(iter(self.owned.values()), admin)


async def own_topic(world: World) -> str:
    return (world.caller or await world.person()).topic


async def foreign_topic(world: World) -> str:
    return (await world.person()).topic


async def own_conversation(world: World) -> str:
    return f"conversation:{(await world.own()).conversation_id}"


async def foreign_conversation(world: World) -> str:
    return f"conversation:{(await world.foreign()).conversation_id}"


async def acquaintance(world: World) -> str:
    return f"presence:{(await world.contact()).id}"


async def stranger(world: World) -> str:
    return f"presence:{(await world.person()).id}"


async def own_thread(world: World) -> str:
    return f"thread:{(await talk(world, world.caller)).thread_id}"


async def foreign_thread(world: World) -> str:
    return f"thread:{(await talk(world, await world.person())).thread_id}"


async def admin(_world: World) -> str:
    return "admin"


TOPICS = {
    "user": TopicSample({"user": own_topic}, foreign_topic),
    "conversation": TopicSample({"user": own_conversation}, foreign_conversation),
    "presence": TopicSample({"user": acquaintance}, stranger),
    "thread": TopicSample({"user": own_thread}, foreign_thread),
    "admin": TopicSample({}, admin),
}

# The samples of larger domains have modules of their own, which add to what stands above.
import tests.contract.assessment_samples  # noqa: E402, F401
