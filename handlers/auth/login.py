"""Signing up, logging in, staying logged in, logging out (PROTOCOL.md, section 10): for our own REST routes only."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from handlers.auth.common import PASSWORDS_GATE, WRONG_CODE, login_guessed, prove_code, seen_from, send, send_token
from handlers.auth.params import LoginParams, RefreshParams, SignupParams
from models.account import PASSWORDS, OneTimeToken, Purpose, SecondFactor, Session, User
from models.account.limits import AccountLimits
from models.account.security import warn
from models.account.tokens import BAD_TOKEN
from models.account.users import NewUser, wrong_credentials
from models.errors import Invalid, MfaRequired, Unauthenticated
from server.kernel.identity import ROLES
from server.kernel.limits import Rate
from server.kernel.rpc import Ctx, Rest, View, command, internal

SIGNED_UP = "Registration successful. Please check your email to confirm your account."
LOGGED_IN = "Login successful."
LOGGED_OUT = "Successfully logged out"


class AccountView(View):
    """The calling user's own account."""

    id: UUID
    email: str
    full_name: str
    first_name: str
    last_name: str
    username: str | None
    role: str
    roles: list[str]
    date_of_birth: date | None
    email_verified: bool
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of_user(cls, user: User) -> "AccountView":
        """The view of a row."""
        roles = sorted(user.roles, key=ROLES.index)
        return cls(
            id=user.id,
            email=user.email,
            full_name=user.full_name,
            first_name=user.first_name,
            last_name=user.last_name,
            username=user.username,
            role=roles[-1],
            roles=roles,
            date_of_birth=user.date_of_birth,
            email_verified=user.email_verified,
            created_at=user.created_at,
            updated_at=user.updated_at,
        )


class TokenPair(View):
    """An access token, and the refresh token that gets the next one."""

    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - RFC 6750's name
    expires_in: int


class SignedIn(TokenPair):
    """The tokens of a new session, and whose it is."""

    message: str
    user: AccountView


class LoggedOut(View):
    """The session has ended."""

    message: str = LOGGED_OUT


async def _hashed(ctx: Ctx, params: SignupParams) -> str:
    """The password as it is kept, before any transaction; what is beyond the address's sign-ups is not hashed."""
    signups = ctx.limits(AccountLimits).signups_per_hour
    an_hour = Rate(signups, 3600, signups)
    ctx.services.buckets.take(("signup", ctx.caller.network), an_hour)
    return await PASSWORDS.hash(params.password)


@command(
    "auth.signup",
    access=internal,
    audit=True,
    before=_hashed,
    rest=Rest("/api/v1/auth/signup", status=201, gate=PASSWORDS_GATE),
)
async def signup(ctx: Ctx, params: SignupParams, password_hash: str) -> SignedIn:
    """Open an account and a session, and mail the link that confirms the address.

    Raises Conflict when the address or the username is taken, RateLimited beyond the address's sign-ups an hour.
    """
    new = NewUser(
        email=params.email,
        full_name=params.name,
        password_hash=password_hash,
        username=params.username,
        roles=params.roles,
        date_of_birth=params.date_of_birth,
    )
    user = await User.sign_up(new)
    await send_token(ctx, "verify_email", user.email, user, Purpose.VERIFY_EMAIL, email=user.email)
    return await _sign_in(ctx, user, SIGNED_UP)


@dataclass(frozen=True, slots=True)
class Proved:
    """Who has given the right password, as their row was then; with a newer hash where the old one is outdated."""

    user: User
    rehashed: str | None


async def _proved(ctx: Ctx, params: LoginParams) -> Proved | None:
    """Compare the password, before any transaction; None in the second step, which has none."""
    if params.challenge is not None:
        return None
    user = await User.by_login(email=params.email, username=params.username)
    typed = login_guessed(params.canonical)
    ctx.services.attempts.begin(typed, ctx.caller.address)
    password = params.password or ""
    same = await PASSWORDS.matches(user.password_hash if user is not None else None, password)
    if user is None or not same:
        raise wrong_credentials()
    ctx.services.attempts.forgive(typed, ctx.caller.address)
    outdated = PASSWORDS.outdated(user.password_hash or "")
    return Proved(user, await PASSWORDS.hash(password) if outdated else None)


