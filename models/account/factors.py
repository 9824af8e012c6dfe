"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes for who has lost it."""

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

import pyotp
from tortoise import fields
from tortoise.expressions import Q

from models.account.users import User
from models.base import Row
from models.work import Work

STEP_SECONDS = 30
DRIFT_STEPS = 1
DIGITS = 6
RECOVERY_CODES = 10
RECOVERY_LENGTH = 16
RECOVERY_GROUP = 4
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_MISREAD = str.maketrans("oil", "011", " -")


class SecondFactor(Row):
    """The authenticator app of a person.

    Attributes:
        sealed_secret: The shared secret, encrypted.
        confirmed_at: When its first code was right; before that it is not asked for.
        last_step: The time step of the last code that was accepted: neither it nor an earlier one is taken again.
    """

    user: fields.OneToOneRelation[User] = fields.OneToOneField("models.User", related_name="second_factor")
    user_id: UUID
    sealed_secret: str = fields.TextField()
    confirmed_at: datetime | None = fields.DatetimeField(null=True)
    last_step: int | None = fields.BigIntField(null=True)

    class Meta:
        table = "second_factor"

    @classmethod
    async def of(cls, user_id: UUID) -> "SecondFactor | None":
        """The factor that is asked for, None where there is none."""
        return await cls.get_or_none(user_id=user_id, confirmed_at__not_isnull=True)

    @classmethod
    async def remove(cls, user_id: UUID) -> None:
        """Ask for no second factor any more; the person's row is locked."""
        await cls.filter(user_id=user_id).delete()
        await RecoveryCode.filter(user_id=user_id).delete()

    async def accepts(self, secret: str, code: str, now: datetime) -> bool:
        """Whether a code is right now, give or take a step, and was not accepted before; then it is used up."""
        step = matching_step(secret, code, now)
        if step is None:
            return False
        newer = SecondFactor.filter(Q(last_step=None) | Q(last_step__lt=step), id=self.id)
        return bool(await newer.update(last_step=step))


class RecoveryCode(Row):
    """One code that opens the account once without the app. It has 80 random bits, so that a plain hash will do."""

    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="recovery_codes")
    user_id: UUID
    code_hash = fields.CharField(max_length=64)
    used_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "recovery_code"
        unique_together = (("user_id", "code_hash"),)

    @classmethod
    async def issue(cls, user: User) -> list[str]:
        """Ten new codes instead of the old ones; the person's row is locked."""
        await cls.filter(user_id=user.id).delete()
        codes = [_new_code() for _ in range(RECOVERY_CODES)]
        await cls.bulk_create([cls(user=user, code_hash=_hashed(code)) for code in codes])
        return codes

    @classmethod
    async def accepts(cls, work: Work, user_id: UUID, code: str) -> bool:
        """Whether it is one that was not used before; then it is used up."""
        unused = cls.filter(user_id=user_id, code_hash=_hashed(code), used_at=None)
        return bool(await unused.update(used_at=work.now))

    @classmethod
    async def left(cls, user_id: UUID) -> int:
        """How many were not used."""
        return await cls.filter(user_id=user_id, used_at=None).count()


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step to which a code belongs, None when to none near the present one."""
    digits = "".join(code.split())
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdecimal():
        return None
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    steps = range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1)
    return next((step for step in steps if secrets.compare_digest(totp.generate_otp(step), digits)), None)


def _new_code() -> str:
    text = "".join(secrets.choice(_ALPHABET) for _ in range(RECOVERY_LENGTH))
    return "-".join(text[start : start + RECOVERY_GROUP] for start in range(0, RECOVERY_LENGTH, RECOVERY_GROUP))


def _hashed(code: str) -> str:
    """Of a code as somebody may have written it: large letters, without hyphens, an o for a zero."""
    return hashlib.sha256(code.lower().translate(_MISREAD).encode()).hexdigest()
