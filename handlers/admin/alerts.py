"""What admins watch."""

from typing import Any

from server.kernel.rpc import View, live_event, role, topic


class Alert(View):
    """Something that an admin should look at; `data` says what it is about."""

    kind: str
    title: str
    data: dict[str, Any]


alert = live_event("admin.alert", "admin", Alert, "Something wants an admin's attention.")


admin_topic = topic("admin", logged=False, audience="admins", readers={role("admin"): None}, has_id=False)
