"""People."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NoReturn
from uuid import UUID

import asyncpg
from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.exceptions import IntegrityError

from models.account import rules
from models.account.profile import ProfileColumns
from models.base import Row, changed
from models.errors import Conflict, Forbidden, Unauthenticated
from models.kit.topics import user_topic
from models.work import Work

ACTIVE, SUSPENDED = "active", "suspended"
REASON_MAX = 500


@dataclass(frozen=True, slots=True)
class NewUser:
    """Who signs up; everything keeps the rules of `models.account.rules` already."""

    email: str
    full_name: str
    password_hash: str | None
    username: str | None = None
    roles: Iterable[str] = ()
    date_of_birth: date | None = None


class User(ProfileColumns, Row):
    """A person's account.

    Attributes:
        email: The address as its owner typed it, where mail goes.
        email_canonical: What makes an address unique, and by which people log in.
        password_hash: None for who only comes by way of an outside identity provider.
        roles: In the order of the alphabet, `user` always among them.
        suspended_until: When a suspension ends by the clock; None: when an admin lifts it.
        suspension_reason: What the person is told.
        courses_completed_count: Whoever completes a course counts it here, in the same transaction.
    """

    email = fields.CharField(max_length=254)
    email_canonical = fields.CharField(max_length=254, unique=True)
    username = fields.CharField(max_length=30, null=True)
    username_canonical = fields.CharField(max_length=90, null=True, unique=True)
    password_hash = fields.CharField(max_length=200, null=True)
    full_name = fields.CharField(max_length=50)
    roles: list[str] = ArrayField("text", default=lambda: ["user"])
    status = fields.CharField(max_length=16, default=ACTIVE)
    suspended_until: datetime | None = fields.DatetimeField(null=True)
    suspension_reason = fields.CharField(max_length=REASON_MAX, null=True)
    courses_completed_count: int = fields.IntField(default=0)
    email_verified_at: datetime | None = fields.DatetimeField(null=True)
    date_of_birth: date | None = fields.DateField(null=True)
    avatar_file: fields.ForeignKeyNullableRelation[Any] = fields.ForeignKeyField(
        "models.File", related_name=False, on_delete=fields.SET_NULL, null=True
    )
    avatar_file_id: UUID | None
    rev: int = fields.IntField(default=1)

    class Meta:
        table = "user"

    @property
    def first_name(self) -> str:
        """What stands before the last space of the full name."""
        return rules.split_name(self.full_name)[0]

    @property
    def last_name(self) -> str:
        """What stands after the last space of the full name."""
        return rules.split_name(self.full_name)[1]

    @property
    def email_verified(self) -> bool:
        """Whether the address was confirmed."""
        return self.email_verified_at is not None

    @property
    def topic(self) -> str:
        """The person's own topic."""
        return user_topic(self.id)

    @classmethod
    async def sign_up(cls, new: NewUser) -> "User":
        """Open an account; raises Conflict when the address or the username is somebody's already."""
        user = cls(
            email=new.email,
            email_canonical=rules.canonical_email(new.email),
            username=new.username,
            username_canonical=rules.canonical_username(new.username) if new.username is not None else None,
            password_hash=new.password_hash,
            full_name=new.full_name,
            roles=sorted({"user", *new.roles}),
            date_of_birth=new.date_of_birth,
        )
        await user._refuse_taken()
        try:
            await user.save(force_create=True)
        except IntegrityError as error:
            _taken_meanwhile(error)
        return user

    async def _refuse_taken(self) -> None:
        if await User.exists(email_canonical=self.email_canonical):
            raise email_taken()
        if self.username_canonical is not None and await User.exists(username_canonical=self.username_canonical):
            raise username_taken()

    @classmethod
    async def by_login(cls, *, email: str | None, username: str | None) -> "User | None":
        """Whoever logs in with this address or, where none is given, with this username."""
        if email is not None:
            return await cls.get_or_none(email_canonical=rules.canonical_email(email))
        return await cls.get_or_none(username_canonical=rules.canonical_username(username or ""))

    async def locked_for_login(self, work: Work) -> "User":
        """The row, locked, of somebody whose password has just been compared with the hash that is here.

        Whoever changes the password or suspends the account locks the row too and then revokes the sessions: a
        session that is opened under this lock is among them. Raises what `wrong_credentials` makes when the password
        has changed since, Forbidden when the account is suspended.
        """
        row = await User.locked().get_or_none(id=self.id)
        if row is None or row.password_hash != self.password_hash:
            raise wrong_credentials()
        await row.admit(work)
        return row

    def suspended_at(self, now: datetime) -> bool:
        """Whether the account is suspended at a moment; one whose suspension has ended only waits for the clock."""
        return self.status == SUSPENDED and (self.suspended_until is None or self.suspended_until > now)

    def refuse_suspended(self, now: datetime) -> None:
        """Raise Forbidden, with the `reason` and `until` when, while the account is suspended."""
        if self.suspended_at(now):
            raise suspended(self.suspension_reason, self.suspended_until)

    async def admit(self, work: Work) -> None:
        """Let somebody in, whose row is locked; what has ended by the clock ends here if the clock is late.

        Raises Forbidden while the account is suspended.
        """
        self.refuse_suspended(work.now)
        if self.status == SUSPENDED:
            await self.reinstate(work)

    async def suspend(self, work: Work, reason: str, until: datetime | None) -> None:
        """Keep somebody out, whose row is locked: their sockets are closed, and they cannot log in."""
        await self._stand(work, reason, status=SUSPENDED, suspension_reason=reason, suspended_until=until)
        work.emit(self.topic, "account.suspended", {"reason": reason, "until": until})
        if until is not None:
            work.defer("account.end_suspension", self.id, until, at=until)

    async def reinstate(self, work: Work, reason: str = "the suspension has ended") -> None:
        """Let somebody in again, whose row is locked; the reason is for the audit log."""
        await self._stand(work, reason, status=ACTIVE, suspension_reason=None, suspended_until=None)

    async def _stand(self, work: Work, reason: str, **values: Any) -> None:
        before = self._standing()
        await self.save(update_fields=[*changed(self, values), "updated_at"])
        work.audit(self.topic, before=before, after={**self._standing(), "reason": reason})
        work.emit("admin", "admin.user_changed", self)

    def _standing(self) -> dict[str, Any]:
        return {"status": self.status, "reason": self.suspension_reason, "until": self.suspended_until}

    async def change(self, **values: Any) -> None:
        """Change members of the account, whose row is locked; raises Conflict where one is somebody else's."""
        names = changed(self, values)
        self.rev += 1
        try:
            await self.save(update_fields=[*names, "rev", "updated_at"])
        except IntegrityError as error:
            _taken_meanwhile(error)

    def tell(self, work: Work, *names: str) -> None:
        """Tell the owner's devices which of the members that they see are others now."""
        work.emit(self.topic, "account.updated", {"fields": list(names), "rev": self.rev})

    async def store_rehashed(self, password_hash: str) -> None:
        """Keep the same password under newer parameters; the row is locked."""
        self.password_hash = password_hash
        await self.save(update_fields=["password_hash"])


def suspended(reason: str | None, until: datetime | None) -> Forbidden:
    """One error for every way in that is closed to a suspended account."""
    ends = until.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if until else None
    return Forbidden("This account is suspended.", title="Account suspended", reason=reason, until=ends)


def wrong_credentials() -> Unauthenticated:
    """One error for a wrong password and for an unknown account: the two look the same."""
    return Unauthenticated("Email or password is incorrect", title="Invalid credentials", detail="Invalid credentials.")


def _taken_meanwhile(error: IntegrityError) -> NoReturn:
    """Somebody was quicker by less than the look before."""
    cause = error.__cause__
    if isinstance(cause, asyncpg.UniqueViolationError):
        raise (username_taken() if "username" in (cause.constraint_name or "") else email_taken()) from error
    raise error


def email_taken() -> Conflict:
    """The address is the one of another account."""
    return Conflict(
        "A user with this email already exists", title="User already exists", detail="Email already registered."
    )


def username_taken() -> Conflict:
    """Somebody has this username already."""
    return Conflict(
        "A user with this username already exists", title="User already exists", detail="Username already taken."
    )
