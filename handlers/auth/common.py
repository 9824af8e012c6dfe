"""What handlers of this package have in common: mails, proofs of identity."""

from uuid import UUID

import structlog

from models.account import PASSWORDS, OneTimeToken, Purpose, RecoveryCode, SecondFactor, User
from models.errors import Invalid
from models.kit.mail import Mail
from server.kernel.rpc import Ctx, Gate

logger = structlog.get_logger("nexa.auth")

PASSWORDS_GATE = Gate("passwords", at_once=4, waiting=200)
WRONG_PASSWORD = "This is not your password."  # noqa: S105 - a text
WRONG_CODE = "This code is not right."


def send(ctx: Ctx, template: str, to: str, **shown: str) -> None:
    """Queue a mail to one address; `shown` is what the template tells."""
    Mail(template, to, shown).queue(ctx.work)


async def send_token(ctx: Ctx, template: str, to: str, user: User, purpose: Purpose, **data: str) -> None:
    """Queue a mail with a link that holds a new one-time token. The token is sealed while it waits in the table."""
    token = await OneTimeToken.issue(ctx.now, user, purpose, **data)
    Mail(template, to, token=ctx.services.vault.seal(token, "mail")).queue(ctx.work)


def seen_from(ctx: Ctx) -> dict[str, str]:
    """When and from where something was done, as a mail tells it."""
    moment = ctx.now.strftime("%d %B %Y, %H:%M UTC")
    return {"at": moment, "ip": ctx.caller.address, "device": ctx.caller.user_agent or "unknown"}


def login_guessed(canonical: str) -> object:
    """What guesses at a log-in are counted by: what was typed, whether or not there is such an account."""
    return ("login", canonical)


async def prove_password(ctx: Ctx, password: str, field: str) -> User:
    """The calling user, as their row was when this password was found to be theirs; no transaction is open meanwhile.

    Raises Invalid when it is not their password, RateLimited after too many wrong ones.
    """
    user = await User.get(id=ctx.user_id)
    # Apart from guesses at the log-in, which a stranger can make too.
    guessed = ("confirmation", user.id)
    ctx.services.attempts.begin(guessed, ctx.caller.address)
    if not await PASSWORDS.matches(user.password_hash, password):
        raise Invalid({field: [WRONG_PASSWORD]})
    ctx.services.attempts.forgive(guessed, ctx.caller.address)
    return user


async def locked_as_proved(proved: User, field: str) -> User:
    """The row, locked, of who has proved their password; raises Invalid when it has become another one since."""
    user = await User.locked().get(id=proved.id)
    if user.password_hash != proved.password_hash:
        raise Invalid({field: [WRONG_PASSWORD]})
    return user


async def prove_code(ctx: Ctx, user_id: UUID, code: str) -> None:
    """Raise Invalid when it is no code of the second factor, RateLimited after too many wrong ones.

    Codes of the app and recovery codes both will do; each is good once.
    """
    account = ("second factor", user_id)
    # Six digits are few, and who guesses at them knows the password: no network gives new guesses.
    ctx.services.attempts.begin(account, ctx.caller.address, anywhere=True)
    factor = await SecondFactor.of(user_id)
    if factor is None or not await _is_code(ctx, factor, code):
        raise Invalid({"code": [WRONG_CODE]})
    ctx.services.attempts.forgive(account, ctx.caller.address)


async def _is_code(ctx: Ctx, factor: SecondFactor, code: str) -> bool:
    try:
        secret = secret_of(ctx, factor)
    except ValueError:
        # SECRET_KEY is another one by now: codes of the app are lost, those on paper are not.
        logger.exception("a second factor cannot be read", user_id=str(factor.user_id))
    else:
        if await factor.accepts(secret, code, ctx.now):
            return True
    return await RecoveryCode.accepts(ctx.work, factor.user_id, code)


def secret_of(ctx: Ctx, factor: SecondFactor) -> str:
    """The secret that the app has too."""
    return ctx.services.vault.open(factor.sealed_secret, f"totp {factor.user_id}")
