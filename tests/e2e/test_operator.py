"""What an operator types: the first admin, and the shell. Every command is a process of its own."""

import asyncio
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Mapping
from uuid import uuid4

import pytest

from models.account import User
from models.system import AuditEntry
from tests.auth import address, login, whoami
from tests.conftest import Backing
from tests.support import PASSWORD, ROOT, Server

MAKE = "create-superuser"


def start(
    backing: Backing, *arguments: str, environment: Mapping[str, str] | None = None, stdin: int = subprocess.PIPE
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "server", *arguments],
        cwd=ROOT,
        env={**os.environ, **backing.environment, **(environment or {})},
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def run(
    backing: Backing, *arguments: str, given: str = "", environment: Mapping[str, str] | None = None
) -> tuple[int, str, str]:
    """Run to the end with something piped in; the exit status and what was said."""
    process = start(backing, *arguments, environment=environment)
    out, err = await asyncio.to_thread(process.communicate, given, timeout=60)
    return process.returncode, out, err


@pytest.mark.seed("S3-18")
async def test_the_first_admin_logs_in_and_sees_accounts(backing: Backing, server: Server) -> None:
    email = address()
    made = await run(backing, MAKE, "--email", email, "--name", "  Grace   Hopper ", given=f"{PASSWORD}\n")
    assert made == (0, f"{email} is an admin now, and can log in.\n", "")
    answer = (await login(server, email)).json()
    assert (answer["user"]["role"], answer["user"]["full_name"]) == ("admin", "Grace Hopper")
    assert answer["user"]["email_verified"] is True
    call = {"jsonrpc": "2.0", "id": 1, "method": "admin.user.list", "params": {"search": email}}
    (item,) = (await server.rpc(call, answer["access_token"])).json()["result"]["items"]
    assert item["id"] == answer["user"]["id"]
    entry = await AuditEntry.get(target=f"user:{item['id']}", action=MAKE)
    assert (entry.actor_id, entry.after) == (None, '{"roles":["admin","user"]}')

    again = await run(backing, MAKE, "--email", email.upper(), "--name", "Eve", given="Other-Password-1\n")
    assert again == (0, f"{email} is an admin already.\n", "")
    assert (await login(server, email)).status_code == 200, "the password is the old one"
    assert (await User.get(id=item["id"])).full_name == "Grace Hopper"


@pytest.mark.slow
async def test_an_existing_account_becomes_an_admin_only_if_that_is_said(backing: Backing, server: Server) -> None:
    person = await server.user(is_employer=True)
    client = await server.connect(person)
    await client.subscribe({person.topic: None})
    by_environment = {"SUPERUSER_PASSWORD": "Other-Password-1"}
    refused = await run(backing, MAKE, "--email", person.email, "--name", "Eve", environment=by_environment)
    assert refused == (1, "", "There is an account with this address; --existing makes it an admin.\n")
    assert (await User.get(id=person.id)).roles == ["employer", "user"]
    made = await run(backing, MAKE, "--email", person.email, "--existing")
    assert made == (0, f"{person.email} is an admin now.\n", "")
    assert (await client.event("account.updated"))["params"]["data"]["fields"] == ["roles"]
    assert (await User.get(id=person.id)).roles == ["admin", "employer", "user"]
    assert (await login(server, person.email)).status_code == 200
    again = await run(backing, MAKE, "--email", person.email, "--existing")
    assert again == (0, f"{person.email} is an admin already.\n", "")
    unknown = await run(backing, MAKE, "--email", address(), "--existing")
    assert unknown == (1, "", "There is no account with this address.\n")


@pytest.mark.slow
async def test_it_keeps_the_rules_of_signing_up_and_names_all_that_is_wrong(backing: Backing) -> None:
    status, out, err = await run(backing, MAKE, "--email", "nonsense", "--name", "7", given="password\n")
    assert (status, out) == (1, "")
    assert {line.partition(":")[0] for line in err.splitlines()} == {"email", "name", "password"}
    status, out, err = await run(backing, MAKE)
    assert (status, out) == (1, "")
    assert err.count("This field is required.") == 3


