"""Mail: over real SMTP, caught by the emulator, readable at /dev/mail; and confirming an address with it."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import uuid4

import httpx
import pytest
from aiosmtpd.smtp import SMTP

from clients.mail import SmtpMail, SmtpServer
from models.account import OneTimeToken, User
from models.kit.mail import Mail as QueuedMail
from models.system import DeferredTask
from server.compose.settings import Environment, Settings
from server.kernel.unit_of_work import Collected
from tests.auth import address, later, post
from tests.mail import Mail, carry_out, caught, mails
from tests.support import ROOT, Person, RpcError, Server, free_port
from workers.mail import render


async def verify(server: Server, token: str) -> httpx.Response:
    return await post(server, "verify-email", {"token": token})


def core(server: Server) -> Any:
    return server.app.core  # type: ignore[attr-defined]


@pytest.fixture
async def person(server: Server) -> Person:
    return await server.user()


async def only(server: Server, to: str) -> Mail:
    (mail,) = await mails(server, to)
    return mail


# Confirming an address


@pytest.mark.seed("S2-14", "S1-H28")
async def test_signing_up_mails_a_link_that_confirms_the_address(server: Server, person: Person) -> None:
    socket = await server.connect(person)
    await socket.subscribe({person.topic: {"seq": 0}})
    mail = await only(server, person.email)
    assert mail.subject == "Please confirm your e-mail address"
    assert "/account/verify-email#token=" in mail.link
    assert mail.link in mail.html
    answer = await verify(server, mail.token)
    assert (answer.status_code, answer.json()) == (200, {"verified": True})
    event = await socket.event("account.updated")
    assert event["params"]["data"] == {"fields": ["email_verified"], "rev": 2}
    assert (await User.get(id=person.id)).email_verified


async def test_an_open_socket_may_at_once_do_what_wants_a_confirmed_address(server: Server, person: Person) -> None:
    socket = await server.connect(person)
    mail = await only(server, person.email)
    assert await socket.call("auth.email.verify", token=mail.token) == {"verified": True}
    async with asyncio.timeout(5):
        sockets = server.app.sockets  # type: ignore[attr-defined]
        while not all(one.caller.identity.email_verified for one in sockets):
            await asyncio.sleep(0.01)


async def test_a_guest_confirms_over_the_socket_too(server: Server, person: Person) -> None:
    mail = await only(server, person.email)
    guest = await server.connect()
    assert await guest.call("auth.email.verify", token=mail.token) == {"verified": True}
    with pytest.raises(RpcError) as refused:
        await guest.call("auth.email.verify", token=mail.token)
    assert refused.value.data["details"] == {"token": ["Invalid or expired token."]}


@pytest.mark.parametrize("seconds", [0, 24 * 3600 - 60, 24 * 3600 + 1])
async def test_the_link_is_good_for_a_day_and_once(server: Server, person: Person, seconds: int) -> None:
    token = (await only(server, person.email)).token
    later(server, seconds)
    answers = [await verify(server, token) for _ in range(2)]
    first = 200 if seconds < 24 * 3600 else 400
    assert [answer.status_code for answer in answers] == [first, 400]
    assert answers[1].json()["detail"] == "Invalid or expired token."


async def test_of_ten_who_use_a_link_at_once_one_does(server: Server, person: Person) -> None:
    token = (await only(server, person.email)).token
    answers = await asyncio.gather(*(verify(server, token) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 9]
    assert (await User.get(id=person.id)).rev == 2


@pytest.mark.parametrize("token", ["x", "x" * 43, "ü" * 20, "x" * 201, ""])
async def test_what_is_no_token(server: Server, token: str) -> None:
    assert (await verify(server, token)).status_code == 400


async def test_only_the_hash_of_a_token_is_kept(server: Server, person: Person) -> None:
    queued = await DeferredTask.filter(name="mail.send", args__contains=person.email)
    token = (await only(server, person.email)).token
    assert all(token not in task.args for task in queued)
    row = await OneTimeToken.get(user_id=person.id)
    assert token not in str({name: getattr(row, name) for name in row._meta.fields_map if name != "user"})


@pytest.mark.seed("S2-14")
async def test_another_mail_is_sent_once_a_minute_and_five_times_an_hour(server: Server, person: Person) -> None:
    socket = await server.connect(person)
    asked = await socket.call("auth.email.verification.send")
    assert asked["sent"] is False
    assert 55 <= asked["retry_after"] <= 60
    for _ in range(4):
        later(server, 61)
        assert await socket.call("auth.email.verification.send") == {"sent": True, "retry_after": 60}
    later(server, 61)
    asked = await socket.call("auth.email.verification.send")
    assert asked["sent"] is False
    assert asked["retry_after"] > 3000
    assert len(await mails(server, person.email)) == 5
    # Mails overtake each other: the first link is as good as the last.
    assert (await verify(server, (await caught(server, person.email))[-1].token)).status_code == 200
    with pytest.raises(RpcError) as refused:
        await socket.call("auth.email.verification.send")
    assert (refused.value.code, refused.value.data["state"]) == (-32022, "verified")


# What stands in a mail


INJECTED = "Eve\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script>{{ 7*7 }}{% raw %}"


async def test_a_name_makes_neither_headers_nor_markup_nor_templates(server: Server, person: Person) -> None:
    await mails(server, person.email)
    # Past the rules for names, as if they had a hole.
    shown = {"name": INJECTED, "at": "now", "ip": "::1", "device": INJECTED}
    await _queue(server, "mail.send", QueuedMail("new_device", person.email, shown))
    mail = (await mails(server, person.email))[0]
    assert set(mail.headers) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"),
    }
    assert mail.headers["To"] == person.email
    assert "<script>" not in mail.html
    assert "{{ 7*7 }}" in mail.text
    assert "49" not in mail.text
    assert await caught(server, "victim@example.org") == []


async def _queue(server: Server, *args: Any) -> None:
    """Defer a task in a unit of work of our own."""

    async def act(work: Collected) -> bytes:
        work.defer(*args)
        return b""

    await core(server).units.run(act, now=core(server).clock.now(), by=b"null", key=None, timeout_seconds=5)


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\x85", "\u2028", "\x0b"])
async def test_a_subject_is_one_line(server: Server, break_: str) -> None:
    to = address()
    sent = {"text": "x\n", "html": "<p>x", "message_id": uuid4()}
    assert await core(server).ports.mail.send(to=to, subject=f"Hi{break_}Bcc: v@example.org", **sent)
    (mail,) = await caught(server, to)
    assert mail.subject == "Hi Bcc: v@example.org"
    assert "Bcc" not in mail.headers


async def test_an_address_with_other_letters_gets_its_mail(server: Server) -> None:
    email = f"jürgen-{uuid4().hex[:8]}@exämple.org"
    await server.user(email=email)
    assert len(await mails(server, email)) == 1


def test_every_template_says_the_same_in_both_forms() -> None:
    members = ("name", "at", "ip", "device", "new_email", "state", "title", "body", "reason", "until", "roles")
    shown = dict.fromkeys(members, "SHOWN")
    folder = ROOT / "workers" / "templates" / "mail"
    names = [path.stem for path in sorted(folder.glob("[a-z]*.txt"))]
    assert len(names) > 10
    for template in names:
        letter = render(template, {**shown, "link": "https://x.example/#token=t"})
        assert letter.subject
        assert "\n" not in letter.subject
        told = [mark in letter.text for mark in ("SHOWN", "https://x.example/#token=t")]
        assert any(told)
        if told[0]:
            assert "SHOWN" in letter.html


# Sending


async def test_while_the_mail_server_is_away_a_mail_waits(server: Server, person: Person) -> None:
    mail, there = core(server).ports.mail, core(server).ports.mail.server
    mail.server = SmtpServer("127.0.0.1", free_port(), security="none")
    assert await mails(server, person.email) == []
    task = await DeferredTask.get(name="mail.send", args__contains=person.email)
    assert task.error is not None
    assert task.failed_at is None
    mail.server = there
    assert await mails(server, person.email) == []
    later(server, 3)
    sent = await only(server, person.email)
    assert not await DeferredTask.exists(id=task.id)
    assert str(uuid_of(task.args)) in sent.headers["Message-ID"]


def uuid_of(args: str) -> str:
    return args.rsplit('"', 2)[1]


class Picky:
    """A mail server that refuses whom it does not know, and keeps what it takes."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, to: str, _options: Any) -> str:  # noqa: N802
        if to.startswith("nobody"):
            return "550 5.1.1 No such person"
        if to.startswith("full"):
            return "452 4.2.2 Mailbox full"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


