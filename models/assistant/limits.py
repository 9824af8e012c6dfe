"""The limits of the assistant."""

from dataclasses import dataclass

from models.assistant.usage import Budget


@dataclass(frozen=True, slots=True)
class AssistantLimits:
    """How the assistant answers, and how much of it one person may use.

    Attributes:
        default_model: The model that answers unless a thread or prompt names another.
        answer_tokens: The longest answer.
        budget: What one person may use.
    """

    default_model: str
    answer_tokens: int
    budget: Budget
