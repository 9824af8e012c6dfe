"""Background tasks of direct messages."""

from workers.messaging import conversation, message

MODULES = (
    conversation,
    message,
)