async def test_a_mail_that_is_refused_for_good_is_not_tried_again() -> None:
    picky = Picky()
    listening = await asyncio.get_running_loop().create_server(lambda: SMTP(picky), "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    client = SmtpMail(SmtpServer("127.0.0.1", port, security="none"), "Nexa <no-reply@nexa.example>")
    letter = {"subject": "s", "text": "t", "html": "<p>h", "message_id": uuid4()}
    assert await client.send(to="nobody@example.org", **letter) is False
    with pytest.raises(Exception, match="Mailbox full"):
        await client.send(to="full@example.org", **letter)
    assert await client.send(to="somebody@example.org", **letter) is True
    (message,) = picky.taken
    assert message["From"] == "Nexa <no-reply@nexa.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    client.server = SmtpServer("127.0.0.1", port, security="starttls")
    with pytest.raises(Exception, match="STARTTLS"):
        await client.send(to="somebody@example.org", **letter)
    listening.close()


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("smtp://mail.example.org", SmtpServer("mail.example.org", 587, security="starttls")),
        ("smtps://u%40x:p%2Fw@mail.example.org", SmtpServer("mail.example.org", 465, "u@x", "p/w", "tls")),
        ("smtp://localhost:1025?tls=none", SmtpServer("localhost", 1025, security="none")),
    ],
)
def test_the_address_of_a_mail_server(url: str, read: SmtpServer) -> None:
    assert SmtpServer.parse(url) == read


