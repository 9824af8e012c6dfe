"""The second factor: codes of an app and of paper, each once, and logging in with them."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pyotp
import pytest

from models.account import RecoveryCode, SecondFactor
from models.account.factors import matching_step
from server.kernel.vault import Vault
from tests.auth import later, login, post, whoami
from tests.mail import mails
from tests.support import Client, Person, RpcError, Server, key

STEP = 30


@dataclass
class Guarded:
    """Somebody with a second factor."""

    server: Server
    person: Person
    socket: Client
    secret: str
    recovery: list[str]

    def code(self, steps: int = 0) -> str:
        now = self.server.app.clock.now()  # type: ignore[attr-defined]
        return pyotp.TOTP(self.secret).at(int(now.timestamp()) + steps * STEP)

    async def challenge(self) -> str:
        answer = await login(self.server, self.person.email)
        assert (answer.status_code, answer.json()["code"]) == (401, "mfa_required"), answer.text
        return str(answer.json()["challenge"])

    async def enter(self, challenge: str, code: str) -> httpx.Response:
        return await post(self.server, "login", {"challenge": challenge, "code": code})

    async def log_in(self, code: str) -> httpx.Response:
        return await self.enter(await self.challenge(), code)


async def error_of(call: Any) -> RpcError:
    with pytest.raises(RpcError) as refused:
        await call
    return refused.value


@pytest.fixture
async def guarded(server: Server) -> Guarded:
    person = await server.user()
    socket = await server.connect(person)
    await socket.subscribe({person.topic: None})
    begun = await socket.call("auth.mfa.totp.begin")
    one = Guarded(server, person, socket, begun["secret"], [])
    one.recovery = (await socket.call("auth.mfa.totp.confirm", code=one.code()))["recovery_codes"]
    later(server, 2 * STEP)
    return one


async def test_setting_it_up(server: Server) -> None:
    person = await server.user()
    socket = await server.connect(person)
    await socket.subscribe({person.topic: None})
    assert await socket.call("auth.mfa.get") == {"totp": False, "recovery_left": 0}
    begun = await socket.call("auth.mfa.totp.begin")
    assert pyotp.parse_uri(begun["otpauth_uri"]).secret == begun["secret"]
    assert (await login(server, person.email)).status_code == 200, "nothing changes before the first code"
    wrong = await error_of(socket.call("auth.mfa.totp.confirm", code="000000"))
    assert wrong.data["details"] == {"code": ["This code is not right."]}
    now = server.app.clock.now()  # type: ignore[attr-defined]
    codes = (await socket.call("auth.mfa.totp.confirm", code=pyotp.TOTP(begun["secret"]).at(now)))["recovery_codes"]
    assert len(set(codes)) == 10
    assert (await socket.event("auth.mfa_changed"))["params"]["data"] == {"enabled": True}
    assert await socket.call("auth.mfa.get") == {"totp": True, "recovery_left": 10}
    assert (await error_of(socket.call("auth.mfa.totp.begin"))).data["state"] == "enabled"
    assert (await mails(server, person.email))[0].subject == "Your second factor was turned on"


async def test_nothing_of_it_can_be_read_in_the_tables(guarded: Guarded) -> None:
    factor = await SecondFactor.get(user_id=guarded.person.id)
    assert guarded.secret not in factor.sealed_secret
    hashes = await RecoveryCode.filter(user_id=guarded.person.id).values_list("code_hash", flat=True)
    assert not set(guarded.recovery) & set(hashes)


async def test_a_sealed_secret_of_somebody_else_does_not_open(guarded: Guarded, server: Server) -> None:
    vault = server.app.core.services.vault  # type: ignore[attr-defined]
    factor = await SecondFactor.get(user_id=guarded.person.id)
    assert vault.open(factor.sealed_secret, f"totp {guarded.person.id}") == guarded.secret
    for sealed, purpose in ((factor.sealed_secret, "totp of another"), (factor.sealed_secret[:-4] + "AAAA", "x")):
        with pytest.raises(ValueError, match="not sealed"):
            vault.open(sealed, purpose)


async def test_replies_with_secrets_are_not_kept(server: Server) -> None:
    socket = await server.connect(await server.user())
    same = key()
    await socket.call("auth.mfa.totp.begin", idempotency_key=same)
    assert (await error_of(socket.call("auth.mfa.totp.begin", idempotency_key=same))).code == -32009


# Logging in


async def test_logging_in_takes_the_password_and_a_code(guarded: Guarded) -> None:
    answer = await guarded.log_in(guarded.code())
    assert answer.status_code == 200
    body = answer.json()
    assert (body["message"], body["user"]["id"]) == ("Login successful.", guarded.person.id)
    assert (await whoami(guarded.server, body["access_token"])).status_code == 200


async def test_the_first_step_alone_opens_nothing(guarded: Guarded) -> None:
    body = (await login(guarded.server, guarded.person.email)).json()
    assert "access_token" not in body
    assert (await whoami(guarded.server, body["challenge"])).status_code == 401
    answer = await post(guarded.server, "login", {"challenge": body["challenge"]})
    assert answer.json()["details"] == {"code": ["This field is required."]}


async def test_a_wrong_password_does_not_tell_of_the_second_factor(guarded: Guarded) -> None:
    answer = await login(guarded.server, guarded.person.email, "Wrong-Horse-7")
    assert answer.json()["code"] == "unauthenticated"


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401)])
async def test_a_clock_may_be_a_step_off(guarded: Guarded, steps: int, status: int) -> None:
    later(guarded.server, 2 * STEP)
    assert (await guarded.log_in(guarded.code(steps))).status_code == status


async def test_a_code_is_good_once(guarded: Guarded) -> None:
    code = guarded.code()
    assert (await guarded.log_in(code)).status_code == 200
    assert (await guarded.log_in(code)).status_code == 401
    assert (await guarded.log_in(guarded.code(-1))).status_code == 401, "nor is one from before it"
    assert (await guarded.log_in(guarded.code(1))).status_code == 200


async def test_of_several_with_one_code_at_once_one_gets_in(guarded: Guarded) -> None:
    challenges = [await guarded.challenge() for _ in range(4)]
    code = guarded.code()
    answers = await asyncio.gather(*(guarded.enter(challenge, code) for challenge in challenges))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


async def test_a_challenge_is_good_once_for_five_minutes_and_one_account(guarded: Guarded) -> None:
    challenge = await guarded.challenge()
    assert (await guarded.enter(challenge, "000000")).status_code == 401
    assert (await guarded.enter(challenge, guarded.code())).status_code == 200, "a typing error costs no new password"
    later(guarded.server, STEP)
    assert (await guarded.enter(challenge, guarded.code())).status_code == 401
    old = await guarded.challenge()
    later(guarded.server, 301)
    assert (await guarded.enter(old, guarded.code())).status_code == 401
    assert (await guarded.enter("x" * 43, guarded.code())).status_code == 401
    body = {"challenge": old, "code": "1", "email": guarded.person.email, "password": "x"}
    assert set((await post(guarded.server, "login", body)).json()["details"]) == {"email", "password"}


async def test_wrong_codes_have_to_wait_like_wrong_passwords(guarded: Guarded) -> None:
    challenge = await guarded.challenge()
    answers = [await guarded.enter(challenge, f"{number:06}") for number in range(7)]
    assert 429 in [answer.status_code for answer in answers]
    answer = await guarded.enter(challenge, guarded.code())
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    await asyncio.sleep(float(answer.json()["retry_after"]) + 0.05)
    assert (await guarded.enter(challenge, guarded.code())).status_code == 200


# Recovery codes


@pytest.mark.parametrize("spelling", [str, str.upper, lambda code: code.replace("-", ""), lambda code: f" {code} "])
async def test_a_recovery_code_is_good_once(guarded: Guarded, spelling: Any) -> None:
    code = spelling(guarded.recovery[0])
    assert (await guarded.log_in(code)).status_code == 200
    assert (await guarded.log_in(code)).status_code == 401
    assert await guarded.socket.call("auth.mfa.get") == {"totp": True, "recovery_left": 9}
    assert (await guarded.log_in(guarded.recovery[1])).status_code == 200


async def test_somebody_elses_recovery_code_opens_nothing(guarded: Guarded, server: Server) -> None:
    person = await server.user()
    socket = await server.connect(person)
    other = Guarded(server, person, socket, (await socket.call("auth.mfa.totp.begin"))["secret"], [])
    await socket.call("auth.mfa.totp.confirm", code=other.code())
    assert (await other.log_in(guarded.recovery[0])).status_code == 401


async def test_new_recovery_codes_make_the_old_ones_worthless(guarded: Guarded) -> None:
    codes = (await guarded.socket.call("auth.mfa.recovery_codes.regenerate"))["recovery_codes"]
    assert not set(codes) & set(guarded.recovery)
    assert (await guarded.log_in(guarded.recovery[0])).status_code == 401
    assert (await guarded.log_in(codes[0])).status_code == 200
    assert (await mails(guarded.server, guarded.person.email))[0].subject == "You have new recovery codes"


# Taking it away


async def test_disabling_takes_a_code(guarded: Guarded) -> None:
    await guarded.socket.event("auth.mfa_changed")
    assert (await error_of(guarded.socket.call("auth.mfa.totp.disable", code="000000"))).code == -32602
    assert await guarded.socket.call("auth.mfa.totp.disable", code=guarded.code()) == {"disabled": True}
    assert (await guarded.socket.event("auth.mfa_changed"))["params"]["data"] == {"enabled": False}
    assert (await login(guarded.server, guarded.person.email)).status_code == 200
    assert not await RecoveryCode.exists(user_id=guarded.person.id)
    assert (await error_of(guarded.socket.call("auth.mfa.totp.disable", code="1"))).data["state"] == "disabled"


async def test_what_changes_it_wants_a_recent_password(guarded: Guarded) -> None:
    later(guarded.server, 601)
    for method, params in (
        ("auth.mfa.totp.begin", {}),
        ("auth.mfa.totp.disable", {"code": "1"}),
        ("auth.mfa.recovery_codes.regenerate", {}),
    ):
        assert (await error_of(guarded.socket.call(method, **params))).kind == "reauthentication_required"
    assert (await guarded.socket.call("auth.reauthenticate", code=guarded.code()))["until"]
    assert await guarded.socket.call("auth.mfa.totp.disable", code=guarded.recovery[3]) == {"disabled": True}


def test_what_is_no_code() -> None:
    now, secret = datetime.now(UTC), pyotp.random_base32()
    right = pyotp.TOTP(secret).at(now)
    assert matching_step(secret, f" {right[:3]} {right[3:]} ", now) is not None
    for code in ("", "12345", "1234567", "abcdef", "١٢٣٤٥٦", right + "0"):
        assert matching_step(secret, code, now) is None


async def test_with_another_secret_key_recovery_codes_still_open_the_account(guarded: Guarded) -> None:
    sealed = Vault("another secret").seal(guarded.secret, f"totp {guarded.person.id}")
    await SecondFactor.filter(user_id=guarded.person.id).update(sealed_secret=sealed)
    assert (await guarded.log_in(guarded.code())).status_code == 401
    assert (await guarded.log_in(guarded.recovery[0])).status_code == 200
