"""What people are told besides the events of what they do: notifications, and how each wants to get them.

The row of an inbox is the lock of all that is in it: whoever adds, reads or deletes a notification locks it first. So
the count of what is unread is exact, and events are logged in the order in which it changes.
"""

from models.notification.inbox import Inbox
from models.notification.notification import Notification
from models.notification.quiet import QuietHours
from models.notification.types import CHANNELS, TYPES, NotificationType

__all__ = ["CHANNELS", "TYPES", "Inbox", "Notification", "NotificationType", "QuietHours"]
__models__ = [Inbox, Notification]
