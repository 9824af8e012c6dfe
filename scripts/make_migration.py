"""Write the next migration from what differs between the models and the last one; read and correct it afterwards.

Usage: `python scripts/make_migration.py NAME`. What the generator cannot write (constraints, partial and expression
indexes, defaults of the database) is added to the file by hand; tests compare the outcome with the models.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from aerich import Command

sys.path.insert(0, str(Path(__file__).parent.parent))

from server.compose.migrations import LOCATION, configuration
from server.embedded import engines


async def make(url: str, name: str) -> str | None:
    """Bring an empty database up to date, then let aerich compare."""
    async with Command(configuration(url), location=LOCATION) as command:
        await command.init()
        await command.upgrade()
        await command.init()
        return await command.migrate(name, no_input=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, engines(Path(folder) / "engines") as embedded:
        print(asyncio.run(make(embedded.database_url, sys.argv[1])) or "Nothing differs.")
