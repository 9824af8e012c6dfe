"""What a handler gets to know of the call that it answers."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from models.errors import Unauthenticated
from models.work import Work
from server.kernel.identity import Identity, Sessions, Tokens
from server.kernel.limits import Buckets
from server.kernel.links import Links
from server.kernel.shapes import View
from server.kernel.throttle import Attempts
from server.kernel.vault import Vault


@dataclass(slots=True)
class Caller:
    """Who calls, and by which way.

    Attributes:
        address: The client's address, for limits and the audit.
        identity: The user; None for a guest.
        expires_at: When the access token runs out.
        connection_id: The socket; None over HTTP.
        connection: The socket's own object, for the control methods of the edge.
        trusted: One of our own routes, which may call what is `internal`.
    """

    address: str
    user_agent: str = ""
    identity: Identity | None = None
    expires_at: datetime | None = None
    connection_id: str | None = None
    connection: Any = None
    trusted: bool = False

    def expired(self, now: datetime) -> bool:
        """Whether there was a user, but the token has run out."""
        return self.expires_at is not None and self.expires_at <= now


class SystemInfo(View):
    """What is running, and which of its outside services are played by emulators."""

    status: str
    service: str
    version: str
    environment: str
    auth0_configured: bool
    supabase_configured: bool
    emulated: list[str]
    features: list[str]


class Seen(Protocol):
    """What is known of one person."""

    @property
    def there(self) -> bool:
        """Whether they are there."""

    @property
    def last_seen_at(self) -> datetime | None:
        """When they were seen to go the last time; None if nobody knows."""


class Presence(Protocol):
    """Who is there. What its methods raise while that is not known is registered as `unavailable`."""

    async def come(self, user: UUID, now: datetime) -> None:
        """Somebody is there."""

    async def end(self, user: UUID, last_seen_at: datetime) -> bool:
        """Somebody has gone; says whether this is the one call that ended it."""

    async def read(self, users: Sequence[UUID]) -> Mapping[UUID, Seen]:
        """Who is there."""

    async def there(self, users: Sequence[UUID], now: datetime) -> set[UUID]:
        """Those who have a socket somewhere, also if they do not want to be seen; not for others to know."""


class Mail(Protocol):
    """What takes mails to where they are delivered."""

    async def send(self, *, to: str, subject: str, text: str, html: str, message_id: UUID) -> bool:
        """Hand a mail over; False when it was refused for good. Raises when another try may succeed.

        Args:
            to: One bare address.
            subject: One line; line breaks in it are taken out.
            text: The mail as plain text.
            html: The same as HTML.
            message_id: The same for every try, so that a receiver can tell a repetition.
        """


class Failure(Protocol):
    """Why an answer did not come, or broke off."""

    @property
    def kind(self) -> str:
        """One word for programs."""

    @property
    def message(self) -> str:
        """A sentence for whoever asked."""

    @property
    def retryable(self) -> bool:
        """Whether asking again may help."""


class Piece(Protocol):
    """What a model said at once. The last piece has a `finish` or a `failure`."""

    @property
    def text(self) -> str:
        """What it said."""

    @property
    def finish(self) -> str | None:
        """Why it ended in order: `stop` or `max_tokens`."""

    @property
    def failure(self) -> Failure | None:
        """Why it did not."""

    @property
    def prompt_tokens(self) -> int:
        """As far as they are known."""

    @property
    def output_tokens(self) -> int:
        """As far as they are known."""


class Gemini(Protocol):
    """What writes answers."""

    def stream(
        self, *, model: str, system: str, turns: Sequence[tuple[str, Sequence[str]]], max_tokens: int
    ) -> AsyncGenerator[Piece, None]:
        """Ask, and hand out what comes; nothing is raised. Cancelling the task that reads ends the call."""

    async def models(self) -> Sequence[Any]:
        """The models there are: `id`, `display_name`, `input_tokens`, `output_tokens`."""


class Extracted(Protocol):
    """What was read out of a file."""

    @property
    def text(self) -> str:
        """Its text, as far as it was kept."""

    @property
    def truncated(self) -> bool:
        """Whether there is more."""

    @property
    def reason(self) -> str | None:
        """Why nothing could be read, a sentence for the file's owner."""


class Extractor(Protocol):
    """What reads files that strangers have made."""

    async def read(self, content: bytes, media_type: str) -> Extracted:
        """The text of a file; nothing is raised."""


class RunText(Protocol):
    """The text of one attempt, as whoever writes it has it."""

    @property
    def text(self) -> str:
        """All that was added."""

    async def add(self, piece: str) -> None:
        """Add to it; readers find it when this returns."""


