"""Confirming an e-mail address, and changing it."""

from handlers.auth.common import send, send_token
from handlers.auth.params import Email, Form, Token
from models.account import OneTimeToken, Purpose, User
from models.account.security import change_email, refuse_taken, verify_email
from models.account.tokens import PAUSE
from models.errors import InvalidState, RateLimited
from server.kernel.rpc import Ctx, Rest, View, command, public, reauth, user


class TokenParams(Form):
    """The token of a mail."""

    token: Token


class NewEmailParams(Form):
    """The address that the account shall have."""

    new_email: Email


class VerificationSent(View):
    """Whether a mail is on its way, and in how many seconds the next one may be asked for."""

    sent: bool
    retry_after: int


class Sent(View):
    """A mail is on its way."""

    sent: bool = True


class Verified(View):
    """The address is confirmed."""

    verified: bool = True


class EmailChanged(View):
    """The address of the account from now on."""

    email: str


@command("auth.email.verification.send", access=user)
async def send_verification(ctx: Ctx) -> VerificationSent:
    """Send the mail that confirms the address once more: once a minute, five times an hour at most.

    Too early, `sent` is false and `retry_after` says when to come again. Raises InvalidState when the address is
    confirmed already.
    """
    account = await User.locked().get(id=ctx.user_id)
    if account.email_verified:
        raise InvalidState("Your e-mail address is confirmed already.", state="verified")
    wait = await OneTimeToken.wait_seconds(ctx.now, account.id, Purpose.VERIFY_EMAIL)
    if wait:
        return VerificationSent(sent=False, retry_after=wait)
    await send_token(ctx, "verify_email", account.email, account, Purpose.VERIFY_EMAIL, email=account.email)
    return VerificationSent(sent=True, retry_after=round(PAUSE.total_seconds()))


@command("auth.email.verify", access=public, audit=True, rest=Rest("/api/v1/auth/verify-email"))
async def verify(ctx: Ctx, params: TokenParams) -> Verified:
    """Confirm an address with the token that was mailed there.

    Raises Invalid for a token that is unknown, used, too old, or went to an address that the account has no more.
    """
    await verify_email(ctx.work, params.token)
    return Verified()


@command("auth.email.change.request", access=reauth(user), audit=True)
async def request_change(ctx: Ctx, params: NewEmailParams) -> Sent:
    """Mail a link to a new address, which becomes the account's when the link is used; the old one is told.

    Raises Conflict when the address is another account's, RateLimited when the last request was a moment ago.
    """
    account = await User.locked().get(id=ctx.user_id)
    await refuse_taken(account, params.new_email)
    wait = await OneTimeToken.wait_seconds(ctx.now, account.id, Purpose.CHANGE_EMAIL)
    if wait:
        raise RateLimited(retry_after=wait)
    ctx.work.audit(account.topic, before={"email": account.email}, after={"requested": params.new_email})
    await send_token(ctx, "change_email", params.new_email, account, Purpose.CHANGE_EMAIL, email=params.new_email)
    send(ctx, "email_change_requested", account.email, name=account.full_name, new_email=params.new_email)
    return Sent()


@command("auth.email.change.confirm", access=public, audit=True)
async def confirm_change(ctx: Ctx, params: TokenParams) -> EmailChanged:
    """Take a new address with the token that was mailed there; the old one is told.

    Raises Invalid for a token that cannot be used, Conflict when somebody else has taken the address meanwhile.
    """
    account, old = await change_email(ctx.work, params.token)
    send(ctx, "email_changed", old, name=account.full_name, new_email=account.email)
    return EmailChanged(email=account.email)
