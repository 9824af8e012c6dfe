"""Packages: what is offered together, free or for a price."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from tortoise import fields
from tortoise.queryset import QuerySet
from uuid_utils.compat import uuid7

from models.assessment.owned import Owned
from models.base import Row
from models.errors import Conflict, PaymentRequired
from models.work import Work

_GRANT = """
WITH given AS (
    INSERT INTO package_access (id, package_id, user_id, source, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)
    ON CONFLICT (package_id, user_id) DO UPDATE SET source = excluded.source, revoked_at = NULL, updated_at = $5
    RETURNING 1
) SELECT count(*) FROM given
"""


class Package(Owned):
    """Assessments that are offered together.

    Attributes:
        product_id: What has to be bought, and stays the same when the price changes; None: free.
        price_amount: In minor units of `price_currency`.
    """

    title = fields.CharField(max_length=200)
    published = fields.BooleanField(default=False)
    description: str = fields.TextField(default="")
    category = fields.CharField(max_length=80, null=True)
    price_amount: int | None = fields.BigIntField(null=True)
    price_currency = fields.CharField(max_length=3, null=True)
    product_id: UUID | None = fields.UUIDField(null=True, unique=True)

    class Meta:
        table = "assessment_package"

    @property
    def is_free(self) -> bool:
        """Whether everybody may begin what is in it."""
        return self.price_amount is None

    def priced(self, amount: int | None, currency: str | None) -> dict[str, Any]:
        """The columns of a price; without one it is free. The product stays the same when the price changes."""
        wanted = amount is not None and self.product_id is None
        return {
            "price_amount": amount,
            "price_currency": currency,
            "product_id": uuid7() if wanted else self.product_id,
        }

    async def withdraw(self, work: Work) -> None:
        """Offer it no more; raises Conflict as long as something in it is published."""
        if await self.assessments.filter(published=True, archived_at=None).exists():  # type: ignore[attr-defined]
            raise Conflict("Assessments of this package are published: take them back, or out of it, first.")
        await self.archive(work)

    async def refuse_unless_open(self, user_id: UUID) -> None:
        """Raise PaymentRequired, naming the product, for who has not bought it; its author always may."""
        if self.is_free or self.owner_id == user_id:
            return
        if not await PackageAccess.exists(package_id=self.id, user_id=user_id, revoked_at=None):
            raise PaymentRequired(product_id=str(self.product_id))

    @classmethod
    def offered(cls) -> "QuerySet[Self]":
        """What everybody may see."""
        return cls.filter(published=True, archived_at=None)


class PackageAccess(Row):
    """Somebody may begin what is in a package that is not free. Payments write this; a refund takes it back.

    Attributes:
        source: What opened it, a payment's reference for instance.
    """

    package: fields.ForeignKeyRelation[Package] = fields.ForeignKeyField(
        "models.Package", related_name=False, on_delete=fields.CASCADE
    )
    package_id: UUID
    user: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.User", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    user_id: UUID
    source = fields.CharField(max_length=80)
    revoked_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "package_access"
        unique_together = (("package_id", "user_id"),)

    @classmethod
    async def opened(cls, user_id: UUID | None) -> list[UUID]:
        """The packages that are open to somebody because they were bought; to a guest none."""
        rows: list[Any] = await cls.filter(user_id=user_id, revoked_at=None).values_list("package_id", flat=True)
        return rows

    @classmethod
    async def grant(cls, work: Work, package_id: UUID, user_id: UUID, source: str) -> None:
        """Open a package for somebody; once more changes nothing but the source."""
        await cls._meta.db.execute_query_dict(_GRANT, [uuid7(), package_id, user_id, source, work.now])

    @classmethod
    async def revoke(cls, work: Work, package_id: UUID, user_id: UUID) -> None:
        """Close it again: no new attempts. One that runs goes on."""
        await cls.filter(package_id=package_id, user_id=user_id, revoked_at=None).update(revoked_at=work.now)
