"""The devices on which somebody is logged in, and confirming who one is."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from handlers.auth.common import locked_as_proved, prove_code, prove_password
from handlers.auth.params import Code, Form, Password
from models.account import Session, User
from server.kernel.access import CONFIRMED_FOR
from server.kernel.rpc import Ctx, ListParams, Page, Params, View, command, keyset, page_of, query, user


class SessionParams(Params):
    """One session."""

    session_id: UUID


class ReauthenticateParams(Form):
    """The password, or a code of the second factor."""

    password: Password | None = Field(None, repr=False)
    code: Annotated[Code | None, Field(repr=False)] = None

    @classmethod
    def faults_across(cls, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """One of the two, and not both."""
        given = [name for name in ("password", "code") if data.get(name) is not None]
        if len(given) != 1:
            yield "password", "Give either the password or a code."


class SessionView(View):
    """One device on which the user is logged in."""

    id: UUID
    device: str
    ip: str
    current: bool
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class Revoked(View):
    """Whether it was alive until now."""

    revoked: bool


class RevokedCount(View):
    """How many sessions were ended."""

    revoked: int


class Confirmed(View):
    """Until when sensitive methods need no further confirmation."""

    until: datetime


@query("auth.session.list", access=user)
async def list_sessions(ctx: Ctx, params: ListParams) -> Page[SessionView]:
    """The devices on which the user is logged in, the newest first."""
    found = await keyset(Session.alive_of(ctx.user_id, ctx.now), params)
    return page_of(found, [_shown(row, ctx.user.session_id) for row in found.rows])


def _shown(row: Session, current: UUID) -> SessionView:
    return SessionView(
        id=row.id,
        device=row.device,
        ip=row.ip,
        current=row.id == current,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
    )


@command("auth.session.revoke", access=user, audit=True)
async def revoke(ctx: Ctx, params: SessionParams) -> Revoked:
    """Log one device out; its sockets are closed with 4403. Raises NotFound for a session that is not the user's."""
    row = await Session.get_or_not_found(Session.locked(), id=params.session_id, user_id=ctx.user_id)
    was_alive = row.revoked_at is None and row.expires_at > ctx.now
    await row.revoke(ctx.work)
    ctx.work.audit(ctx.user.topic, before={"session_id": row.id, "device": row.device})
    return Revoked(revoked=was_alive)


@command("auth.session.revoke_others", access=user, audit=True)
async def revoke_others(ctx: Ctx) -> RevokedCount:
    """Log all other devices out."""
    await User.locked().get(id=ctx.user_id)
    count = await Session.revoke_all(ctx.work, ctx.user_id, but=ctx.user.session_id)
    ctx.work.audit(ctx.user.topic, after={"revoked": count})
    return RevokedCount(revoked=count)


async def _proved(ctx: Ctx, params: ReauthenticateParams) -> User | None:
    """Who has given the right password; None where it is to be a code, which is quick, and used up."""
    return await prove_password(ctx, params.password, "password") if params.password is not None else None


@command("auth.reauthenticate", access=user, limit="20/minute", audit=True, before=_proved)
async def reauthenticate(ctx: Ctx, params: ReauthenticateParams, proved: User | None) -> Confirmed:
    """Confirm who one is, for the methods that want it to be recent, on every socket of this session.

    Raises Invalid when the password or the code is wrong, RateLimited after too many wrong ones.
    """
    if proved is not None:
        await locked_as_proved(proved, "password")
    else:
        await prove_code(ctx, ctx.user_id, params.code or "")
    await Session.confirm(ctx.user.session_id, ctx.now)
    ctx.work.audit(ctx.user.topic, after={"by": "code" if proved is None else "password"})
    ctx.after_reply.append(lambda: _refresh(ctx))
    return Confirmed(until=ctx.now + CONFIRMED_FOR)


def _refresh(ctx: Ctx) -> None:
    """Let this socket know at once; others of the session look when they would be refused."""
    if ctx.caller.identity is not None:
        ctx.caller.identity = replace(ctx.caller.identity, authenticated_at=ctx.now)
