"""Timed assessments (docs/assessments.md): what instructors make, what people attempt, what they are told."""
