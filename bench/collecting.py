"""Nexa as `python -m server` starts it, which besides collects all garbage whenever it gets SIGUSR1."""

import gc
import signal
import sys

from server.cli.main import main

if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, lambda *_: gc.collect())
    sys.exit(main())
