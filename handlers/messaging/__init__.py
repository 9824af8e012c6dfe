"""Direct messages: conversations, messages, blocks."""

from handlers.messaging import block, conversation, message

MODULES = (
    block,
    conversation,
    message,
)
