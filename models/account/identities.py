"""Accounts of outside identity providers that belong to a person here."""

from uuid import UUID

from tortoise import fields

from models.account.users import User
from models.base import Row
from models.errors import InvalidState
from models.work import Work


class Identity(Row):
    """One account elsewhere by which somebody may come in.

    Attributes:
        subject: What the provider calls the person; never changes there.
        email: The address that the provider told, to be shown.
    """

    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="identities")
    user_id: UUID
    provider = fields.CharField(max_length=64)
    subject = fields.CharField(max_length=255)
    email = fields.CharField(max_length=254, null=True)

    class Meta:
        table = "identity"
        unique_together = (("provider", "subject"),)

    @classmethod
    async def unlink(cls, work: Work, user_id: UUID, identity_id: UUID) -> None:
        """Let a person come in this way no longer.

        Raises NotFound when it is not theirs, InvalidState when no other way in would be left.
        """
        user = await User.locked().get(id=user_id)
        identity = await cls.get_or_not_found(id=identity_id, user_id=user_id)
        others = await cls.filter(user_id=user_id).exclude(id=identity_id).exists()
        if user.password_hash is None and not others:
            raise InvalidState("Set a password first: there would be no way in any more.", state="last_way_in")
        await identity.delete()
        work.audit(user.topic, before={"provider": identity.provider, "email": identity.email})
        work.emit(user.topic, "auth.identity_changed", {"provider": identity.provider, "linked": False})
