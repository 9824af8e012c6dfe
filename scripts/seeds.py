"""Count which rows of docs/seeds.md are shown by tests: those named by `@pytest.mark.seed("S2-37", ...)`.

Ends with status 1 when a test names a row that does not exist.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
SYSTEM = re.compile(r"^## (S\d: .+)$")
ROW = re.compile(r"^\| (S\d-[HJ]?\d{2}) \| (.+?) \| ")


@dataclass(frozen=True)
class Row:
    """One statement, and the system whose document makes it."""

    id: str
    system: str
    statement: str


@dataclass(frozen=True)
class Mark:
    """One id named by a test."""

    id: str
    place: str


def rows(table: Path) -> list[Row]:
    """The rows of the table, in its order."""
    found: list[Row] = []
    system = ""
    for line in table.read_text().splitlines():
        if heading := SYSTEM.match(line):
            system = heading[1]
        elif row := ROW.match(line):
            found.append(Row(row[1], system, row[2]))
    return found


def marks(folder: Path) -> Iterator[Mark]:
    """Every id that a seed mark names below the folder, wherever the mark stands (decorator, `pytestmark`, `param`)."""
    for path in sorted(folder.rglob("*.py")):
        for call in sorted(_calls(path), key=lambda call: call.lineno):
            place = f"{path.relative_to(folder.parent)}:{call.lineno}"
            yield from (Mark(_text(argument), place) for argument in call.args)


def _calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.seed"):
            yield node


def _text(argument: ast.expr) -> str:
    """The literal id; anything else is given as written, and so found to be unknown."""
    if isinstance(argument, ast.Constant):
        return str(argument.value)
    return ast.unparse(argument)


def unknown(table: Path, folder: Path) -> list[Mark]:
    """The marks that name no row."""
    ids = {row.id for row in rows(table)}
    return [mark for mark in marks(folder) if mark.id not in ids]


def report(table: Path, folder: Path) -> str:
    """How many rows are shown, and which are not, by system."""
    all_rows = rows(table)
    shown = {mark.id for mark in marks(folder)}
    missing = [row for row in all_rows if row.id not in shown]
    lines = [f"shown {len(all_rows) - len(missing)} of {len(all_rows)}"]
    for system, group in groupby(missing, key=lambda row: row.system):
        of_system = list(group)
        lines += ["", f"{system}: {len(of_system)} not shown"]
        lines += [f"  {row.id:<7}{row.statement}" for row in of_system]
    return "\n".join(lines)


def main() -> int:
    """Print the report; fail on an unknown id."""
    table, folder = PROJECT / "docs" / "seeds.md", PROJECT / "tests"
    print(report(table, folder))
    wrong = unknown(table, folder)
    for mark in wrong:
        print(f"{mark.place}: {mark.id} is no row of {table.relative_to(PROJECT)}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
