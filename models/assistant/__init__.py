"""The assistant: threads, their messages as a tree, the runs that write answers, attachments and budgets.

The row of a thread is the lock of all that hangs on it: its messages, its runs, its attachments. Whoever changes any of
these locks that row first.
"""

from models.assistant.attachment import Attachment
from models.assistant.charge import Charge
from models.assistant.message import Message
from models.assistant.model import KnownModel
from models.assistant.run import Begun, Outcome, Run
from models.assistant.thread import Thread
from models.assistant.usage import Budget, UsageDaily

__all__ = ["Attachment", "Begun", "Budget", "Charge", "KnownModel", "Message", "Outcome", "Run", "Thread", "UsageDaily"]
