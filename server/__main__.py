"""`python -m server`: see server/cli."""

import sys

if __name__ == "__main__":
    try:
        from server.cli.main import main

        status = main()
    except KeyboardInterrupt:
        # Ctrl-C while it starts.
        status = 130
    sys.exit(status)