class RunTexts(Protocol):
    """The texts of answers that are being written."""

    def write(self, run_id: UUID, attempt: int) -> RunText:
        """Begin the text of an attempt."""

    async def read(self, run_id: UUID, attempt: int) -> str | None:
        """The text so far; None where there is none. What it raises is registered as `unavailable`."""


@dataclass(frozen=True, slots=True)
class AssistantLimits:
    """How the assistant answers, and how much of it each person may use.

    Attributes:
        default_model: What answers where nobody says otherwise.
        answer_tokens: The longest answer.
        daily_tokens: Of one person, a day of UTC.
        monthly_tokens: Of one person, a month of UTC.
        runs_at_once: How many answers may be written for one person at the same time.
    """

    default_model: str
    answer_tokens: int
    daily_tokens: int
    monthly_tokens: int
    runs_at_once: int


class Storage(Protocol):
    """Where the bytes of files are. What its methods raise while it is away is registered as `unavailable`."""

    async def put(self, key: str, content: AsyncIterator[bytes]) -> None:
        """Store what comes, while it comes; nothing is stored when `content` raises, and that is raised here."""

    def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, not including, `end`; raises FileNotFoundError where nothing is."""

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; what is not there is no fault."""

    async def list(self, shard: str, before: datetime) -> Sequence[str]:
        """The keys that begin with two given hexadecimal digits, of what was stored before a moment."""

    async def remove_unfinished(self, shard: str, before: datetime) -> None:
        """Remove what processes that were killed left half-stored."""


@dataclass(frozen=True, slots=True)
class Services:
    """What handlers may use beside the database, built in the composition root.

    Attributes:
        tokens: Issues and checks access tokens.
        info: What `/health` and `system.info` say of this installation.
        describe: The OpenRPC document.
        presence: Who is there.
        mail: Takes mails away.
        gemini: Writes answers.
        run_texts: Answers that are being written.
        extractor: Reads files.
        assistant: Limits of the assistant.
        vault: Encrypts what is kept and must not be read in the tables.
        pages: The address below which links in mails lead, without a slash at its end.
        storage: Where the bytes of files are.
        file_links: Signs addresses at which a file can be read without a token.
        sessions: Reads who a session stands for.
        pepper: A key of this installation for hashes of what could be guessed.
        signups_per_hour: How many accounts one address may open.
        refresh_seconds: How long a session lives without being refreshed.
        unattached_bytes: How much of one person's files may belong to nothing.
        buckets: What handlers count themselves, where a limit is a setting or has a key of its own.
        attempts: Wrong passwords.
    """

    tokens: Tokens
    info: SystemInfo
    describe: Callable[[], dict[str, Any]]
    presence: Presence
    mail: Mail
    gemini: Gemini
    run_texts: RunTexts
    extractor: Extractor
    assistant: AssistantLimits
    vault: Vault
    pages: str
    storage: Storage
    file_links: Links
    sessions: Sessions
    pepper: bytes
    signups_per_hour: int = 20
    refresh_seconds: int = 30 * 86_400
    unattached_bytes: int = 4 * 1024**3
    buckets: Buckets = field(default_factory=Buckets)
    attempts: Attempts = field(default_factory=Attempts)


class Calling(Protocol):
    """What a handler may know of the call that it answers."""

    caller: Caller
    now: datetime
    as_of: Any
    after_reply: list[Callable[[], None]]

    @property
    def request_id(self) -> str:
        """How logs and errors name this call."""


@dataclass(slots=True)
class Ctx:
    """One call, as its handler sees it."""

    call: Calling
    services: Services
    unit: Work | None = None

    @property
    def caller(self) -> Caller:
        """Who calls, and by which way."""
        return self.call.caller

    @property
    def now(self) -> datetime:
        """When the call arrived."""
        return self.call.now

    @property
    def request_id(self) -> str:
        """How logs and errors name this call."""
        return self.call.request_id

    @property
    def pinned(self) -> bool:
        """Whether all is read as of one moment (`as_of`), in a transaction: waiting would hold it, and show nothing."""
        return self.call.as_of is not None

    @property
    def after_reply(self) -> list[Callable[[], None]]:
        """What is put here happens once a successful reply is on its way."""
        return self.call.after_reply

    @property
    def user(self) -> Identity:
        """The user who calls; raises Unauthenticated for a guest."""
        if self.caller.identity is None:
            raise Unauthenticated
        return self.caller.identity

    @property
    def user_id(self) -> UUID:
        """The id of the user who calls; raises Unauthenticated for a guest."""
        return self.user.user_id

    @property
    def work(self) -> Work:
        """The unit of work of a command or a signal; a query has none."""
        if self.unit is None:
            raise RuntimeError("a query changes nothing")
        return self.unit
