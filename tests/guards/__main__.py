"""`python -m tests.guards [part of a guard's words]`: break each in a copy and see its test fail; 1 if one survives."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.guards.guard import Guard
from tests.guards.table import GUARDS
from tests.support import ROOT

LONGEST_SECONDS = 240
LEFT_OUT = shutil.ignore_patterns(".git", ".nexa", ".venv", ".*_cache", "__pycache__")


def fails(guard: Guard, copy: Path) -> bool:
    """Whether the guard's test fails without it, having passed (which `make test` sees to) with it."""
    target = copy / guard.path
    source = target.read_text()
    target.write_text(guard.broken(source))
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", guard.tests]
    try:
        ended = subprocess.run(
            [*command, "-k", guard.name], cwd=copy, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    finally:
        target.write_text(source)
    # 1 is a test that failed; everything else would be a fault of this table.
    if ended.returncode not in {0, 1}:
        raise RuntimeError(f"{guard.what}: pytest ended with {ended.returncode}\n{ended.stdout[-2000:]}")
    return ended.returncode == 1


def main() -> int:
    """Print a row for each guard."""
    wanted = [guard for guard in GUARDS if all(word in guard.what for word in sys.argv[1:])]
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="nexa-guards-") as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT, symlinks=True)
        for guard in wanted:
            seen = fails(guard, copy)
            survivors += not seen
            place = f"{guard.path}:{guard.line((copy / guard.path).read_text())}"
            sys.stdout.write(f"| {guard.what} | `{place}` | `{guard.name}` | {'failed' if seen else 'SURVIVED'} |\n")
            sys.stdout.flush()
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