@pytest.mark.parametrize("url", ["http://mail.example.org", "smtp://", "mail.example.org", "smtp://h?tls=maybe"])
def test_what_is_no_address_of_a_mail_server(url: str) -> None:
    with pytest.raises(ValueError, match=r"mail server|tls"):
        SmtpServer.parse(url)


# Seeing it


async def test_caught_mail_can_be_read_in_a_browser(server: Server, person: Person) -> None:
    mail = await only(server, person.email)
    async with server.http() as http:
        page = await http.get("/dev/mail")
        health = (await http.get("/health")).json()
    assert page.status_code == 200
    assert mail.subject in page.text
    assert mail.link in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    assert "mail" in health["emulated"]


async def test_the_newest_two_hundred_are_kept(server: Server) -> None:
    to = address()
    for number in range(205):
        await core(server).ports.mail.send(to=to, subject=f"{number}", text="x\n", html="<p>x", message_id=uuid4())
    kept = await caught(server, to)
    assert [mail.subject for mail in kept[:2]] == ["204", "203"]
    assert len(kept) == 200


async def test_with_a_mail_server_nothing_is_caught(start_app: Callable[..., Awaitable[Server]]) -> None:
    server = await start_app(smtp_url="smtp://localhost:1?tls=none")
    async with server.http() as http:
        assert (await http.get("/dev/mail")).status_code == 404
        assert (await http.get("/dev/mail.json")).status_code == 404
        assert "mail" not in (await http.get("/health")).json()["emulated"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:8000"}, 200),
        ({"Host": "LOCALHOST"}, 200),
        ({"Host": "[::1]:8000"}, 200),
        ({"Host": "nexa.example.org"}, 200),
        ({"Host": "evil.example:8000"}, 403),
        ({"Host": "localhost.evil.example"}, 403),
        ({"Host": "evil.example@localhost:x"}, 403),
        ({"Host": "[::1"}, 403),
        ({"Host": ""}, 403),
        ({"X-Forwarded-For": "192.168.1.7"}, 403),
        ({"X-Forwarded-For": "172.17.0.1", "Host": "localhost"}, 403),
    ],
)
async def test_caught_mail_is_shown_on_this_machine_under_its_own_names_alone(
    start_app: Callable[..., Awaitable[Server]], headers: dict[str, str], status: int
) -> None:
    server = await start_app(public_url="https://nexa.example.org")
    async with server.http() as http:
        answers = [await http.get(f"/dev/mail{end}", headers=headers) for end in ("", ".json")]
    assert [answer.status_code for answer in answers] == [status] * 2


