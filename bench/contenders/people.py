"""The people whom the load client plays at Nexa: signed up over HTTP, each with an access token."""

import json
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError

from bench.contenders.wire import new_tag

PASSWORD = "A-long-enough-Passw0rd!"
TOKEN_SECONDS = 1200  # after that log in again; tokens last an hour
AT_ONCE = 4
BATCH = 50


@dataclass
class Person:
    """Somebody with an account."""

    id: str
    email: str
    token: str
    since: float

    @property
    def header(self) -> str:
        return f"Authorization: Bearer {self.token}"

    @property
    def topic(self) -> str:
        return f"user:{self.id}"


def post(port: int, path: str, body: Any, token: str = "") -> Any:
    """Post JSON to the server, and return the JSON that it answers."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except HTTPError as error:
        raise RuntimeError(f"{path} answered {error.code}: {error.read().decode()}") from error


def sign_up(port: int, number: int) -> Person:
    """Make an account."""
    email = f"bench-{new_tag()}-{number}@bench.example"
    body = {"full_name": "Bench Mark", "email": email, "password": PASSWORD, "confirm_password": PASSWORD}
    answer = post(port, "/api/v1/auth/signup", body)
    return Person(answer["user"]["id"], email, answer["access_token"], time.monotonic())


def log_in(port: int, person: Person) -> None:
    """Give somebody a fresh access token."""
    answer = post(port, "/api/v1/auth/login", {"email": person.email, "password": PASSWORD})
    person.token, person.since = answer["access_token"], time.monotonic()


def call(port: int, person: Person, method: str, **params: Any) -> Any:
    """Call a method over HTTP and return its result."""
    answer = post(port, "/api/v1/rpc", {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, person.token)
    return answer["result"]


def send_messages(port: int, sender: Person, receiver: Person, count: int) -> None:
    """Send messages over HTTP, many in one request."""
    for first in range(0, count, BATCH):
        batch = [
            message_call(number, receiver.id, f"Message number {number} that was missed")
            for number in range(first, min(first + BATCH, count))
        ]
        answers = post(port, "/api/v1/rpc", batch, sender.token)
        if any("error" in answer for answer in answers):
            raise RuntimeError(f"a message was refused: {answers[0]}")


def message_call(request_id: int, receiver_id: str, content: str) -> dict[str, Any]:
    """Return the request that sends a message."""
    params = {"receiver_id": receiver_id, "content": content}
    return {"jsonrpc": "2.0", "id": request_id, "method": "message.send", "params": params}


class People:
    """Accounts made when they are first asked for, kept for the whole run."""

    def __init__(self) -> None:
        self.known: list[Person] = []

    def take(self, port: int, first: int, count: int) -> list[Person]:
        """Return the people of these numbers, with tokens that last."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            missing = range(len(self.known), first + count)
            self.known += threads.map(lambda number: sign_up(port, number), missing)
            taken = self.known[first : first + count]
            old = [person for person in taken if time.monotonic() - person.since > TOKEN_SECONDS]
            list(threads.map(lambda person: log_in(port, person), old))
        return taken
