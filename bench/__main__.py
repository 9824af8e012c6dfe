"""Prints the table: `python -m bench [row …] [--rounds 5] [--seconds 3] [--quick] [--markdown FILE] …`."""

import json
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path

from bench import client, engines, environment, harness, machine, table, versions
from bench.contender import Contender
from bench.contenders import ALL
from bench.row import Pace
from bench.rows import ROWS

RAW = client.BUILD / "results.json"
QUICK = {"rounds": 1, "seconds": 0.5, "warmup": 0.3}


def arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m bench", description="Measures Nexa against its limits and its peers.")
    parser.add_argument("rows", nargs="*", metavar="row", help=f"of: {', '.join(ROWS)}; all, if none is named")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--warmup", type=float, default=1)
    parser.add_argument("--quick", action="store_true", help="one short round, only to see that everything works")
    parser.add_argument("--contenders", help=f"separated by commas, of: {', '.join(ALL)}")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="where the table goes besides")
    options = parser.parse_args()
    if unknown := set(options.rows) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    if options.quick:
        vars(options).update(QUICK)
    return options


def chosen_contenders(names: str | None) -> list[Contender]:
    """Return the contenders that take part, with their variants: by default all."""
    chosen = tuple(ALL[name.strip()] for name in names.split(",")) if names else (Contender,)
    return [kind() for kind in ALL.values() if issubclass(kind, chosen)]


def keep_raw(outcomes: list[harness.Outcome]) -> None:
    """Write everything that was measured, beside the table."""
    raw = {one.row.name: {"rounds": one.rounds, "loads": one.loads, "failures": one.failures} for one in outcomes}
    RAW.write_text(json.dumps(raw, indent=1))


def main() -> int:
    """Run the rows and print the table; 1 where a contender failed."""
    options, began = arguments(), datetime.now(UTC)
    environment.ensure()
    client.build()
    machine.pin_myself()
    contenders = chosen_contenders(options.contenders)
    pace = Pace(options.seconds, options.warmup)
    outcomes = []
    with engines.running() as places:
        for contender in contenders:
            contender.prepare(places)
        for row in [row for name in options.rows or ROWS for row in ROWS[name]]:
            outcomes.append(harness.run_row(row, contenders, places, options.rounds, pace))
            keep_raw(outcomes)
        run = table.Run(outcomes, options.rounds, options.seconds, began, versions.gathered(places))
    report = table.render(run)
    print(report)
    if options.markdown:
        options.markdown.write_text(f"{report}\n")
    return int(any(outcome.failures for outcome in outcomes))


if __name__ == "__main__":
    raise SystemExit(main())
