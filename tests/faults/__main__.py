"""`python -m tests.faults [--seed N] [--sends N] [--people N] [--quick]`: exit status 1 when anything went wrong."""

import argparse
import secrets
import sys
from pathlib import Path

import uvloop

from server.compose import logs
from tests.faults.run import Options, run


def main() -> int:
    """Run once, and say what was seen."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="repeats a schedule")
    parser.add_argument("--sends", type=int, help="how many messages (20,000; quick: 1,500)")
    parser.add_argument("--people", type=int, help="how many people (50; quick: 20)")
    parser.add_argument("--quick", action="store_true", help="a short form")
    parser.add_argument("--only", action="append", default=[], help="this kind of fault, once; may be repeated")
    parser.add_argument("--logs", type=Path, help="where to keep what the processes log")
    given = parser.parse_args()
    sends, people = (1500, 20) if given.quick else (20_000, 50)
    options = Options(
        given.seed, given.sends or sends, given.people or people, given.quick, tuple(given.only), given.logs
    )
    logs.configure("ERROR", "console")
    result = uvloop.run(run(options))
    sys.stdout.write(result.text + "\n")
    return 0 if result.passed else 1


if __name__ == "__main__":
    sys.exit(main())
