"""Faults on purpose: engines and processes that die, freeze and vanish, and a checker of what people saw meanwhile."""