LURES = [
    "Visit www.evil.example now",
    "evil.example",
    "https://evil.example/x",
    "Claim at //evil.example/x",
    "mail me@evil.example",
    "Open ｅｖｉｌ．ｅｘａｍｐｌｅ today",
    "Open evil。example today",
    "Open evil.example\u200b now",
    "bücher.example",
    "evil.xn--p1ai",
]


@pytest.mark.parametrize("lure", LURES)
def test_what_looks_like_an_address_stands_in_no_mail(lure: str) -> None:
    members = ("name", "at", "ip", "device", "new_email", "state", "title", "body", "until", "roles", "reason")
    folder = ROOT / "workers" / "templates" / "mail"
    for path in sorted(folder.glob("[a-z]*.txt")):
        shown = {**dict.fromkeys(members, f"{lure} has written to you"), "link": "https://nexa.example/#token=t"}
        shown |= {"new_email": "ada@nexa.example", "reason": "See the rules.", "ip": "203.0.113.7"}
        letter = render(path.stem, shown)
        for part in (letter.subject, letter.text, letter.html):
            assert not re.search(r"evil|ｅｖｉｌ|bücher", part), path.stem
        if "{{ link" in path.read_text():
            assert shown["link"] in letter.text
        if path.stem in {"email_changed", "email_change_requested"}:
            assert "ada@nexa.example" in letter.text


def test_ordinary_names_and_titles_stay_as_they_are() -> None:
    for title in ("J. R. Smith has written to you", "Dr. Ada King, Ph. D.", "3.5 of 4 points", "It is time: 10.30."):
        letter = render("notification", {"name": "Anne-Marie O'Neill", "title": title, "body": ""})
        assert letter.subject == title
        assert "Hello Anne-Marie O'Neill," in letter.text


def test_a_name_that_is_an_address_leaves_a_greeting() -> None:
    letter = render("notification", {"name": "evil.example", "title": "www.evil.example", "body": ""})
    assert letter.subject == "You have a new notification"
    assert letter.text.startswith("Hello there,")


def test_production_wants_a_mail_server() -> None:
    settings = Settings(_env_file=None, environment=Environment.PRODUCTION)
    assert any("SMTP_URL" in reason for reason in settings.refusals())
    for given in ({"smtp_url": "smtp://h"}, {"smtp_host": "h"}):
        settings = Settings(_env_file=None, environment=Environment.PRODUCTION, **given)
        assert not any("SMTP_URL" in reason for reason in settings.refusals())


def test_where_links_lead() -> None:
    for given, pages in (
        ({}, "http://127.0.0.1:8000/account"),
        ({"host": "::", "port": 80}, "http://localhost:80/account"),
        ({"public_url": "https://api.example.org/"}, "https://api.example.org/account"),
        ({"frontend_url": "https://example.org/", "public_url": "https://api.example.org"}, "https://example.org"),
    ):
        assert Settings(_env_file=None, **given).pages == pages


async def test_the_pages_that_links_lead_to_are_there(server: Server, person: Person) -> None:
    link = (await only(server, person.email)).link
    path = link.partition("#")[0].partition("/account/")[2]
    async with server.http() as http:
        for name in (path, "reset-password", "confirm-email"):
            page = await http.get(f"/account/{name}")
            assert page.status_code == 200
            assert page.headers["referrer-policy"] == "no-referrer"


@pytest.mark.slow
async def test_a_worker_process_sends_and_a_server_process_shows(
    start_process: Callable[..., Awaitable[Server]],
) -> None:
    server = await start_process("--with-worker")
    person = await server.user()
    async with asyncio.timeout(15):
        while not (found := await caught(server, person.email)):
            await asyncio.sleep(0.1)
    assert found[0].link.startswith(f"{server.url}/account/verify-email")
    assert (await verify(server, found[0].token)).status_code == 200


async def test_mail_that_nobody_queued_is_not_sent(server: Server) -> None:
    person = await server.user()
    answer = await post(server, "signup", {"full_name": "Ada", "email": person.email, "password": "Correct-Horse-7"})
    assert answer.status_code == 409
    await carry_out(server)
    assert len(await caught(server, person.email)) == 1
