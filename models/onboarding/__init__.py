"""Onboarding: the questions that somebody new is asked, step by step."""

from models.onboarding.flow import OnboardingFlow, Step
from models.onboarding.state import OnboardingState

__all__ = ["OnboardingFlow", "OnboardingState", "Step"]
__models__ = [OnboardingFlow, OnboardingState]
