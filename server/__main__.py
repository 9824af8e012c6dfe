"""`python -m server`: see server/cli."""

import sys

try:
    from server.cli.main import main

    status = main()
except KeyboardInterrupt:
    # Ctrl-C while it starts.
    status = 130
sys.exit(status)
