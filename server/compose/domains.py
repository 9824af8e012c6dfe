"""The domains that make up the product, one line each. Nothing is scanned: a domain that is not listed does not exist.

A domain's package lists its own modules in `MODULES`; a domain of one module is that module.
"""

from dataclasses import dataclass
from types import ModuleType

import handlers.account
import handlers.admin
import handlers.assessment
import handlers.assistant
import handlers.auth
import handlers.file
import handlers.messaging
import handlers.notification
import handlers.onboarding
import handlers.presence
import handlers.system
import models.account
import models.assessment
import models.assistant
import models.file
import models.messaging
import models.notification
import models.onboarding
import models.presence
import models.system
import server.socket.control
import server.socket.notifications
import workers.account
import workers.assessment
import workers.assistant
import workers.file
import workers.mail
import workers.maintenance
import workers.messaging
import workers.notification
import workers.presence


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain of the product.

    Attributes:
        parts: The packages or modules that declare its methods, topics, events and tasks.
        tables: The package or module that holds its models; None if it has no table.
        feature: Its name in `/health` and `system.info`; None if it is not a feature of its own.
    """

    parts: tuple[ModuleType, ...]
    tables: ModuleType | None = None
    feature: str | None = None


DOMAINS = (
    Domain(
        (server.socket.control, server.socket.notifications, handlers.system, workers.maintenance, workers.mail),
        models.system,
    ),
    Domain((handlers.auth, handlers.account, workers.account), models.account, "accounts"),
    Domain((handlers.admin,), None, "administration"),
    Domain((handlers.messaging, workers.messaging), models.messaging, "messaging"),
    Domain((handlers.presence, workers.presence), models.presence),
    Domain((handlers.file, workers.file), models.file, "files"),
    Domain((handlers.notification, workers.notification), models.notification, "notifications"),
    Domain((handlers.onboarding,), models.onboarding, "onboarding"),
    Domain((handlers.assistant, workers.assistant), models.assistant, "assistant"),
    Domain((handlers.assessment, workers.assessment), models.assessment, "assessments"),
)

MODULES: list[ModuleType] = [
    module for domain in DOMAINS for part in domain.parts for module in getattr(part, "MODULES", (part,))
]
"""Every module that declares methods, topics, events and tasks."""

MODELS = [domain.tables.__name__ for domain in DOMAINS if domain.tables is not None]
"""Every module that holds tables."""

FEATURES = [domain.feature for domain in DOMAINS if domain.feature is not None]
"""The features that `/health` and `system.info` name."""
