"""A background loop outlives what its body raises."""

import asyncio

import pytest

from server.loops import FAILURES, Loop


class Away(Exception):
    pass


async def until(condition: object, seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.001)


def failures(name: str) -> float:
    return float(FAILURES.labels(name)._value.get())


@pytest.mark.parametrize("error", [RuntimeError("a bug"), Away()])
async def test_a_failure_is_counted_and_the_loop_goes_on(error: Exception) -> None:
    rounds = 0

    async def body() -> None:
        nonlocal rounds
        rounds += 1
        if rounds in {2, 3}:
            raise error

    loop = Loop(f"test {error!r}", 0.001, body, expected=(Away,))
    loop.start()
    await until(lambda: rounds >= 6)
    await loop.stop()
    assert failures(loop.name) == 2
    assert loop.failures == 0


async def test_there_is_no_rest_while_there_is_more() -> None:
    left = 50

    async def body() -> bool:
        nonlocal left
        left -= 1
        return left > 0

    loop = Loop("test more", 3600, body)
    loop.start()
    await until(lambda: left == 0)
    await loop.stop()


async def test_waking_begins_a_round_at_once() -> None:
    rounds = 0

    async def body() -> None:
        nonlocal rounds
        rounds += 1

    loop = Loop("test wake", 3600, body)
    loop.start()
    await until(lambda: rounds == 1)
    loop.wake()
    await until(lambda: rounds == 2)
    await loop.stop()


async def test_a_vital_loop_that_keeps_failing_is_not_ready_until_it_works_again() -> None:
    broken = True

    async def body() -> None:
        if broken:
            raise Away

    loop = Loop("test vital", 0.001, body, expected=(Away,), vital=True)
    assert loop.ready
    loop.start()
    await until(lambda: not loop.ready)
    broken = False
    await until(lambda: loop.ready)
    await loop.stop()
    assert loop.ready


async def test_finishing_completes_the_round_and_stopping_cancels_it() -> None:
    gate, ended = asyncio.Event(), []

    async def body() -> None:
        try:
            await gate.wait()
        finally:
            ended.append(gate.is_set())

    finishing, stopped = Loop("test finish", 1, body), Loop("test stop", 1, body)
    for loop in (finishing, stopped):
        loop.start()
    await asyncio.sleep(0)
    await stopped.stop()
    finishing.finish()
    gate.set()
    await finishing.finished()
    assert ended == [False, True]


async def test_a_body_that_takes_a_cancellation_for_something_else_is_stopped_all_the_same() -> None:
    swallowed = 0

    async def body() -> None:
        nonlocal swallowed
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            swallowed += 1
            if swallowed < 3:
                raise TimeoutError from None
            raise

    loop = Loop("test stubborn", 0, body)
    loop.start()
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await loop.stop()
