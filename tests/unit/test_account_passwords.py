"""Hashes of passwords."""

import asyncio

import argon2
import pytest

from models.account import Passwords

QUICK = Passwords(time_cost=1, memory_kib=64)


@pytest.mark.seed("S2-10")
async def test_a_hash_matches_its_password_only() -> None:
    stored = await QUICK.hash("DemoPass123!")
    assert stored.startswith("$argon2id$")
    assert "DemoPass123!" not in stored
    assert await QUICK.matches(stored, "DemoPass123!")
    assert not await QUICK.matches(stored, "demopass123!")


async def test_two_hashes_of_one_password_differ() -> None:
    assert await QUICK.hash("DemoPass123!") != await QUICK.hash("DemoPass123!")


async def test_keyboards_that_compose_characters_differently_agree() -> None:
    assert await QUICK.matches(await QUICK.hash("Zoe\u0308-12345"), "Zo\u00eb-12345")


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$v=19$m=64,t=1,p=1$AAAA$AAAA"])
async def test_nothing_matches_what_is_no_hash(stored: str | None) -> None:
    assert not await QUICK.matches(stored, "DemoPass123!")


async def test_hashes_with_other_parameters_are_outdated() -> None:
    stored = await QUICK.hash("DemoPass123!")
    assert not QUICK.outdated(stored)
    assert Passwords(time_cost=2, memory_kib=64).outdated(stored)
    assert await Passwords(time_cost=2, memory_kib=64).matches(stored, "DemoPass123!")


async def test_an_unknown_account_costs_the_same_work_as_a_wrong_password() -> None:
    passwords = Passwords()
    work = argon2.extract_parameters(await passwords.hash("DemoPass123!"))
    assert argon2.extract_parameters(passwords._nobodys) == work
    with pytest.raises(argon2.exceptions.VerifyMismatchError):
        passwords._hasher.verify(passwords._nobodys, "another one")


def test_the_work_of_a_hash_is_what_owasp_asks_for_at_least() -> None:
    """The password storage cheat sheet: 46 MiB with one pass, or the like; less memory needs more passes."""
    work = argon2.extract_parameters(Passwords()._nobodys)
    assert (work.type, work.memory_cost >= 47_104, work.time_cost >= 1) == (argon2.Type.ID, True, True)


async def test_the_event_loop_goes_on_while_hashing() -> None:
    passwords = Passwords()
    hashing = asyncio.gather(*(passwords.hash("DemoPass123!") for _ in range(4)))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 20
