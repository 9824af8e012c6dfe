"""The names of topics that several domains emit on."""

from uuid import UUID


def user_topic(user_id: UUID) -> str:
    """Return the topic of one person: everything that concerns them alone."""
    return f"user:{user_id}"


def presence_topic(user_id: UUID) -> str:
    """Return the topic on which a person's contacts see their presence."""
    return f"presence:{user_id}"
