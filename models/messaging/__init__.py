"""Conversations of two people: their messages, what is unread, who blocked whom.

The row of a conversation is the lock of all that hangs on it: its messages, both seats, the counters. Whoever changes
any of these locks that row first. So message numbers have no gaps, counters are exact, and what an event says of a
conversation cannot be overtaken by another command.
"""

from models.messaging.attachment import MessageFile
from models.messaging.block import Block
from models.messaging.conversation import Conversation, Participant, Seen
from models.messaging.message import DirectMessage, Slice, window

__all__ = ["Block", "Conversation", "DirectMessage", "MessageFile", "Participant", "Seen", "Slice", "window"]
