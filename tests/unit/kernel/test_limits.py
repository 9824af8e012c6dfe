"""Token buckets, with a clock that only the tests move."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import RateLimited
from server.kernel.limits import Buckets, Rate


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def buckets(clock: Clock) -> Buckets:
    return Buckets(clock=clock)


def taken(buckets: Buckets, key: object, rate: Rate, tries: int) -> int:
    """How many of so many tries get through."""
    through = 0
    for _ in range(tries):
        try:
            buckets.take(key, rate)
        except RateLimited:
            continue
        through += 1
    return through


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("10/minute", Rate(10, 60, 10)),
        ("1/second", Rate(1, 1, 1)),
        ("20/hour", Rate(20, 3600, 20)),
        ("3/day", Rate(3, 86400, 3)),
        ("100/second burst 200", Rate(100, 1, 200)),
    ],
)
def test_a_rate_is_read(text: str, rate: Rate) -> None:
    assert Rate.parse(text) == rate


@pytest.mark.parametrize(
    "text", ["", "10", "10/week", "ten/minute", "-1/second", "1.5/second", "1/second burst", " 1/day"]
)
def test_what_is_no_rate_is_refused_when_it_is_declared(text: str) -> None:
    with pytest.raises(ValueError, match="not a rate"):
        Rate.parse(text)


@pytest.mark.seed("S1-H05")
def test_the_burst_is_let_through_and_then_no_more(buckets: Buckets) -> None:
    assert taken(buckets, "a", Rate(100, 1, 200), 500) == 200


def test_it_says_how_long_to_wait_and_that_is_exactly_enough(buckets: Buckets, clock: Clock) -> None:
    rate = Rate(10, 60, 10)
    taken(buckets, "a", rate, 10)
    with pytest.raises(RateLimited) as caught:
        buckets.take("a", rate)
    assert caught.value.data == {"retry_after": 6.0}
    clock.seconds += 5.9
    assert taken(buckets, "a", rate, 1) == 0
    clock.seconds += 0.11
    assert taken(buckets, "a", rate, 2) == 1


def test_a_refused_call_costs_nothing(buckets: Buckets, clock: Clock) -> None:
    rate = Rate(1, 1, 1)
    assert taken(buckets, "a", rate, 100) == 1
    clock.seconds += 1
    assert taken(buckets, "a", rate, 1) == 1


def test_a_bucket_fills_no_further_than_its_burst(buckets: Buckets, clock: Clock) -> None:
    taken(buckets, "a", Rate(100, 1, 30), 30)
    clock.seconds += 3600
    assert taken(buckets, "a", Rate(100, 1, 30), 100) == 30


def test_each_key_has_a_bucket_of_its_own(buckets: Buckets) -> None:
    rate = Rate(1, 1, 1)
    assert [taken(buckets, key, rate, 5) for key in ("a", "b", ("a", "b"))] == [1, 1, 1]


def test_the_least_recently_used_is_forgotten_first(clock: Clock) -> None:
    buckets, rate = Buckets(max_keys=2, clock=clock), Rate(1, 3600, 2)
    for key in ("a", "b", "a", "c"):
        buckets.take(key, rate)
    assert taken(buckets, "a", rate, 5) == 0
    assert taken(buckets, "b", rate, 5) == 2


@given(st.lists(st.floats(0, 2), max_size=60))
def test_never_more_than_the_burst_and_what_has_flown_in(pauses: list[float]) -> None:
    clock, rate = Clock(), Rate(5, 1, 10)
    buckets, through = Buckets(clock=clock), 0
    for pause in pauses:
        clock.seconds += pause
        through += taken(buckets, "a", rate, 20)
    assert through <= 10 + 5 * sum(pauses) + 1e-6
