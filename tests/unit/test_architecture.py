"""The rules of the house that no other tool checks, and that the documentation leads somewhere."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from server.compose.domains import MODELS, MODULES
from server.compose.settings import VERSION

ROOT = Path(__file__).parents[2]
FOLDERS = ("server", "handlers", "models", "workers", "clients")
LONGEST_FILE = 400
KERNEL_MAY = {"models.errors", "models.work", "models.system", "models.kit"}
EDGE_MAY = {"models.errors", "models.kit"}

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def sources(*folders: str) -> list[Path]:
    """The Python files of ours, without the generated migrations."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.relative_to(ROOT).parts]


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it; of `from a import b` both `a` and `a.b`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_who_imports_whom() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_file_is_too_long() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in sources(*FOLDERS)}
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > LONGEST_FILE} == {}


@pytest.mark.parametrize("folder", ["handlers", "workers"])
def test_domains_do_not_import_each_other(folder: str) -> None:
    wrong = [
        f"{module_of(path)} imports {name}"
        for path in sources(folder)
        for name in imports(path)
        if name.startswith(f"{folder}.") and name.split(".")[1] != module_of(path).split(".")[1]
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("folder", "may"), [("server/kernel", KERNEL_MAY), ("server/socket", EDGE_MAY), ("server/web", EDGE_MAY)]
)
def test_the_framework_knows_no_domain(folder: str, may: set[str]) -> None:
    """The contracts of import-linter name the domains one by one; this one holds for those that are yet to come."""
    wrong = [
        f"{module_of(path)} imports {name}"
        for path in sources(folder)
        for name in imports(path)
        if name.startswith("models.") and ".".join(name.split(".")[:2]) not in may
    ]
    assert wrong == []


def test_every_module_with_declarations_is_listed() -> None:
    """Nothing is scanned, so a module that is forgotten in `MODULES` would simply not be there."""
    listed = {module.__name__ for module in MODULES}
    declaring = {module_of(path) for path in sources("handlers", "workers") if _declares(path)}
    assert declaring - listed == set()
    packages = {module_of(path) for path in sources("models") if path.name == "__init__.py"} - {"models", "models.kit"}
    assert packages <= set(MODELS)


def _declares(path: Path) -> bool:
    decorators = {"query", "command", "signal", "topic", "task"}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            called = [one.func for one in node.decorator_list if isinstance(one, ast.Call)]
            if any(isinstance(one, ast.Name) and one.id in decorators for one in called):
                return True
    return False


# The documentation


@pytest.mark.parametrize("script", ["scripts/settings_doc.py", "scripts/er_doc.py"])
def test_generated_pages_are_up_to_date(script: str) -> None:
    done = subprocess.run([sys.executable, script, "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def pages() -> list[Path]:
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("docker/*.md"), ROOT / "bench" / "README.md"]
    return sorted(found)


@cache
def anchors(page: Path) -> frozenset[str]:
    """What a link with `#` can point at: the headings as GitHub names them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text()):
        if re.match(r"\w+:", link):
            continue
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.seed("S4-38", "S1-H36", "S1-H09", "S1-H31", "S4-44", "S3-17")
def test_the_pages_that_people_look_for_are_there() -> None:
    for place in (
        "docs/development/environment_setup.md",
        "docs/development/deployment.md",
        "docs/architecture/decisions/README.md",
        "docs/api/versioning.md",
        "docs/api/style_guide.md",
        "docs/diagrams/er.md",
        "docs/diagrams/system.md",
        "docs/references.md",
        "LICENSE",
        ".github/pull_request_template.md",
        *(f"docs/notes/{name}.md" for name in ("rpc", "graphql", "tasks", "caching", "ci_cd")),
    ):
        assert (ROOT / place).is_file(), place
    assert "emergency-procedures" in anchors(ROOT / "docs" / "troubleshooting.md")
    contributing = (ROOT / "CONTRIBUTING.md").read_text()
    for told in ("Fork", "feature/", "environment_setup.md", "test first", "make test", "pull request", "Atomic"):
        assert told in contributing


def test_decisions_are_numbered_listed_and_whole() -> None:
    folder = ROOT / "docs" / "architecture" / "decisions"
    decisions = sorted(folder.glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    index = (folder / "README.md").read_text()
    for path in decisions:
        text = path.read_text()
        assert text.startswith(f"# {path.name[:4]} ")
        assert f"({path.name})" in index
        for part in ("Context", "Decision", "Consequences", "Rejected"):
            assert f"**{part}.**" in text, (path.name, part)


def test_the_version_is_the_same_everywhere() -> None:
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text()
    assert f"## [{VERSION}]" in (ROOT / "CHANGELOG.md").read_text()
    assert f"Version {VERSION}" in (ROOT / "README.md").read_text()
