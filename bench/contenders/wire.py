"""Texts that several contenders say."""

from uuid import uuid4

CALL = '{"jsonrpc":"2.0","id":%n,"method":"system.info","params":{}}'
CONTENT = "Message number %n of a benchmark, about as long as what people write"


def new_tag() -> str:
    """Return a text that no earlier run has used."""
    return uuid4().hex[:12]
