"""How often somebody may be wrong."""

import pytest

from models.errors import RateLimited
from server.kernel.limits import Rate
from server.kernel.networks import network_of
from server.kernel.throttle import Attempts

ADDRESS = "203.0.113.7"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def delay(attempts: Attempts, what: object = "ada", address: str = ADDRESS) -> float:
    """How long an attempt has to wait; it begins, and is wrong, where that is 0."""
    try:
        attempts.begin(what, address)
    except RateLimited as refused:
        return float(refused.data["retry_after"])
    return 0.0


def test_five_are_free_then_the_delay_doubles_up_to_a_quarter_of_an_hour() -> None:
    clock = Clock()
    attempts = Attempts(clock=clock)
    assert [delay(attempts) for _ in range(5)] == [0.0] * 5
    waited = []
    for _ in range(13):
        waited.append(delay(attempts))
        clock.now += waited[-1]
        assert delay(attempts) == 0.0
    assert waited == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_a_refused_attempt_does_not_prolong_the_wait() -> None:
    clock = Clock()
    attempts = Attempts(clock=clock)
    for _ in range(5):
        delay(attempts)
    assert {delay(attempts) for _ in range(50)} == {1.0}


def test_the_right_password_begins_anew() -> None:
    attempts = Attempts(clock=Clock())
    for _ in range(30):
        assert delay(attempts) == 0.0
        attempts.forgive("ada", ADDRESS)


def test_accounts_do_not_delay_each_other() -> None:
    attempts = Attempts(clock=Clock())
    for _ in range(6):
        delay(attempts)
    assert delay(attempts, "grace") == 0.0


def test_an_address_has_a_hundred_an_hour_and_right_ones_do_not_count() -> None:
    clock = Clock()
    attempts = Attempts(clock=clock)
    for _ in range(200):
        attempts.begin("owner", ADDRESS)
        attempts.forgive("owner", ADDRESS)
    assert [delay(attempts, number) for number in range(100)] == [0.0] * 100
    assert delay(attempts, "next") == pytest.approx(36)
    assert delay(attempts, "next", "203.0.113.8") == 0.0
    clock.now += 36
    assert delay(attempts, "next") == 0.0


def test_a_stranger_delays_nobody_elsewhere() -> None:
    attempts = Attempts(clock=Clock())
    for _ in range(50):
        delay(attempts)
    assert delay(attempts) > 0
    assert delay(attempts, "ada", "198.51.100.1") == 0.0


def test_one_thing_has_a_hundred_guesses_an_hour_from_everywhere() -> None:
    clock = Clock()
    attempts = Attempts(clock=clock)
    attempts.begin("ada", "198.51.100.1")
    attempts.forgive("ada", "198.51.100.1")
    guesses = [delay(attempts, "ada", f"203.0.113.{number}") for number in range(120)]
    assert [bool(wait) for wait in guesses] == [False] * 100 + [True] * 20
    # Where it was guessed right before it can be guessed again.
    assert delay(attempts, "ada", "198.51.100.1") == 0.0
    clock.now += 36
    assert delay(attempts, "ada", "192.0.2.1") == 0.0


def test_few_guesses_are_counted_wherever_they_come_from() -> None:
    attempts = Attempts(clock=Clock())
    for number in range(5):
        attempts.begin("code", f"203.0.113.{number}", anywhere=True)
    with pytest.raises(RateLimited):
        attempts.begin("code", "198.51.100.1", anywhere=True)


def test_what_is_long_ago_is_forgotten() -> None:
    clock = Clock()
    attempts = Attempts(clock=clock)
    for _ in range(6):
        delay(attempts)
    clock.now += 25 * 3600
    assert [delay(attempts) for _ in range(5)] == [0.0] * 5


def test_memory_is_bounded() -> None:
    attempts = Attempts(Rate(10_000, 1, 10_000), Rate(10_000, 1, 10_000), max_kept=10, clock=Clock())
    for number in range(1000):
        attempts.begin(number, ADDRESS)
    assert len(attempts._guesses) == 10


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::"),
        ("local", "local"),
    ],
)
def test_an_ipv6_subscriber_counts_once(address: str, network: str) -> None:
    assert network_of(address) == network
