"""The one table of the peer."""

from django.db import models


class Message(models.Model):
    """A message from one person to another."""

    sender_id = models.IntegerField()
    receiver_id = models.IntegerField()
    content = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "channels_app"
        indexes = (models.Index(fields=["receiver_id", "id"]),)

    def __str__(self) -> str:
        return f"{self.sender_id} to {self.receiver_id}"

    def as_event(self) -> dict[str, object]:
        """Return the message as its receiver sees it."""
        return {
            "event": "message.created",
            "id": self.id,
            "sender_id": self.sender_id,
            "receiver_id": self.receiver_id,
            "content": self.content,
            "created_at": self.created_at.isoformat(),
        }
