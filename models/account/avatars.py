"""The picture that a person shows to others."""

from uuid import UUID

from models.account.users import User
from models.file import AVATAR, File
from models.work import Work

FIELD = "avatar"


async def set_avatar(work: Work, user_id: UUID, file_id: UUID) -> User:
    """Show an own file that was uploaded for this; the one before is given up.

    Raises NotFound for any other file, InvalidState for one that is not ready.
    """
    # The person before the file, as everywhere.
    user = await User.get_or_not_found(User.locked(), id=user_id)
    file = await File.usable(user_id, file_id, AVATAR)
    if user.avatar_file_id == file.id:
        return user
    await file.attach(work)
    await _replace(work, user, file.id)
    return user


async def remove_avatar(work: Work, user_id: UUID, only: UUID | None = None) -> bool:
    """Show none any more, or not this one; False when there was none to take away."""
    user = await User.get_or_not_found(User.locked(), id=user_id)
    if user.avatar_file_id is None or only not in {None, user.avatar_file_id}:
        return False
    await _replace(work, user, None)
    return True


async def _replace(work: Work, user: User, file_id: UUID | None) -> None:
    if user.avatar_file_id is not None:
        await File.detach([user.avatar_file_id])
    await user.change(avatar_file_id=file_id)
    user.tell(work, FIELD)
