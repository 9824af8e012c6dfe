"""The first five minutes of README.md, run as they stand there, against what `make run` starts."""

import asyncio
import json
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT, ServerProcess, free_port

README = ROOT / "README.md"
CHAPTER = "The first five minutes"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "=== the end of block"


@dataclass(frozen=True)
class Step:
    """One block of commands, and what README.md says that it prints."""

    commands: str
    expected: str
    is_json: bool


def blocks() -> list[tuple[str, str]]:
    """The language and the text of every fenced block of the chapter."""
    chapter = README.read_text().split(f"\n## {CHAPTER}\n", 1)[1].split("\n## ", 1)[0]
    return [(match[1], match[2]) for match in FENCE.finditer(chapter)]


def steps() -> list[Step]:
    """The commands in their order, each with the output that stands below it."""
    found = [block for block in blocks() if block[0] != "python"]
    assert [kind == "sh" for kind, _ in found] == [True, False] * (len(found) // 2), "commands and outputs take turns"
    pairs = zip(found[::2], found[1::2], strict=True)
    return [Step(commands, expected, kind == "json") for (_, commands), (kind, expected) in pairs]


def differences(expected: Any, found: Any, path: str = "$") -> list[str]:
    """Where an output is not what was shown. Members that are not shown may be there; `…` stands for any text."""
    match expected:
        case dict():
            if not isinstance(found, dict):
                return [f"{path}: {found!r}"]
            return [one for name in expected for one in differences(expected[name], found.get(name), f"{path}.{name}")]
        case str() if "…" in expected:
            pattern = ".+".join(map(re.escape, expected.split("…")))
            return [] if isinstance(found, str) and re.fullmatch(pattern, found) else [f"{path}: {found!r}"]
        case _:
            return [] if expected == found else [f"{path}: {found!r}, not {expected!r}"]


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What a reader's shell does with it."""
    command = ["bash", "-euo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    """What `make run` starts, on a port of its own and with nothing in its folder."""
    environment = {
        "DATA_DIR": str(tmp_path / "data"),
        "ENVIRONMENT": "development",
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "LOG_LEVEL": "WARNING",
    }
    server = await ServerProcess.start(environment, free_port(), "--with-worker")
    yield server
    await server.end(signal.SIGINT)


@pytest.mark.seed("S0-13", "S1-J23")
async def test_the_first_five_minutes_are_as_readme_shows_them(fresh: ServerProcess, tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (story,) = [text for kind, text in blocks() if kind == "python"]
    (tmp_path / "story.py").write_text(story)
    wanted = steps()
    assert "http://localhost:8000" in wanted[0].commands
    script = f"echo; echo '{MARK}'\n".join(step.commands for step in wanted)
    done = await asyncio.to_thread(run, script.replace("http://localhost:8000", fresh.url), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    outputs = done.stdout.split(f"{MARK}\n")
    assert len(outputs) == len(wanted)
    for step, output in zip(wanted, outputs, strict=True):
        if step.is_json:
            assert differences(json.loads(step.expected), json.loads(output)) == [], step.commands
        else:
            assert output.strip() == step.expected.strip(), step.commands


def test_an_output_that_is_not_as_shown_is_noticed() -> None:
    shown = {"token": "…", "user": {"role": "user"}, "at": "2026…Z"}
    assert differences(shown, {"token": "x", "user": {"role": "user", "id": "1"}, "at": "2026-11-21Z"}) == []
    assert differences(shown, {"token": "", "user": {"role": "admin"}}) == [
        "$.token: ''",
        "$.user.role: 'admin', not 'user'",
        "$.at: None",
    ]


@pytest.mark.seed("S4-45", "S4-46", "S1-H01", "S1-H37")
def test_readme_says_what_it_needs_and_where_help_is() -> None:
    text = README.read_text()
    for stated in ("Python 3.11", "Proprietary", "Version ", "last updated", "maintained by", "#emergency-procedures"):
        assert stated in text
    for technology in ("Django", "Graphene", "Celery, RabbitMQ", "SQLite", "Auth0, Supabase", "flake8"):
        assert technology in text
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text()
