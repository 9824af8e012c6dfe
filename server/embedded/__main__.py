"""`python -m server.embedded <folder>`: return when the engines of the folder are ready, whoever started them."""

import sys
from pathlib import Path

from server.embedded.places import EmbeddedError, Places
from server.embedded.supervisor import start


def main(arguments: list[str]) -> int:
    """Start the engines of the folder; on failure say why on stderr and answer 1."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m server.embedded <folder>\n")
        return 2
    try:
        start(Places(Path(arguments[0]).resolve()))
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
