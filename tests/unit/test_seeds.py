from pathlib import Path

import pytest

from scripts import seeds

TABLE = seeds.PROJECT / "docs" / "seeds.md"

MARKED = """
pytestmark = [pytest.mark.seed("S0-01")]

@pytest.mark.seed("S0-02", "S2-37")
@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.seed("S9-99"))])
def test_something(x): ...
"""


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_marked.py").write_text(MARKED)
    return folder


def test_the_table_has_every_row_once() -> None:
    ids = [row.id for row in seeds.rows(TABLE)]
    assert len(ids) == len(set(ids)) == 238


def test_no_test_names_an_unknown_row() -> None:
    assert seeds.unknown(TABLE, seeds.PROJECT / "tests") == []


def test_marks_are_found_wherever_they_stand(marked: Path) -> None:
    assert [mark.id for mark in seeds.marks(marked)] == ["S0-01", "S0-02", "S2-37", "S9-99"]


def test_an_unknown_row_is_named_with_its_place(marked: Path) -> None:
    assert seeds.unknown(TABLE, marked) == [seeds.Mark("S9-99", "tests/test_marked.py:5")]


def test_the_report_counts_and_lists_by_system(marked: Path) -> None:
    report = seeds.report(TABLE, marked)
    assert report.startswith("shown 3 of 238\n")
    assert "S0: Nexa: 53 not shown" in report
    assert "S2-37" not in report
    assert "S2-38" in report
