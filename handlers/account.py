"""The account of the calling user."""

from datetime import datetime
from uuid import UUID

from server.kernel.identity import Identity
from server.kernel.rpc import View, logged_event, topic


class Suspended(View):
    """Why somebody may not come in, and until when; null: until somebody lifts it."""

    reason: str
    until: datetime | None


class AccountUpdated(View):
    """Which members of the account are others now, and its revision since."""

    fields: list[str]
    rev: int


account_suspended = logged_event(
    "account.suspended", "user", Suspended, "The account is suspended; all its sockets are closed with 4404."
)
account_updated = logged_event(
    "account.updated", "user", AccountUpdated, "Something of the account has changed; what it shows is to be read anew."
)


@topic("user", logged=True, audience="that user")
async def own_topic(identity: Identity | None, user_id: UUID | None) -> bool:
    """Everything that concerns one person."""
    return identity is not None and identity.user_id == user_id
