"""JSON as Python's own parser reads it: slower, with whole numbers of any size and with lone surrogates."""

import json
import re
from math import isinf
from typing import Any, NoReturn

_ESCAPED = re.compile(r"\\ud[89a-f]", re.IGNORECASE)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise ValueError(f"{text} is too large")
    return number


def loads(frame: bytes | str) -> Any:
    """Read JSON (RFC 8259); raises ValueError for what is none, and for what is nested too deeply."""
    text = frame if isinstance(frame, str) else frame.decode()
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def with_lone_surrogates(frame: bytes | str) -> Any:
    """Read what orjson refuses for its lone surrogates alone; None for what is no JSON for other reasons."""
    text = frame if isinstance(frame, str) else frame.decode(errors="replace")
    if _ESCAPED.search(text) is None:
        return None
    try:
        return loads(frame)
    except ValueError:
        return None
