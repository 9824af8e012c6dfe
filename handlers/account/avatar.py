"""The picture that a person shows to others."""

from uuid import UUID

from models.account.avatars import remove_avatar, set_avatar
from server.kernel.rpc import Ctx, Params, View, command, user


class SetAvatar(Params):
    """Which file."""

    file_id: UUID


class AvatarSet(View):
    """Where the picture is: a signed address, as `file.url.create` makes them."""

    avatar_url: str


class AvatarRemoved(View):
    """Whether there was one."""

    removed: bool


@command("account.avatar.set", access=user)
async def set_own(ctx: Ctx, params: SetAvatar) -> AvatarSet:
    """Show an own file, uploaded with the purpose `avatar`, as the caller's picture.

    Everybody who sees the profile may read it from then on. Raises NotFound when it is not such a file of the
    caller's, InvalidState when it is not ready.
    """
    await set_avatar(ctx.work, ctx.user_id, params.file_id)
    return AvatarSet(avatar_url=ctx.services.file_links.to(params.file_id, ctx.now).url)


@command("account.avatar.remove", access=user)
async def remove_own(ctx: Ctx) -> AvatarRemoved:
    """Show no picture any more; `removed` is false when there was none."""
    return AvatarRemoved(removed=await remove_avatar(ctx.work, ctx.user_id))
