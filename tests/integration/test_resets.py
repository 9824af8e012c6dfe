"""A forgotten password: who asks learns nothing, and who has the mail sets a new one, once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from models.account import OneTimeToken, SecondFactor, Session, User
from models.account.users import SUSPENDED
from models.system import AuditEntry, DeferredTask
from tests.auth import address, later, login, post, refresh, whoami
from tests.mail import carry_out, caught, mails
from tests.support import PASSWORD, Person, Server, ServerProcess

NEW = "Battery-Staple-9"
SENT = {"message": "Password reset link sent to your email."}
BAD = "Invalid or expired token."


async def forgot(server: Server, email: str) -> httpx.Response:
    return await post(server, "forgot-password", {"email": email})


async def reset(server: Server, token: str, password: str = NEW, confirm: str | None = None) -> httpx.Response:
    body = {"token": token, "new_password": password, "confirm_new_password": confirm or password}
    return await post(server, "reset-password", body)


async def token_for(server: Server, person: Person) -> str:
    assert (await forgot(server, person.email)).json() == SENT
    newest = (await mails(server, person.email))[0]
    assert newest.subject == "Set a new password"
    return newest.token


@pytest.fixture
async def person(server: Server) -> Person:
    return await server.user()


@pytest.mark.seed("S2-18", "S2-19", "S2-20")
async def test_the_link_of_the_mail_sets_a_new_password(server: Server, person: Person) -> None:
    token = await token_for(server, person)
    answer = await reset(server, token)
    assert answer.status_code == 200
    assert answer.json() == {"message": "Your password has been updated successfully."}
    assert (await login(server, person.email)).status_code == 401
    assert (await login(server, person.email, NEW)).status_code == 200


async def test_every_session_ends_and_the_owner_is_told(server: Server, person: Person) -> None:
    other = (await login(server, person.email)).json()
    sockets = [await server.connect(person), await server.connect(person)]
    await reset(server, await token_for(server, person))
    assert [await socket.closed() for socket in sockets] == [4403, 4403]
    for token in (person.token, other["access_token"]):
        assert (await whoami(server, token)).status_code == 401
    for token in (person.refresh_token, other["refresh_token"]):
        assert (await refresh(server, token)).status_code == 401
    told = (await mails(server, person.email))[0]
    assert told.subject == "Your password was changed"
    assert "127.0.0.1" in told.text
    assert NEW not in told.text + told.html


async def test_a_reset_ends_sockets_on_every_process(pair: tuple[ServerProcess, ServerProcess], server: Server) -> None:
    one, two = pair
    person = await one.user()
    sockets = [await one.connect(person), await two.connect(person)]
    token = await token_for(server, person)
    answer = await reset(two, token)
    assert answer.status_code == 200, answer.text
    assert [await socket.closed(2) for socket in sockets] == [4403, 4403]


@pytest.mark.seed("S2-19", "S2-21")
@pytest.mark.parametrize(("seconds", "status"), [(44 * 60, 200), (45 * 60 + 1, 400)])
async def test_a_link_is_good_for_45_minutes(server: Server, person: Person, seconds: int, status: int) -> None:
    token = await token_for(server, person)
    later(server, seconds)
    answer = await reset(server, token)
    assert answer.status_code == status
    if status == 400:
        body = answer.json()
        assert (body["detail"], body["details"]) == (BAD, {"token": [BAD]})
        assert (await login(server, person.email)).status_code == 200


@pytest.mark.seed("S2-21")
async def test_a_link_is_good_once(server: Server, person: Person) -> None:
    token = await token_for(server, person)
    assert (await reset(server, token)).status_code == 200
    answer = await reset(server, token, "Another-Staple-9")
    assert (answer.status_code, answer.json()["detail"]) == (400, BAD)
    assert (await login(server, person.email, NEW)).status_code == 200


async def test_of_several_who_use_it_at_once_one_sets_the_password(server: Server, person: Person) -> None:
    token = await token_for(server, person)
    passwords = [f"Battery-Staple-{number}" for number in range(10, 16)]
    answers = await asyncio.gather(*(reset(server, token, password) for password in passwords))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 5]
    (winner,) = [one for one, answer in zip(passwords, answers, strict=True) if answer.status_code == 200]
    assert (await login(server, person.email, winner)).status_code == 200


async def test_a_new_password_makes_all_earlier_links_worthless(server: Server, person: Person) -> None:
    first = await token_for(server, person)
    later(server, 61)
    second = await token_for(server, person)
    assert first != second
    assert (await reset(server, second)).status_code == 200
    assert (await reset(server, first)).status_code == 400


async def test_nobodys_link_opens_another_account(server: Server, person: Person) -> None:
    victim = await server.user()
    await token_for(server, victim)
    assert (await reset(server, await token_for(server, person))).status_code == 200
    assert (await login(server, victim.email)).status_code == 200
    assert (await login(server, victim.email, NEW)).status_code == 401


async def test_a_token_for_something_else_sets_no_password(server: Server, person: Person) -> None:
    (mail,) = await mails(server, person.email)
    assert (await reset(server, mail.token)).status_code == 400
    token = await token_for(server, person)
    assert (await post(server, "verify-email", {"token": token})).status_code == 400
    assert (await reset(server, token)).status_code == 200


@pytest.mark.seed("S2-21", "S4-24", "S4-27")
async def test_a_password_that_does_not_do_leaves_the_link_good(server: Server, person: Person) -> None:
    token = await token_for(server, person)
    answer = await reset(server, token, NEW, "Battery-Staple-8")
    assert (answer.status_code, answer.json()["detail"]) == (400, "Passwords do not match.")
    answer = await reset(server, token, "battery-staple-9")
    assert answer.json()["details"] == {"new_password": ["Password must contain at least one uppercase letter"]}
    answer = await reset(server, token, "P@ssw0rd2026!")
    assert answer.json()["details"] == {"new_password": ["This password is too common."]}
    for personal in ("My-Lovelace-99", f"X-{person.email.split('@')[0]}-9"):
        answer = await reset(server, token, personal)
        assert list(answer.json()["details"]) == ["new_password"]
    assert (await login(server, person.email)).status_code == 200
    assert (await reset(server, token)).status_code == 200


# Nothing is told


async def test_an_unknown_address_gets_the_same_answer_for_the_same_work(server: Server, person: Person) -> None:
    await carry_out(server)
    unknown = address()
    before = set(await DeferredTask.all().values_list("id", flat=True))
    answers = [await forgot(server, person.email), await forgot(server, unknown)]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, SENT)] * 2
    assert len({tuple(sorted(answer.headers)) for answer in answers}) == 1
    # Both have written one task and nothing else: who is meant is looked up where nobody waits.
    added = [task for task in await DeferredTask.all() if task.id not in before]
    assert [task.name for task in added] == ["mail.password_reset"] * 2
    assert await OneTimeToken.filter(user_id=person.id, purpose="reset_password").count() == 0
    await carry_out(server)
    assert await caught(server, unknown) == []
    assert len(await caught(server, person.email)) == 2


@pytest.mark.parametrize("spelling", [str.upper, lambda email: f" {email} ", str.title])
async def test_another_spelling_is_the_same_address(
    server: Server, person: Person, spelling: Callable[[str], str]
) -> None:
    await forgot(server, spelling(person.email))
    assert (await mails(server, person.email))[0].subject == "Set a new password"


async def test_what_looks_alike_gets_no_mail_of_somebody_elses(server: Server) -> None:
    """Mail goes to the address of the row, never to the one that was typed."""
    person = await server.user(email=f"mike-{address()}")
    typed = person.email.replace("mike", "ｍike")
    await forgot(server, typed)
    sent = await mails(server, person.email)
    assert sent[0].subject == "Set a new password"
    assert await caught(server, typed) == []
    # A dotless i is another letter, and so another address.
    await forgot(server, person.email.replace("mike", "mıke"))
    assert len(await mails(server, person.email)) == len(sent)


async def test_nobodys_mailbox_is_flooded(server: Server, person: Person) -> None:
    await carry_out(server)
    for _ in range(10):
        await forgot(server, person.email)
    assert len(await mails(server, person.email)) == 2
    for _ in range(10):
        later(server, 61)
        await forgot(server, person.email)
        await carry_out(server)
    assert len(await caught(server, person.email)) == 1 + 5


async def test_an_address_asks_so_many_times_an_hour(start_app: Callable[..., Awaitable[Server]]) -> None:
    server = await start_app(signups_per_hour=3)
    answers = [await forgot(server, address()) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) > 60


# Accounts in other states


async def test_a_suspended_account_cannot_be_reset(server: Server, person: Person) -> None:
    token = await token_for(server, person)
    await User.filter(id=person.id).update(status=SUSPENDED)
    answer = await reset(server, token)
    assert (answer.status_code, answer.json()["error"]) == (403, "Account suspended")
    later(server, 61)
    assert (await forgot(server, person.email)).json() == SENT
    assert len(await mails(server, person.email)) == 2


async def test_who_has_waited_with_anothers_address_is_out(server: Server, person: Person) -> None:
    """Somebody signs up with an address that is not theirs, sets up a way in, and waits for its owner."""
    user = await User.get(id=person.id)
    await SecondFactor.create(user=user, sealed_secret="x", confirmed_at=user.created_at)
    await reset(server, await token_for(server, person))
    answer = await login(server, person.email, NEW)
    assert answer.status_code == 200
    assert answer.json()["user"]["email_verified"] is True
    assert await Session.filter(user_id=person.id, revoked_at=None).count() == 1


async def test_an_owner_whose_address_is_confirmed_keeps_the_second_factor(server: Server, person: Person) -> None:
    user = await User.get(id=person.id)
    await User.filter(id=person.id).update(email_verified_at=user.created_at)
    await SecondFactor.create(user=user, sealed_secret="x", confirmed_at=user.created_at)
    await reset(server, await token_for(server, person))
    assert (await login(server, person.email, NEW)).json()["code"] == "mfa_required"


async def test_it_stands_in_the_audit_log_without_secrets(server: Server, person: Person) -> None:
    token = await token_for(server, person)
    await reset(server, token)
    rows = await AuditEntry.filter(action="auth.reset_password", target=f"user:{person.id}")
    assert rows
    kept: Any = [(row.before, row.after) for row in rows]
    assert all(secret not in str(kept) for secret in (token, NEW, PASSWORD))
