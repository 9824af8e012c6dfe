"""Passwords that many people choose, and that are therefore tried first."""

import re
from pathlib import Path

DECORATION = 8
"""So many characters before and after a common word do not make it a rare one."""

_LOOKALIKES = str.maketrans("@4030$5!1|7+89€6", "aaoeossiiittbgeg")
_LETTER = re.compile(r"[^\W\d_]")


def is_common(password: str) -> bool:
    """Whether a password is a common one in some case, with look-alikes for letters and signs around it."""
    letters = [match.start() for match in _LETTER.finditer(password)]
    if not letters:
        return True
    # A look-alike at an end may belong to the word or to what stands around it.
    starts = [start for start in range(letters[0] + 1) if start <= DECORATION]
    ends = [end for end in range(letters[-1] + 1, len(password) + 1) if len(password) - end <= DECORATION]
    plain = _plain(password)
    if len(plain) != len(password):
        return plain in _COMMON
    return any(plain[start:end] in _COMMON for start in starts for end in ends)


def _plain(password: str) -> str:
    # A one may stand for an i and for an l, so the two are one here.
    return password.casefold().translate(_LOOKALIKES).replace("l", "i")


def _read() -> frozenset[str]:
    lines = Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines()
    return frozenset(_plain(word) for line in lines if not line.startswith("#") for word in line.split())


_COMMON = _read()
