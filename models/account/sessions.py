"""Sessions, and the refresh tokens that keep them alive.

A session is the family of the tokens that came out of one another. Its row is the lock for all that happens to them.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from models.account.users import ACTIVE, User
from models.base import Row
from models.errors import Unauthenticated
from models.kit.topics import user_topic
from models.work import Work

FURTHER_PAIR_SECONDS = 10
DEVICE_MAX = 200


@dataclass(frozen=True, slots=True)
class SessionIdentity:
    """What a live session says of the person behind it."""

    user_id: UUID
    session_id: UUID
    email: str
    full_name: str
    roles: frozenset[str]
    email_verified: bool
    authenticated_at: datetime


class Session(Row):
    """One device on which somebody is logged in.

    Attributes:
        device: The user agent, at most 200 characters.
        expires_at: When it ends unless it is refreshed before.
        authenticated_at: When the password was given last, for what wants it to be recent.
    """

    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="sessions")
    user_id: UUID
    device = fields.CharField(max_length=DEVICE_MAX, default="")
    ip = fields.CharField(max_length=64, default="")
    expires_at: datetime = fields.DatetimeField()
    last_seen_at: datetime = fields.DatetimeField()
    revoked_at: datetime | None = fields.DatetimeField(null=True)
    authenticated_at: datetime = fields.DatetimeField()

    class Meta:
        table = "session"

    @classmethod
    async def open(cls, work: Work, user: User, *, device: str, ip: str, lifetime: timedelta) -> tuple["Session", str]:
        """Begin a session of a user who has just proved who they are; its first refresh token comes with it."""
        session = await cls.create(
            user=user,
            device=printable(device),
            ip=ip[:64],
            expires_at=work.now + lifetime,
            last_seen_at=work.now,
            authenticated_at=work.now,
        )
        return session, await RefreshToken.issue(session)

    @classmethod
    async def refresh(cls, work: Work, token: str, lifetime: timedelta) -> tuple["Session", str]:
        """Take a refresh token and give the next one of its family.

        A token that was used before has been copied: the whole family is revoked, except within 10 seconds of its
        use, when two tabs had the same thought and each gets a token of its own. Raises Unauthenticated, and Forbidden
        while the user is suspended: then the token is as good as before.
        """
        hashed = hash_token(token)
        session = await cls._locked_of(hashed)
        used = await RefreshToken.get_or_none(token_hash=hashed)
        if session is None or used is None or not session.honours(used, work.now):
            raise _bad_token()
        (await User.get(id=session.user_id)).refuse_suspended(work.now)
        if used.used_at is not None and work.now - used.used_at > timedelta(seconds=FURTHER_PAIR_SECONDS):
            await session.revoke(work)
            raise _bad_token(commit=True)
        if used.used_at is None:
            used.used_at = work.now
            await used.save(update_fields=["used_at", "updated_at"])
        await session.prolong(work.now, lifetime)
        return session, await RefreshToken.issue(session)

    @classmethod
    async def _locked_of(cls, token_hash: str) -> "Session | None":
        token = await RefreshToken.get_or_none(token_hash=token_hash)
        return await cls.locked().get_or_none(id=token.session_id) if token is not None else None

    def honours(self, token: "RefreshToken", now: datetime) -> bool:
        """Whether one of its tokens may be used: neither it nor the session has ended."""
        return self.revoked_at is None and min(self.expires_at, token.expires_at) > now

    async def prolong(self, now: datetime, lifetime: timedelta) -> None:
        """Let it live for a lifetime from now; its row is locked."""
        # A token that arrived a moment earlier may have waited here for the lock: time does not go back.
        self.last_seen_at = max(self.last_seen_at, now)
        self.expires_at = max(self.expires_at, now + lifetime)
        await self.save(update_fields=["last_seen_at", "expires_at", "updated_at"])

    async def revoke(self, work: Work) -> None:
        """End this session, whose row is locked, with all its tokens and sockets; one that has ended stays as it is."""
        if self.revoked_at is not None:
            return
        self.revoked_at = work.now
        await self.save(update_fields=["revoked_at", "updated_at"])
        work.emit(user_topic(self.user_id), "auth.session_revoked", {"session_id": self.id})

    @classmethod
    async def revoke_of(cls, work: Work, user_id: UUID, session_ids: Iterable[UUID]) -> None:
        """End those of the given sessions that are the user's."""
        rows = cls.locked().filter(id__in=list(session_ids), user_id=user_id).order_by("id")
        for session in await rows:
            await session.revoke(work)

    @classmethod
    async def revoke_all(cls, work: Work, user_id: UUID, *, but: UUID | None = None) -> int:
        """End all sessions of a user, or all but one; returns how many. The user's row is locked, so none is added."""
        alive = cls.locked().filter(user_id=user_id, revoked_at=None, expires_at__gt=work.now).order_by("id")
        ended = [session for session in await alive if session.id != but]
        for session in ended:
            await session.revoke(work)
        return len(ended)

    @classmethod
    def alive_of(cls, user_id: UUID, now: datetime) -> "QuerySet[Session]":
        """The sessions of a user that can be used."""
        return cls.filter(user_id=user_id, revoked_at=None, expires_at__gt=now)

    @classmethod
    async def confirm(cls, session_id: UUID, now: datetime) -> None:
        """The password or the second factor was given just now."""
        await cls.filter(id=session_id).update(authenticated_at=now)

    @classmethod
    async def is_new_device(cls, user_id: UUID, device: str) -> bool:
        """Whether somebody who has been here before comes from a user agent that they never came from."""
        known: Any = await cls.filter(user_id=user_id).distinct().values_list("device", flat=True)
        return bool(known) and printable(device) not in known

    @classmethod
    async def id_of(cls, token: str) -> UUID | None:
        """The session whose refresh token this is, or was."""
        row = await RefreshToken.get_or_none(token_hash=hash_token(token))
        return row.session_id if row is not None else None

    @classmethod
    async def identity(cls, session_id: UUID, now: datetime | None = None) -> SessionIdentity | None:
        """Who is behind a session, in one query; None when it was revoked or has ended, or the user is suspended."""
        moment = now or datetime.now(UTC)
        # A suspension that has ended may still wait for the clock.
        admitted = Q(user__status=ACTIVE) | Q(user__suspended_until__lte=moment)
        row = await (
            cls.filter(admitted, id=session_id, revoked_at=None, expires_at__gt=moment)
            .first()
            .values_list(
                "user_id",
                "user__email",
                "user__full_name",
                "user__roles",
                "user__email_verified_at",
                "authenticated_at",
            )
        )
        if row is None:
            return None
        user_id, email, full_name, roles, verified_at, authenticated_at = row
        verified = verified_at is not None
        return SessionIdentity(user_id, session_id, email, full_name, frozenset(roles), verified, authenticated_at)


