"""Packages of assessments: looking around, also for guests, and making them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from handlers.assessment.assessments import AssessmentView, views_of
from handlers.assessment.common import author_of, author_or_none, authors, authors_own, given, reader_of
from models.assessment import Assessment, Author, Package, PackageAccess
from models.errors import NotFound
from server.kernel.rpc import (
    Category,
    Ctx,
    Currency,
    Deleted,
    ListParams,
    OptionalText,
    Page,
    Params,
    Rev,
    Title,
    View,
    command,
    keyset,
    page_of,
    public,
    query,
)

Access = Literal["free", "purchased", "locked", "own"]


class Money(View):
    """An amount in minor units."""

    amount: int
    currency: str


class PackageView(View):
    """One package. `access`: whether the caller may begin what is in it; `locked`: `product_id` has to be bought."""

    id: UUID
    title: str
    description: str
    category: str | None
    free: bool
    price: Money | None
    product_id: UUID | None
    access: Access
    published: bool
    owner_id: UUID
    rev: int
    created_at: datetime
    updated_at: datetime


class PackageDetail(PackageView):
    """A package with its assessments that are published; its author's others too."""

    assessments: list[AssessmentView]


class PackageFilter(Params):
    """Which packages; what is left out does not matter."""

    category: Category | None = None
    free: bool | None = None
    purchased: bool | None = None
    mine: bool = False


class ListPackages(ListParams):
    """A page of the packages, newest first."""

    filter: PackageFilter = PackageFilter()


class OnePackage(Params):
    """Which package."""

    package_id: UUID


class Price(Params):
    """An amount in minor units, and its currency."""

    amount: Annotated[int, Field(gt=0, le=10**12)]
    currency: Currency


class CreatePackage(Params):
    """What is offered; without a price it is free."""

    title: Title
    description: OptionalText = ""
    category: Category | None = None
    price: Price | None = None
    published: bool = True


class UpdatePackage(OnePackage):
    """What to change; what is left out stays."""

    title: Title | None = None
    description: OptionalText | None = None
    category: Category | None = None
    price: Price | None = None
    published: bool | None = None
    if_rev: Rev | None = None


@query("assessment.package.list", access=public, wider=authors_own)
async def list_packages(ctx: Ctx, params: ListPackages) -> Page[PackageView]:
    """The packages that are offered, newest first.

    `filter.purchased`: those that the caller has bought, or has not. `filter.mine`: all that the caller has made, which
    are those of an instructor or admin, published or not.
    """
    reader, wanted = reader_of(ctx), params.filter
    author = author_or_none(ctx)
    rows = Package.offered()
    if wanted.mine:
        made = Package.filter(archived_at=None) if author is not None else rows
        rows = made.filter(owner_id=reader)
    if wanted.category is not None:
        rows = rows.filter(category=wanted.category)
    if wanted.free is not None:
        rows = rows.filter(price_amount__isnull=wanted.free)
    if wanted.purchased is not None:
        bought = await PackageAccess.opened(reader)
        rows = rows.filter(id__in=bought) if wanted.purchased else rows.filter(id__not_in=bought)
    found = await keyset(rows, params)
    return page_of(found, await _views(found.rows, reader))


@query("assessment.package.get", access=public, wider=authors_own)
async def get(ctx: Ctx, params: OnePackage) -> PackageDetail:
    """A package with its assessments, and whether the caller may begin them."""
    package = await Package.get_or_not_found(id=params.package_id, archived_at=None)
    author = author_or_none(ctx)
    mine = author is not None and (author.everything or author.user_id == package.owner_id)
    if not package.published and not mine:
        raise NotFound
    rows = Assessment.filter(package_id=package.id, archived_at=None).order_by("id")
    shown = await views_of(ctx, await (rows if mine else rows.filter(published=True)))
    (view,) = await _views([package], reader_of(ctx))
    return PackageDetail.of({**view.model_dump(), "assessments": [one.model_dump() for one in shown]})


@command("assessment.package.create", access=authors)
async def create(ctx: Ctx, params: CreatePackage) -> PackageView:
    """Offer a package; assessments are put into it with `assessment.create` and `assessment.update`."""
    package = Package(owner_id=ctx.user_id, **params.model_dump(exclude={"price"}))
    if params.price is not None:
        package.update_from_dict(package.priced(params.price.amount, params.price.currency))
    await package.save()
    return (await _views([package], ctx.user_id))[0]


@command("assessment.package.update", access=authors_own)
async def update(ctx: Ctx, params: UpdatePackage) -> PackageView:
    """Change a package. A price of null makes it free; who has bought it keeps it in any case.

    Raises StaleRevision where `if_rev` is not its rev.
    """
    package = await Package.taken(author_of(ctx), params.package_id, params.if_rev)
    values = given(params, "package_id", "if_rev", "price")
    values = {name: value for name, value in values.items() if value is not None or name == "category"}
    if "price" in params.model_fields_set:
        amount, currency = (params.price.amount, params.price.currency) if params.price else (None, None)
        values |= package.priced(amount, currency)
    await package.change(values)
    return (await _views([package], ctx.user_id))[0]


@command("assessment.package.delete", access=authors_own)
async def delete(ctx: Ctx, params: OnePackage) -> Deleted:
    """Offer a package no more. Its assessments stay; raises Conflict as long as one of them is published."""
    package = await Package.taken(author_of(ctx), params.package_id)
    await package.withdraw(ctx.work)
    return Deleted(deleted=True)


async def _views(packages: Sequence[Package], reader: UUID | None) -> list[PackageView]:
    bought = await PackageAccess.opened(reader)
    return [_view(package, Author(reader) if reader else None, bought) for package in packages]


def _view(package: Package, reader: Author | None, bought: list[UUID]) -> PackageView:
    access: Access = "purchased" if package.id in bought else "locked"
    if package.is_free:
        access = "free"
    elif reader is not None and reader.user_id == package.owner_id:
        access = "own"
    price = None if package.is_free else {"amount": package.price_amount, "currency": package.price_currency}
    names = ("id", "title", "description", "category", "published", "owner_id", "rev", "created_at", "updated_at")
    members = {name: getattr(package, name) for name in names}
    product_id = None if package.is_free else package.product_id
    return PackageView.of(
        {**members, "free": package.is_free, "price": price, "product_id": product_id, "access": access}
    )
