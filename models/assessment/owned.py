"""What an instructor makes: it has an owner, can be taken back, and knows how often it was changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from tortoise import fields
from tortoise.queryset import QuerySet

from models.base import Row, changed
from models.errors import StaleRevision
from models.kit.scope import Scope
from models.work import Work

Author = Scope
"""Whose rows somebody reaches who makes what instructors make."""


class Owned(Row):
    """A row of an instructor's.

    Attributes:
        archived_at: It was deleted; what refers to it still finds it.
        rev: Counts the changes.
    """

    owner: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.User", related_name=False, on_delete=fields.RESTRICT, db_index=True
    )
    owner_id: UUID
    archived_at: datetime | None = fields.DatetimeField(null=True)
    rev: int = fields.IntField(default=1)

    class Meta:
        abstract = True

    @classmethod
    def of(cls, author: Author) -> "QuerySet[Self]":
        """What somebody has made and not deleted; for admins everybody's."""
        kept = cls.filter(archived_at=None)
        return kept if author.everything else kept.filter(owner_id=author.user_id)

    @classmethod
    async def owned(cls, author: Author, id_: UUID) -> Self:
        """To be looked at; raises NotFound for another's."""
        return await cls.get_or_not_found(cls.of(author), id=id_)

    @classmethod
    async def taken(cls, author: Author, id_: UUID, if_rev: int | None = None) -> Self:
        """To be changed, and locked for it; raises NotFound for another's, StaleRevision for another `if_rev`."""
        row = await cls.get_or_not_found(cls.of(author).select_for_update(no_key=True), id=id_)
        if if_rev is not None and if_rev != row.rev:
            raise StaleRevision(current_rev=row.rev)
        return row

    def refuse_contradictions(self) -> None:
        """Raise Invalid where what it says contradicts itself."""

    async def change(self, values: Mapping[str, Any], *, children: bool = False) -> list[str]:
        """Set what is given and keep it, unless it contradicts itself; returns the names of what is another now.

        With `children`, rows that belong to this one change too: that raises its `rev` like a change of its own.
        """
        names = list(changed(self, dict(values)))
        self.refuse_contradictions()
        if names or children:
            self.rev += 1
            await self.save(update_fields=[*names, "rev", "updated_at"])
        return names

    async def archive(self, work: Work) -> None:
        """Delete it, as far as anybody sees."""
        await self.change({"archived_at": work.now})
