"""The peers' own environment, made on first use from the locked requirements."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent / ".venv"
LOCK = Path(__file__).parent / "requirements.lock"


def ensure() -> None:
    """Install the peers where the lock has changed since, or nothing is there yet."""
    stamp = FOLDER / "installed.lock"
    if stamp.exists() and stamp.read_bytes() == LOCK.read_bytes():
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER], check=True)
    install: list[str | Path] = [FOLDER / "bin/python", "-m", "pip", "install", "-qq", "--require-hashes", "-r", LOCK]
    subprocess.run(install, check=True)
    stamp.write_bytes(LOCK.read_bytes())