class RefreshToken(Row):
    """One refresh token. Only its hash is kept: who reads the table cannot log in with what is there."""

    session: fields.ForeignKeyRelation[Session] = fields.ForeignKeyField("models.Session", related_name="tokens")
    session_id: UUID
    token_hash = fields.CharField(max_length=64, unique=True)
    used_at: datetime | None = fields.DatetimeField(null=True)
    expires_at: datetime = fields.DatetimeField()

    class Meta:
        table = "refresh_token"

    @classmethod
    async def issue(cls, session: Session) -> str:
        """A new token of a session, good for as long as the session is by now."""
        token = secrets.token_urlsafe(32)
        await cls.create(session=session, token_hash=hash_token(token), expires_at=session.expires_at)
        return token


def printable(device: str) -> str:
    """A user agent as it is kept and shown."""
    return "".join(filter(str.isprintable, device))[:DEVICE_MAX]


def hash_token(token: str) -> str:
    """What is stored of a token. It has 256 random bits, so that a plain hash cannot be guessed backwards."""
    return hashlib.sha256(token.encode()).hexdigest()


def _bad_token(*, commit: bool = False) -> Unauthenticated:
    return Unauthenticated(
        "Please log in again.", title="Invalid token", detail="Invalid or expired token.", commit=commit
    )
