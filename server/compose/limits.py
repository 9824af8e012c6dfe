"""The limits of domains and of the edge, from the settings."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from models.account.limits import AccountLimits
from models.assistant import Budget
from models.assistant.limits import AssistantLimits
from models.file import FileLimits
from models.messaging.limits import MessageLimits
from server.compose.settings import Settings
from server.web.door import DoorLimits
from server.web.files.uploads import UploadShares


def limits_of(settings: Settings) -> Mapping[type, Any]:
    """Return the limits of every domain, by their class."""
    limits = (
        AccountLimits(settings.signups(), timedelta(seconds=settings.refresh_token_seconds)),
        MessageLimits(settings.strangers_per_hour, settings.strangers_verified),
        FileLimits(settings.upload_unattached_bytes),
        AssistantLimits(
            settings.gemini_model,
            settings.assistant_answer_tokens,
            Budget(settings.assistant_daily_tokens, settings.assistant_monthly_tokens, settings.assistant_runs_at_once),
        ),
    )
    return {type(one): one for one in limits}


def upload_shares(settings: Settings) -> UploadShares:
    """Return how many uploads may run at once."""
    return UploadShares(settings.uploads_at_once, settings.uploads_per_user, settings.uploads_per_network)


def door_limits(settings: Settings) -> DoorLimits:
    """Return what a connection may take while there is no request."""
    return DoorLimits(
        head_bytes=settings.request_head_bytes,
        head_seconds=settings.request_head_seconds,
        body_bytes_per_second=settings.request_body_bytes_per_second,
        body_seconds=settings.request_body_seconds,
        unread_seconds=settings.response_unread_seconds,
        per_network=settings.connections_per_network,
    )
