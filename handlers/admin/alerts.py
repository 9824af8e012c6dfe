"""What admins watch."""

from typing import Any
from uuid import UUID

from server.kernel.identity import Identity
from server.kernel.rpc import View, live_event, topic


class Alert(View):
    """Something that an admin should look at; `data` says what it is about."""

    kind: str
    title: str
    data: dict[str, Any]


alert = live_event("admin.alert", "admin", Alert, "Something wants an admin's attention.")


@topic("admin", logged=False, audience="admins", has_id=False)
async def admin_topic(identity: Identity | None, _id: UUID | None) -> bool:
    """What admins watch."""
    return identity is not None and "admin" in identity.roles
