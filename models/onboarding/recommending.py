"""What somebody new is recommended, by what they have answered."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from models.assessment import Package
from models.kit.text import as_typed

MOST = 5
LOOKED_AT = 200
"""Of the packages, the newest."""
SHORTEST_WORD = 3
_WORD = re.compile(r"\w+")


async def packages_for(answers: Mapping[str, Any]) -> list[Package]:
    """Return published packages: those that share most words with the answers first, then the newest."""
    wanted = {word for text in _texts(answers) for word in _words(text)}
    offered = await Package.offered().order_by("-id").limit(LOOKED_AT)
    return sorted(offered, key=lambda one: -len(wanted & _words_of(one)))[:MOST]


def _words_of(package: Package) -> set[str]:
    return _words(f"{package.title} {package.category or ''} {package.description}")


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(as_typed(text).casefold()) if len(word) >= SHORTEST_WORD}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
