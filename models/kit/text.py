"""Texts as people see, type and count them. Pure functions over values.

Source: Unicode 16, `Default_Ignorable_Code_Point` of DerivedCoreProperties.txt.
"""

import re
import unicodedata
from itertools import chain

_IGNORABLE_RANGES = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
_BRAILLE_BLANK = 0x2800
JOINERS = "\u200c\u200d"
"""Zero width non-joiner and joiner: invisible, and right between letters of Persian or Hindi."""

_IGNORED = dict.fromkeys(chain.from_iterable(range(first, last + 1) for first, last in _IGNORABLE_RANGES))
_INVISIBLE = {**_IGNORED, _BRAILLE_BLANK: None}
_QUOTES_AND_DASHES = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′‵＇ʼ", "'"),
        **dict.fromkeys("“”„‟″‶＂«»", '"'),
        **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
        "…": "...",
    }
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def utf16_length(text: str) -> int:
    """Return how long JavaScript says a text is: characters beyond the basic plane count twice."""
    return len(text) + sum(character > "\uffff" for character in text)


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen: spaces, controls and default-ignorable characters do not count."""
    return not any(unicodedata.category(one)[0] not in "ZC" for one in text.translate(_INVISIBLE))


def is_ignorable(character: str) -> bool:
    """Whether a character is drawn as nothing, unless a font wants otherwise (Default_Ignorable_Code_Point)."""
    return ord(character) in _IGNORED


def without_ignorable(text: str) -> str:
    """Return a text without default-ignorable characters."""
    return text.translate(_IGNORED)


def as_typed(text: str) -> str:
    """Return a text as a person types it at a keyboard: plain quotes and dashes, single spaces, nothing invisible."""
    # Twice, for a compatibility form of one character may hold another (U+2026 in a ligature, say).
    plain = without_ignorable(unicodedata.normalize("NFKC", text.translate(_QUOTES_AND_DASHES)))
    return " ".join(plain.translate(_QUOTES_AND_DASHES).split())


def cut(text: str, length: int) -> str:
    """Return the beginning of a text, at most so many UTF-16 units, and no half of a character."""
    if len(text) * 2 <= length or utf16_length(text) <= length:
        return text
    kept = text.encode("utf-16-le")[: length * 2]
    return kept.decode("utf-16-le", errors="ignore")


def has_surrogate(text: str) -> bool:
    """Whether a text holds half of a character beyond the basic plane, which no encoding of Unicode allows."""
    return _SURROGATE.search(text) is not None


def storable(text: str) -> str:
    """Return a text as PostgreSQL stores it: without U+0000 and lone surrogates, which become U+FFFD."""
    return _SURROGATE.sub("\ufffd", text.replace("\0", "\ufffd"))
