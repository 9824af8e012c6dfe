"""The table of guards is up to date: `python -m tests.guards` can break each of them and knows its test."""

import pytest

from tests.guards.guard import Guard
from tests.guards.table import GUARDS
from tests.support import ROOT


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.what)
def test_a_guard_is_where_the_table_says(guard: Guard) -> None:
    assert guard.broken((ROOT / guard.path).read_text())
    assert f"def {guard.name}(" in (ROOT / guard.tests).read_text()
