"""The account of the calling user."""

from uuid import UUID

from server.kernel.identity import Identity
from server.kernel.rpc import topic


@topic("user", logged=True, audience="that user")
async def own_topic(identity: Identity | None, user_id: UUID | None) -> bool:
    """Everything that concerns one person."""
    return identity is not None and identity.user_id == user_id
