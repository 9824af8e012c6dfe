"""Django Channels with channels_redis and the Django ORM."""

from pathlib import Path

from bench.client import Script, Socket
from bench.contender import PEERS, PEERS_PYTHON, Command, Contender, Engines, Work
from bench.contenders.wire import CALL, CONTENT, new_tag

JOINED = (("expect", "joined"),)
ACKNOWLEDGED = '"reply"'
CREATED = '"event": "message.created"'
RECEIVERS, MISSED = 50, 200
NOBODY = 1_000_000  # persons from here on have missed nothing


class Channels(Contender):
    name = "Channels"
    commit_times = (
        "SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8"
        " FROM channels_app_message WHERE starts_with(content, $1) ORDER BY 1"
    )

    def command(self, work: Work, port: int, engines: Engines) -> Command:
        arguments: list[str | Path] = [PEERS_PYTHON, "-m", "channels_app", f"--port={port}"]
        if work in {Work.SENDS, Work.CATCH_UP}:
            arguments.append(f"--database={engines.database_url}")
        if work in {Work.SENDS, Work.CATCH_UP, Work.FAN_OUT}:
            arguments.append(f"--redis={engines.redis_url}")
        if work is Work.CATCH_UP:
            arguments.append(f"--seed={RECEIVERS}x{MISSED}")
        return Command(arguments, folder=PEERS)

    def calls(self, port: int, sockets: int) -> Script:  # noqa: ARG002
        return Script([Socket("/echo", request=CALL, repeat=sockets)], reply='"method"')

    def fan_out(self, port: int, sockets: int) -> Script:  # noqa: ARG002
        request = '{"n":%n,"text":"one event for everybody"}'
        publisher = Socket("/fan-out", steps=JOINED, request=request, publisher=True)
        return Script([Socket("/fan-out", steps=JOINED, repeat=sockets), publisher], event='"event": "fanned"')

    def sends(self, port: int, senders: int, *, to_one: bool) -> Script:  # noqa: ARG002
        receivers = [NOBODY + senders + (0 if to_one else number) for number in range(senders)]
        sending = [person(NOBODY + number, receiver) for number, receiver in enumerate(receivers)]
        receiving = [person(receiver) for receiver in dict.fromkeys(receivers)]
        return Script([*sending, *receiving], reply=ACKNOWLEDGED, event=CREATED)

    def catch_up(self, port: int, sockets: int, missed: int) -> Script:  # noqa: ARG002
        if missed != MISSED:
            raise ValueError(f"the table holds {MISSED} messages for each")
        steps = (*JOINED, ("send", '{"after":0}'))
        people = [Socket(f"/person/{number}", steps=steps, repeat=sockets // RECEIVERS) for number in range(RECEIVERS)]
        return Script(people, event=CREATED)

    def idle(self, port: int, sockets: int, *, beginning: int) -> Script:  # noqa: ARG002
        return Script([Socket("/echo", repeat=sockets)])

    def handshakes(self, port: int, sockets: int) -> Script:  # noqa: ARG002
        return Script([Socket("/echo", repeat=sockets)])

    def delivery(self, port: int) -> Script:  # noqa: ARG002
        tag = new_tag()
        sender = person(NOBODY, NOBODY + 1, tag, publisher=True)
        return Script([sender, person(NOBODY + 1)], reply=ACKNOWLEDGED, event=CREATED, tag=tag)


def person(number: int, receiver: int | None = None, tag: str = "", *, publisher: bool = False) -> Socket:
    """Return the socket of a person who, where a receiver is given, sends messages."""
    request = f'{{"id":%n,"receiver_id":{receiver},"content":"{tag} {CONTENT}"}}' if receiver else ""
    return Socket(f"/person/{number}", steps=JOINED, request=request, publisher=publisher)
