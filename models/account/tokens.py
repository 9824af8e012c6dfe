"""Tokens that are good once and for a while: they travel in mails, or between two steps of logging in."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields

from models.account.sessions import hash_token
from models.account.users import User
from models.base import Row
from models.errors import Invalid
from models.work import Work

BAD_TOKEN = "Invalid or expired token."  # noqa: S105 - a text
PAUSE = timedelta(seconds=60)
AN_HOUR = timedelta(hours=1)
AN_HOUR_AT_MOST = 5


class Purpose(StrEnum):
    """What a token is good for."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a name
    CHANGE_EMAIL = "change_email"
    SECOND_FACTOR = "second_factor"


LIFETIMES: Mapping[Purpose, timedelta] = {
    Purpose.VERIFY_EMAIL: timedelta(hours=24),
    Purpose.RESET_PASSWORD: timedelta(minutes=45),
    Purpose.CHANGE_EMAIL: timedelta(hours=24),
    Purpose.SECOND_FACTOR: timedelta(minutes=5),
}


class OneTimeToken(Row):
    """One token of 32 random bytes. Only its hash is kept: who reads the table cannot use what is there.

    Attributes:
        data: What it is about, such as the address that it confirms.
    """

    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="one_time_tokens")
    user_id: UUID
    purpose = fields.CharField(max_length=32)
    token_hash = fields.CharField(max_length=64, unique=True)
    expires_at: datetime = fields.DatetimeField()
    used_at: datetime | None = fields.DatetimeField(null=True)
    data: dict[str, Any] = fields.JSONField(default=dict)

    class Meta:
        table = "one_time_token"

    @classmethod
    async def issue(cls, now: datetime, user: User, purpose: Purpose, **data: str) -> str:
        """A new token; the earlier ones stay good, for mails overtake each other."""
        token = secrets.token_urlsafe(32)
        await cls.create(
            user=user,
            purpose=purpose.value,
            token_hash=hash_token(token),
            expires_at=now + LIFETIMES[purpose],
            data=data,
            created_at=now,
        )
        return token

    @classmethod
    async def wait_seconds(cls, now: datetime, user_id: UUID, purpose: Purpose) -> int:
        """How long to wait until the next one may be sent: a minute after the last one, and five an hour at most."""
        rows = cls.filter(user_id=user_id, purpose=purpose.value, created_at__gt=now - AN_HOUR).order_by("-created_at")
        sent: list[Any] = await rows.limit(AN_HOUR_AT_MOST).values_list("created_at", flat=True)
        until = [sent[0] + PAUSE] if sent else []
        if len(sent) == AN_HOUR_AT_MOST:
            until.append(sent[-1] + AN_HOUR)
        seconds = max(((moment - now).total_seconds() for moment in until), default=0.0)
        return max(0, -int(-seconds // 1))

    @classmethod
    async def holder(cls, now: datetime, token: str, purpose: Purpose) -> User:
        """Whose a token is that could be redeemed at this moment; raises what `redeem` raises."""
        row = await cls.filter(token_hash=hash_token(token), purpose=purpose.value).select_related("user").first()
        if row is None or row.used_at is not None or row.expires_at <= now:
            raise bad_token()
        return row.user

    @classmethod
    async def redeem(cls, work: Work, token: str, purpose: Purpose) -> tuple[User, dict[str, Any]]:
        """Use a token up; returns whose it is, locked, and what it is about.

        Of several who use it at once one succeeds. Raises Invalid for a token that is unknown, used, for something
        else, or too old. If the command fails later, the token is as good as before.
        """
        row = await cls.get_or_none(token_hash=hash_token(token), purpose=purpose.value)
        # The person first and the token second, as everywhere, so that two of us never wait for each other.
        user = await User.locked().get_or_none(id=row.user_id) if row is not None else None
        if row is None or user is None:
            raise bad_token()
        if not await cls.filter(id=row.id, used_at=None, expires_at__gt=work.now).update(used_at=work.now):
            raise bad_token()
        return user, row.data

    @classmethod
    async def withdraw(cls, work: Work, user_id: UUID, *purposes: Purpose) -> None:
        """Let no open token of these purposes be good any more; the person's row is locked."""
        open_ones = cls.filter(user_id=user_id, purpose__in=[one.value for one in purposes], used_at=None)
        await open_ones.update(used_at=work.now)


def bad_token() -> Invalid:
    """One error for every token that cannot be used."""
    return Invalid({"token": [BAD_TOKEN]}, BAD_TOKEN, title="Validation failed", detail=BAD_TOKEN)