@command(
    "auth.login", access=internal, audit=True, before=_proved, rest=Rest("/api/v1/auth/login", gate=PASSWORDS_GATE)
)
async def login(ctx: Ctx, params: LoginParams, proved: Proved | None) -> SignedIn:
    """Open a session for who knows the password and, where there is a second factor, its code.

    Raises Unauthenticated for a wrong password and for an unknown account, which look the same and take the same time;
    RateLimited when there were too many wrong ones; Forbidden when the account is suspended; MfaRequired with the
    challenge that goes with the code. After a wrong code (Unauthenticated too) the challenge stays good. What is
    counted of wrong passwords and codes stays counted.
    """
    if proved is None:
        return await _second_step(ctx, params.challenge or "", params.code or "")
    user = await proved.user.locked_for_login(ctx.work)
    if proved.rehashed is not None:
        await user.store_rehashed(proved.rehashed)
    if await SecondFactor.of(user.id) is not None:
        challenge = await OneTimeToken.issue(ctx.now, user, Purpose.SECOND_FACTOR)
        raise MfaRequired(challenge=challenge, commit=True)
    return await _log_in(ctx, user)


async def _second_step(ctx: Ctx, challenge: str, code: str) -> SignedIn:
    try:
        user, _ = await OneTimeToken.redeem(ctx.work, challenge, Purpose.SECOND_FACTOR)
    except Invalid as error:
        raise Unauthenticated("Please log in again.", title="Invalid challenge", detail=BAD_TOKEN) from error
    await user.admit(ctx.work)
    try:
        await prove_code(ctx, user.id, code)
    except Invalid as error:
        raise Unauthenticated(WRONG_CODE, title="Invalid credentials", detail="Invalid credentials.") from error
    return await _log_in(ctx, user)


async def _log_in(ctx: Ctx, user: User) -> SignedIn:
    """Open a session for a user, whose row is locked, and tell them if the device is new."""
    if await Session.is_new_device(user.id, ctx.caller.user_agent):
        device = {"device": ctx.caller.user_agent, "ip": ctx.caller.address}
        ctx.work.emit(user.topic, "auth.new_device", {**device, "at": ctx.now})
        await warn(ctx.work, user.id, "A new device has logged in", **device)
        send(ctx, "new_device", user.email, name=user.full_name, **seen_from(ctx))
    return await _sign_in(ctx, user, LOGGED_IN)


async def _sign_in(ctx: Ctx, user: User, message: str) -> SignedIn:
    session, refresh_token = await Session.open(
        ctx.work, user, device=ctx.caller.user_agent, ip=ctx.caller.address, lifetime=_lifetime(ctx)
    )
    ctx.work.audit(user.topic, after={"session_id": session.id})
    return SignedIn(
        message=message,
        access_token=ctx.services.tokens.issue(user.id, session.id, ctx.now),
        refresh_token=refresh_token,
        expires_in=ctx.services.tokens.seconds,
        user=AccountView.of_user(user),
    )


@command("auth.refresh", access=internal, rest=Rest("/api/v1/auth/refresh"))
async def refresh(ctx: Ctx, params: RefreshParams) -> TokenPair:
    """Exchange a refresh token for the next pair of its session.

    Raises Unauthenticated when the token is unknown, has run out, belongs to a session that has ended, or was used
    before: then the session is ended, and stays so, except within 10 seconds of that use.
    """
    session, refresh_token = await Session.refresh(ctx.work, params.refresh_token, _lifetime(ctx))
    return TokenPair(
        access_token=ctx.services.tokens.issue(session.user_id, session.id, ctx.now),
        refresh_token=refresh_token,
        expires_in=ctx.services.tokens.seconds,
    )


@command("auth.logout", access=internal, audit=True, rest=Rest("/api/v1/auth/logout", guest=False))
async def logout(ctx: Ctx, params: RefreshParams) -> LoggedOut:
    """End the calling session, and the one of the refresh token if that is another one of the same user.

    A token that is unknown or somebody else's ends nothing besides. Raises Unauthenticated for a guest.
    """
    session_ids = {ctx.user.session_id}
    if (presented := await Session.id_of(params.refresh_token)) is not None:
        session_ids.add(presented)
    await Session.revoke_of(ctx.work, ctx.user_id, session_ids)
    ctx.work.audit(ctx.user.topic, before={"session_id": ctx.user.session_id})
    return LoggedOut()


def _lifetime(ctx: Ctx) -> timedelta:
    return ctx.limits(AccountLimits).session
