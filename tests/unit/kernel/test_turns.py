"""Fair turns."""

import asyncio

from server.kernel.turns import Turns


class Desk:
    """Notes who is served, and serves until it is told to stop."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.served: list[str] = []
        self.open: list[asyncio.Event] = []

    async def visit(self, person: str) -> None:
        async with self.turns.of(person):
            done = asyncio.Event()
            self.served.append(person)
            self.open.append(done)
            await done.wait()

    async def finish(self) -> None:
        """End the visit that began first."""
        self.open.pop(0).set()
        await settle()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_one_person_does_not_take_all_places() -> None:
    desk = Desk(Turns(2, each=1))
    tasks = [asyncio.create_task(desk.visit("greedy")) for _ in range(3)]
    await settle()
    assert desk.served == ["greedy"]
    tasks.append(asyncio.create_task(desk.visit("modest")))
    await settle()
    assert desk.served == ["greedy", "modest"]
    while desk.open:
        await desk.finish()
    await asyncio.gather(*tasks)
    assert desk.served == ["greedy", "modest", "greedy", "greedy"]


async def test_who_waits_has_turns_in_a_circle() -> None:
    desk = Desk(Turns(1, each=1))
    tasks = [asyncio.create_task(desk.visit(person)) for person in "aaabbc"]
    await settle()
    while desk.open:
        await desk.finish()
    await asyncio.gather(*tasks)
    assert "".join(desk.served) == "aabcab"


async def test_who_gives_up_leaves_the_turn_to_the_next() -> None:
    desk = Desk(Turns(1, each=1))
    first, gone, last = [asyncio.create_task(desk.visit(person)) for person in "abc"]
    await settle()
    gone.cancel()
    await desk.finish()
    assert desk.served == ["a", "c"]
    await desk.finish()
    await asyncio.gather(first, last)
    assert gone.cancelled()


async def test_a_turn_given_to_who_gives_up_at_that_moment_is_not_lost() -> None:
    desk = Desk(Turns(1, each=1))
    first, gone, last = [asyncio.create_task(desk.visit(person)) for person in "abc"]
    await settle()
    desk.open.pop(0).set()
    while not first.done():
        await asyncio.sleep(0)
    gone.cancel()
    await settle()
    assert "c" in desk.served
    while desk.open:
        await desk.finish()
    await asyncio.gather(first, gone, last, return_exceptions=True)
