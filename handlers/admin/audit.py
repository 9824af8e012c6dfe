"""The audit log: who did what to whom, for what concerns identity, money, roles and admins."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import Field

from models.account import User
from models.system import AuditEntry
from server.kernel.rpc import Ctx, ListParams, Moment, Page, Params, Text, View, keyset, page_of, query, role


class AuditFilter(Params):
    """Which entries: those of one actor, one action (a method's name), one target, between two moments."""

    actor: UUID | None = None
    action: Annotated[str, Text(max=80)] | None = None
    target: Annotated[str, Text(max=120)] | None = None
    since: Moment | None = Field(None, alias="from")
    to: Moment | None = None


class AuditListParams(ListParams):
    """A page of the log, newest first. `from` is inclusive, `to` is not."""

    filter: AuditFilter = AuditFilter()


class AuditView(View):
    """One entry.

    `actor_id` is null for a guest and for the system itself; `actor_name` is the name by now, null where the account is
    gone. `before` and `after` hold what was changed. `address` is empty where the system itself has acted.
    """

    id: UUID
    at: datetime
    actor_id: UUID | None
    actor_name: str | None
    action: str
    target: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    address: str
    request_id: str


@query("admin.audit.list", access=role("admin"))
async def list_entries(ctx: Ctx, params: AuditListParams) -> Page[AuditView]:  # noqa: ARG001 - every handler takes it
    """List what was done that concerns identity, money, roles and admins."""
    wanted = params.filter
    filters = {
        "actor_id": wanted.actor,
        "action": wanted.action,
        "target": wanted.target,
        "at__gte": wanted.since,
        "at__lt": wanted.to,
    }
    rows = AuditEntry.filter(**{name: value for name, value in filters.items() if value is not None})
    found = await keyset(rows, params)
    actors = {entry.actor_id for entry in found.rows if entry.actor_id is not None}
    names: dict[UUID, str] = {row.id: row.full_name for row in await User.filter(id__in=list(actors))}
    return page_of(found, [_view(entry, names) for entry in found.rows])


def _view(entry: AuditEntry, names: dict[UUID, str]) -> AuditView:
    return AuditView(
        id=entry.id,
        at=entry.at,
        actor_id=entry.actor_id,
        actor_name=names.get(entry.actor_id) if entry.actor_id is not None else None,
        action=entry.action,
        target=entry.target,
        before=orjson.loads(entry.before) if entry.before is not None else None,
        after=orjson.loads(entry.after) if entry.after is not None else None,
        address=entry.address,
        request_id=entry.request_id,
    )