@pytest.mark.slow
async def test_two_at_once_make_one_admin(backing: Backing, server: Server) -> None:
    email = address()
    made = await asyncio.gather(
        *(run(backing, MAKE, "--email", email, "--name", "Grace Hopper", given=f"{PASSWORD}\n") for _ in range(2))
    )
    assert 0 in {status for status, _, _ in made}
    assert await User.filter(email_canonical=email).count() == 1
    assert (await login(server, email)).status_code == 200


@pytest.mark.slow
async def test_at_a_terminal_it_asks_and_shows_no_password(backing: Backing, server: Server) -> None:
    email = address()
    ours, theirs = pty.openpty()
    process = subprocess.Popen(  # noqa: ASYNC220 - it does not wait
        [sys.executable, "-m", "server", MAKE],
        cwd=ROOT,
        env={**os.environ, **backing.environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    for question, answer in (
        (b"E-mail address: ", email),
        (b"Full name: ", "Grace Hopper"),
        (b"Password: ", PASSWORD),
        (b"Once more: ", PASSWORD),
    ):
        while not shown.endswith(question):
            shown += await asyncio.to_thread(os.read, ours, 1000)
        os.write(ours, f"{answer}\n".encode())
    while b"can log in" not in shown:
        shown += await asyncio.to_thread(os.read, ours, 1000)
    assert await asyncio.to_thread(process.wait, 30) == 0
    os.close(ours)
    assert PASSWORD.encode() not in shown
    assert (await login(server, email)).status_code == 200


async def test_production_refuses_a_database_that_is_not_migrated(backing: Backing) -> None:
    empty = backing.database_url.replace(f"/{_name(backing)}?", "/postgres?", 1)
    production = {
        "ENVIRONMENT": "production",
        "DATABASE_URL": empty,
        "SECRET_KEY": "a-secret-of-this-test-0123456789abcdef",
        "SMTP_HOST": "127.0.0.1",
        "FRONTEND_URL": "https://nexa.example",
        "GEMINI_API_KEY": "a-key-of-this-test",
    }
    for command in ((MAKE, "--email", address(), "--existing"), ("shell",)):
        status, _, err = await run(backing, *command, environment=production)
        assert status == 2
        assert "not migrated" in err


def _name(backing: Backing) -> str:
    return backing.database_url.split("?", 1)[0].rsplit("/", 1)[1]


@pytest.mark.seed("S4-39")
@pytest.mark.slow
async def test_the_shell_awaits_at_the_prompt(backing: Backing, server: Server) -> None:
    person = await server.user()
    client = await server.connect(person)
    typed = f"""
user = await User.get(id="{person.id}")
user.email
from models.account.administration import suspend
_ = await act(lambda work: suspend(work, None, user.id, "spam", None))
for one in [1, 2]:
    print("number", one)

1 / 0
await User.filter(id=user.id, status="suspended").count()
clock.now().year >= 2026
"""
    status, out, err = await run(backing, "shell", given=typed)
    assert status == 0, err
    for line in (f"'{person.email}'", "number 2", "1", "True"):
        assert line in out.replace(">>> ", "").replace("... ", "").splitlines()
    assert "ZeroDivisionError" in err
    assert await client.closed() == 4404
    assert (await whoami(server, person.token)).status_code == 401


@pytest.mark.slow
async def test_what_runs_at_the_prompt_can_be_interrupted(backing: Backing) -> None:
    mark = uuid4().hex
    process = start(backing, "shell")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"import asyncio\nprint('{mark}', flush=True); await asyncio.sleep(600)\nprint(6 * 7)\n")
    process.stdin.flush()
    while mark not in await asyncio.to_thread(process.stdout.readline):
        pass
    process.send_signal(signal.SIGINT)
    out, err = await asyncio.to_thread(process.communicate, "exit()\n", timeout=30)
    assert "42" in out
    assert "KeyboardInterrupt" in err
    assert process.returncode == 0
