"""The assistant's background tasks: writing answers, watching stopped ones."""

from workers.assistant import runs

MODULES = (runs,)
