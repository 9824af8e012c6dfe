"""Mail in tests: tasks are carried out where the test stands, and what the emulated server caught is read over HTTP."""

import re
from dataclasses import dataclass
from typing import Any

from server.kernel.tasks import Tasks
from tests.support import Server


@dataclass(frozen=True)
class Mail:
    """One caught mail."""

    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    sender: str
    at: str

    @property
    def link(self) -> str:
        found = re.search(r"https?://\S+#token=\S+", self.text)
        assert found is not None, self.text
        return found[0]

    @property
    def token(self) -> str:
        return self.link.partition("#token=")[2]


async def carry_out(server: Server) -> int:
    """Run the tasks that are due, and those that they queue, as a worker would; returns how many there were."""
    core = server.app.core  # type: ignore[attr-defined]
    # Other tests have left answers behind that nobody waits for, and each takes its time.
    types = [one for name, one in core.registry.tasks.items() if not name.startswith("assistant.")]
    tasks = Tasks(types, core.units, core.clock, core.services)
    count = 0
    while claimed := await tasks.claim_due(100):
        for one in claimed:
            await tasks.perform(one)
        count += len(claimed)
    return count


async def caught(server: Server, to: str) -> list[Mail]:
    """The mails to one address, newest first."""
    async with server.http() as http:
        answer = await http.get("/dev/mail.json")
    assert answer.status_code == 200
    rows: list[dict[str, Any]] = answer.json()
    return [Mail(**{**row, "headers": dict(row["headers"])}) for row in rows if row["to"] == to]


async def mails(server: Server, to: str) -> list[Mail]:
    """The mails to one address, after everything that was queued is sent."""
    await carry_out(server)
    return await caught(server, to)
