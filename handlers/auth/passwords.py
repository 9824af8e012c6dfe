"""A new password: with the old one, or with a mail for who has forgotten it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from handlers.auth.common import PASSWORDS_GATE, locked_as_proved, login_guessed, prove_password, seen_from, send
from handlers.auth.params import Email, Form, NewPassword, Password, Token
from models.account import PASSWORDS, OneTimeToken, Purpose, Session, User, rules
from models.account.limits import AccountLimits
from models.account.security import refuse_personal, reset_password, set_password
from models.errors import Invalid
from server.kernel.limits import Rate
from server.kernel.rpc import Ctx, Rest, Text, View, command, internal, user

LINK_SENT = "Password reset link sent to your email."
UPDATED = "Your password has been updated successfully."


class NewPasswordForm(Form):
    """A new password, given twice."""

    new_password: NewPassword = Field(repr=False)
    confirm_new_password: Annotated[str, Text(max=512)] = Field(repr=False)

    @classmethod
    def faults_across(cls, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """The two have to be the same."""
        if data.get("confirm_new_password") is not None and data["confirm_new_password"] != data.get("new_password"):
            yield "confirm_new_password", rules.PASSWORDS_DIFFER


class ForgotParams(Form):
    """Who has forgotten the password."""

    email: Email


class ResetParams(NewPasswordForm):
    """The token of the mail, and the new password."""

    token: Token = Field(repr=False)


class ChangeParams(NewPasswordForm):
    """The present password and the new one; `revoke_others` ends all other sessions."""

    current_password: Password = Field(repr=False)
    revoke_others: bool = False


class LinkSent(View):
    """The same whether or not there is such an account."""

    message: str = LINK_SENT


class PasswordReset(View):
    """The password is new, and all sessions have ended."""

    message: str = UPDATED


class PasswordSet(View):
    """The password is new."""

    changed: bool = True


@command("auth.forgot_password", access=internal, rest=Rest("/api/v1/auth/forgot-password"))
async def forgot_password(ctx: Ctx, params: ForgotParams) -> LinkSent:
    """Ask for a link to set a new password.

    It only queues a task, for any address: the account is looked for where nobody waits, so neither the answer nor its
    time tells whether there is one. Raises RateLimited beyond the address's requests an hour.
    """
    signups = ctx.limits(AccountLimits).signups_per_hour
    an_hour = Rate(signups, 3600, signups)
    ctx.services.buckets.take(("forgot", ctx.caller.network), an_hour)
    ctx.work.defer("mail.password_reset", rules.canonical_email(params.email))
    return LinkSent()


async def _reset_hash(ctx: Ctx, params: ResetParams) -> str:
    """Of the new password, before any transaction; whoever has no token that is good has nothing hashed."""
    account = await OneTimeToken.holder(ctx.now, params.token, Purpose.RESET_PASSWORD)
    account.refuse_suspended(ctx.now)
    refuse_personal(account, params.new_password)
    return await PASSWORDS.hash(params.new_password)


@command(
    "auth.reset_password",
    access=internal,
    audit=True,
    before=_reset_hash,
    rest=Rest("/api/v1/auth/reset-password", gate=PASSWORDS_GATE),
)
async def reset(ctx: Ctx, params: ResetParams, password_hash: str) -> PasswordReset:
    """Set a new password with the token of a mail, and end every session of the account.

    Raises Invalid for a token that cannot be used, or a password with the owner's name in it (the token stays good),
    Forbidden when the account is suspended.
    """
    account, _ = await OneTimeToken.redeem(ctx.work, params.token, Purpose.RESET_PASSWORD)
    await account.admit(ctx.work)
    await reset_password(ctx.work, account, password_hash, ip=ctx.caller.address)
    # Its owner has come by another way: guesses from there keep them out no longer.
    for typed in filter(None, (account.email_canonical, account.username_canonical)):
        ctx.services.attempts.forget(login_guessed(typed), ctx.caller.address)
    send(ctx, "password_changed", account.email, name=account.full_name, **seen_from(ctx))
    return PasswordReset()


@dataclass(frozen=True, slots=True)
class Change:
    """Who has proved the present password, and the new one as it is kept."""

    proved: User
    password_hash: str


async def _changed(ctx: Ctx, params: ChangeParams) -> Change:
    proved = await prove_password(ctx, params.current_password, "current_password")
    if params.new_password == params.current_password:
        raise Invalid({"new_password": ["This is your present password."]})
    refuse_personal(proved, params.new_password)
    return Change(proved, await PASSWORDS.hash(params.new_password))


@command("auth.password.change", access=user, limit="20/minute", audit=True, before=_changed)
async def change(ctx: Ctx, params: ChangeParams, new: Change) -> PasswordSet:
    """Set a new password with the present one; the owner is told by mail.

    Raises Invalid when the present one is wrong or the new one does not do, RateLimited after too many wrong ones.
    """
    account = await locked_as_proved(new.proved, "current_password")
    await set_password(ctx.work, account, new.password_hash, ip=ctx.caller.address)
    await Session.confirm(ctx.user.session_id, ctx.now)
    if params.revoke_others:
        await Session.revoke_all(ctx.work, account.id, but=ctx.user.session_id)
    send(ctx, "password_changed", account.email, name=account.full_name, **seen_from(ctx))
    return PasswordSet()
