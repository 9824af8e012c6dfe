"""The limits of domains, from the settings."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from models.account.limits import AccountLimits
from models.assistant import Budget
from models.assistant.limits import AssistantLimits
from models.file import FileLimits
from models.messaging.limits import MessageLimits
from server.compose.settings import Settings


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
