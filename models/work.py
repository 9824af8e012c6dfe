"""The shape of the unit of work, as the models' methods see it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol


class Work(Protocol):
    """One transaction with the events and the deferred tasks that belong to it."""

    @property
    def now(self) -> datetime:
        """When the call arrived, in UTC, by the database's clock. Deadlines compare this."""

    def emit(self, topic: str, event: str, data: object) -> None:
        """Tell a topic's subscribers, after the commit, what happened.

        Args:
            topic: The topic's name, such as `user:<id>`.
            event: The declared name of the event; the declaration says whether it is logged.
            data: What the event's view is made of: a row, a view, or a mapping. It is read now, not at the commit.
        """

    def audit(
        self, target: str, *, before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None
    ) -> None:
        """Say whom or what this changes, such as `user:<id>`, and how, for the audit log.

        Who did it, from where and in which call is known already. Secrets do not belong here.
        """

    def defer(self, task: str, *args: Any, at: datetime | None = None) -> None:
        """Queue a declared task in this transaction; it runs after the commit, at `at` or at once."""
