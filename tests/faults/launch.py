"""`python -m tests.faults.launch`: the command line of the server, with the probe among its modules."""

import sys

from server.cli.main import main
from server.compose.domains import MODULES
from tests.faults import probe

if __name__ == "__main__":
    MODULES.append(probe)
    sys.exit(main())
