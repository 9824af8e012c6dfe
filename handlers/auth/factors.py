"""The second factor: an authenticator app, and recovery codes for who has lost it."""

import pyotp

from handlers.auth.common import WRONG_CODE, prove_code, secret_of, seen_from, send
from handlers.auth.params import Code, Form
from models.account import RecoveryCode, SecondFactor, User
from models.account.security import warn
from models.errors import Invalid, InvalidState
from server.kernel.rpc import Ctx, View, command, query, reauth, user

ISSUER = "Nexa"


class CodeParams(Form):
    """Six digits of the app; where there is a factor already, a recovery code will do as well."""

    code: Code


class FactorView(View):
    """Whether codes of an app are asked for, and how many recovery codes are left."""

    totp: bool
    recovery_left: int


class Begun(View):
    """What the app has to know; `otpauth_uri` is what a QR code shows."""

    secret: str
    otpauth_uri: str


class RecoveryCodes(View):
    """Codes to be kept on paper, shown this once; each opens the account once without the app."""

    recovery_codes: list[str]


class Disabled(View):
    """No second factor is asked for any more."""

    disabled: bool = True


@query("auth.mfa.get", access=user)
async def get(ctx: Ctx) -> FactorView:
    """Whether a second factor is asked for."""
    enabled = await SecondFactor.of(ctx.user_id) is not None
    return FactorView(totp=enabled, recovery_left=await RecoveryCode.left(ctx.user_id) if enabled else 0)


@command("auth.mfa.totp.begin", access=reauth(user), audit=True, secret=True)
async def begin(ctx: Ctx) -> Begun:
    """Make a secret for an authenticator app. Nothing changes until its first code is confirmed.

    Raises InvalidState when there is a second factor already.
    """
    account = await User.locked().get(id=ctx.user_id)
    if await SecondFactor.of(account.id) is not None:
        raise InvalidState("There is a second factor already.", state="enabled")
    secret = pyotp.random_base32(32)
    await SecondFactor.filter(user_id=account.id).delete()
    await SecondFactor.create(user=account, sealed_secret=ctx.services.vault.seal(secret, f"totp {account.id}"))
    uri = pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name=ISSUER)
    return Begun(secret=secret, otpauth_uri=uri)


@command("auth.mfa.totp.confirm", access=user, audit=True, secret=True)
async def confirm(ctx: Ctx, params: CodeParams) -> RecoveryCodes:
    """Ask for the app's codes from now on, and get the recovery codes.

    Raises Invalid for a wrong code, InvalidState when nothing was begun or it is confirmed already.
    """
    account = await User.locked().get(id=ctx.user_id)
    factor = await SecondFactor.get_or_none(user_id=account.id)
    if factor is None or factor.confirmed_at is not None:
        raise InvalidState("Begin with a new secret first.", state="enabled" if factor else "disabled")
    if not await factor.accepts(secret_of(ctx, factor), params.code, ctx.now):
        raise Invalid({"code": [WRONG_CODE]})
    factor.confirmed_at = ctx.now
    await factor.save(update_fields=["confirmed_at", "updated_at"])
    await _tell(ctx, account, enabled=True, before={"totp": False}, after={"totp": True})
    return RecoveryCodes(recovery_codes=await RecoveryCode.issue(account))


@command("auth.mfa.totp.disable", access=reauth(user), audit=True)
async def disable(ctx: Ctx, params: CodeParams) -> Disabled:
    """Ask for no second factor any more.

    Raises Invalid for a wrong code, InvalidState when there is no second factor, RateLimited after too many wrong ones.
    """
    account = await _with_factor(ctx)
    await prove_code(ctx, account.id, params.code)
    await SecondFactor.remove(account.id)
    await _tell(ctx, account, enabled=False, before={"totp": True}, after={"totp": False})
    return Disabled()


@command("auth.mfa.recovery_codes.regenerate", access=reauth(user), audit=True, secret=True)
async def regenerate(ctx: Ctx) -> RecoveryCodes:
    """Get ten new recovery codes; the old ones are worth nothing any more.

    Raises InvalidState when there is no second factor.
    """
    account = await _with_factor(ctx)
    await _tell(ctx, account, enabled=True, before={"recovery_left": await RecoveryCode.left(account.id)}, after=None)
    return RecoveryCodes(recovery_codes=await RecoveryCode.issue(account))


async def _with_factor(ctx: Ctx) -> User:
    account = await User.locked().get(id=ctx.user_id)
    if await SecondFactor.of(account.id) is None:
        raise InvalidState("There is no second factor.", state="disabled")
    return account


async def _tell(
    ctx: Ctx, account: User, *, enabled: bool, before: dict[str, object], after: dict[str, object] | None
) -> None:
    ctx.work.audit(account.topic, before=before, after=after)
    ctx.work.emit(account.topic, "auth.mfa_changed", {"enabled": enabled})
    await warn(ctx.work, account.id, "Your second factor was changed")
    template = "mfa_changed" if after else "recovery_codes_changed"
    shown = {"name": account.full_name, "state": "on" if enabled else "off", **seen_from(ctx)}
    send(ctx, template, account.email, **shown)
