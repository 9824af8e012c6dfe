"""Timed assessments: authoring, attempts, results."""

from handlers.assessment import accommodations, assessments, attempts, banks, events, packages, reviewing, saving

MODULES = (
    accommodations,
    assessments,
    attempts,
    banks,
    events,
    packages,
    reviewing,
    saving,
)
