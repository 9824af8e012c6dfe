"""Accounts of outside identity providers that belong to the user."""

from datetime import datetime
from uuid import UUID

from models.account import Identity
from server.kernel.rpc import Ctx, ListParams, Page, Params, View, command, keyset, page_of, query, reauth, user


class IdentityParams(Params):
    """One linked identity."""

    identity_id: UUID


class IdentityView(View):
    """One account elsewhere by which the user may come in."""

    id: UUID
    provider: str
    email: str | None
    created_at: datetime


class Unlinked(View):
    """It is no way in any more."""

    unlinked: bool = True


@query("auth.identity.list", access=user)
async def list_identities(ctx: Ctx, params: ListParams) -> Page[IdentityView]:
    """The outside accounts by which the user may come in, the newest first."""
    found = await keyset(Identity.filter(user_id=ctx.user_id), params)
    return page_of(found, [IdentityView.of(row) for row in found.rows])


@command("auth.identity.unlink", access=reauth(user), audit=True)
async def unlink(ctx: Ctx, params: IdentityParams) -> Unlinked:
    """Remove one of them.

    Raises NotFound when it is not the user's, InvalidState when no other way in would be left.
    """
    await Identity.unlink(ctx.work, ctx.user_id, params.identity_id)
    return Unlinked()
