"""The image, the compose file, the templates of the environment and the workflows, as far as that shows without Docker.

CI builds the image for real (.github/workflows/ci.yml).
"""

import fnmatch
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from server.compose.settings import DEVELOPMENT_SECRET, Settings
from server.socket.drain import Drain

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "service-backend", "service-backend-2", "worker")
UVICORN_SECONDS = 10
COMPOSE_ONLY = {"POSTGRES_PASSWORD"}
ASSIGNMENT = re.compile(r"^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions with their arguments, continued lines joined."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines]


def stages() -> dict[str, list[tuple[str, str]]]:
    """The instructions of each stage, those of the stage that it comes from before its own."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, arguments in instructions():
        if name == "FROM":
            parent, _, stage = arguments.partition(" AS ")
            found[stage] = list(found.get(parent, []))
        found[stage].append((name, arguments))
    return found


def values(stage: str, instruction: str) -> list[str]:
    return [arguments for name, arguments in stages()[stage] if name == instruction]


# The image


@pytest.mark.seed("S0-02")
def test_the_image_comes_from_one_pinned_python_and_ends_as_production() -> None:
    parents = [arguments.partition(" AS ")[0] for name, arguments in instructions() if name == "FROM"]
    assert {parent for parent in parents if parent not in stages()} == {"python:3.11-slim"}
    assert list(stages())[-1] == "production"


@pytest.mark.parametrize("stage", ["production", "development"])
def test_what_runs_is_not_root_and_stops_by_sigterm(stage: str) -> None:
    last = stages()[stage][-1]
    assert last[0] == "USER", "nothing comes after it, so that everything before belongs to root"
    assert int(last[1].split(":")[0]) >= 10_000
    assert values(stage, "STOPSIGNAL") == ["SIGTERM"]
    assert json.loads(values(stage, "CMD")[-1])[:3] == ["python", "-m", "server"]


def test_every_installation_is_locked_and_hashed() -> None:
    installations = [arguments for name, arguments in instructions() if name == "RUN" and "pip install" in arguments]
    assert len(installations) == 2
    for installation in installations:
        assert {"--require-hashes", "--no-deps", "-r"} <= set(installation.split())


def test_production_holds_the_code_and_no_tests() -> None:
    copied = [arguments.split()[0] for arguments in values("production", "COPY") if not arguments.startswith("--from")]
    assert sorted(copied) == ["clients", "handlers", "models", "server", "workers"]
    assert values("production", "COPY")[-6] == "--from=dependencies /opt/venv /opt/venv"


def test_no_secret_is_in_the_image() -> None:
    assert not [one for one in instructions() if one[0] == "ARG"]
    assert not re.search(r"SECRET|PASSWORD|TOKEN", (ROOT / "Dockerfile").read_text())
    assert not let_in(".env")
    assert not let_in(".git/config")


def let_in(path: str) -> bool:
    """Whether .dockerignore lets a file into the build: the last pattern that fits it decides."""
    inside = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!")
        parts = path.split("/")
        heads = ["/".join(parts[: length + 1]) for length in range(len(parts))]
        anywhere = pattern.removeprefix("**/")
        fits = pattern == "**" or any(fnmatch.fnmatch(head, pattern) for head in heads)
        if pattern != anywhere:
            fits = any(fnmatch.fnmatch(part, anywhere) for part in parts)
        if fits:
            inside = line.startswith("!")
    return inside


def test_everything_that_is_kept_reaches_the_build_and_nothing_else() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("not a checkout")
    outside = {path for path in tracked.stdout.splitlines() if not let_in(path)}
    assert outside <= {".gitignore", ".ci/run"}
    for path in (
        ".venv/bin/python",
        ".nexa/log/x",
        "server/__pycache__/app.cpython-311.pyc",
        "bench/build/results.json",
    ):
        assert not let_in(path)


@pytest.fixture
def stub() -> Iterator[dict[str, int]]:
    """Something that answers on `/health/live` with a status that the test chooses."""
    answer = {"status": 200, "port": 0}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answer["status"] if self.path == "/health/live" else 404)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    answer["port"] = server.server_port
    yield answer
    server.shutdown()
    server.server_close()


def test_the_images_health_check_tells_life_from_death(stub: dict[str, int]) -> None:
    (check,) = values("production", "HEALTHCHECK")
    command = json.loads(check[check.index("CMD ") + 4 :])
    environment = {**os.environ, "PORT": str(stub["port"])}

    def status() -> int:
        return subprocess.run(
            [sys.executable, *command[1:]], env=environment, capture_output=True, check=False
        ).returncode

    assert (command[0], status()) == ("python", 0)
    stub["status"] = 503
    assert status() != 0


# The compose file


def test_the_compose_file_keeps_its_schema() -> None:
    schema = json.loads((ROOT / "docker" / "compose-spec.json").read_text())
    validator = jsonschema.Draft7Validator(schema)
    assert [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(COMPOSE)] == []


@pytest.mark.seed("S0-11")
def test_the_services_are_there_under_the_names_that_people_know() -> None:
    assert set(SERVICES) == {"postgres", "valkey", *OURS}
    for name in ("service-backend", "service-backend-2"):
        assert "web" in SERVICES[name]["networks"]["default"]["aliases"]
    assert SERVICES["service-backend"]["ports"] == ["8000:8000"]
    # `docker compose run --rm service-backend sh -c "./scripts/run-tests.sh"`
    assert SERVICES["service-backend"]["build"]["target"] == "development"
    assert os.access(ROOT / "scripts" / "run-tests.sh", os.X_OK)
    for needed in ("scripts/run-tests.sh", ".env.test", "tests/conftest.py", "pyproject.toml"):
        assert let_in(needed)


def test_images_are_pinned_and_stages_exist() -> None:
    for service in SERVICES.values():
        assert re.fullmatch(r"[\w/.-]+:[\w.-]+", service["image"])
        assert not service["image"].endswith(":latest")
    for name in OURS:
        assert SERVICES[name]["build"]["target"] in stages()


@pytest.mark.seed("S1-H25")
def test_everybody_waits_for_what_they_need() -> None:
    for name, service in SERVICES.items():
        watched = "test" in service.get("healthcheck", {})
        assert watched or service["depends_on"], name
        for needed, how in service.get("depends_on", {}).items():
            expected = "service_completed_successfully" if needed == "migrate" else "service_healthy"
            assert how == {"condition": expected}
            assert needed == "migrate" or "test" in SERVICES[needed]["healthcheck"]
    for name in ("service-backend", "service-backend-2", "worker"):
        assert set(SERVICES[name]["depends_on"]) == {"postgres", "valkey", "migrate"}


def test_nobody_is_cut_off_while_draining() -> None:
    settings = Settings(_env_file=None)
    longest = settings.drain_spread_seconds + settings.drain_hold_seconds + Drain().commands_seconds + UVICORN_SECONDS
    for name in OURS:
        assert float(SERVICES[name]["stop_grace_period"].removesuffix("s")) > longest
        assert SERVICES[name]["restart"] in {"unless-stopped", "on-failure:3"}


def test_every_variable_means_something() -> None:
    known = {name.upper() for name in Settings.model_fields}
    for name in OURS:
        assert set(SERVICES[name]["environment"]) <= known
    text = (ROOT / "docker-compose.yml").read_text()
    read = set(re.findall(r"\$\{([A-Z_]+)", text))
    assert read == {"ENVIRONMENT", "SECRET_KEY", "POSTGRES_PASSWORD"}
    assert read <= {name for name, _ in template(".env.template")}
    assert "${SECRET_KEY:?" in text, "without a key nothing starts"


FILES = "files:/var/lib/nexa/files"


def test_data_outlives_the_containers() -> None:
    mounted = [volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])]
    assert set(mounted) == set(COMPOSE["volumes"])
    # Every process of ours has the same files.
    assert {name for name, service in SERVICES.items() if FILES in service.get("volumes", [])} == {*OURS}
    assert f"STORAGE_URL=file://{FILES.partition(':')[2]}" in (ROOT / "Dockerfile").read_text()
    # Where the image of PostgreSQL 18 keeps its data; a volume on `…/data` would stay empty.
    assert SERVICES["postgres"]["volumes"] == ["postgres-data:/var/lib/postgresql"]


def test_only_servers_are_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == [
        "service-backend",
        "service-backend-2",
    ]


# The templates of the environment


def template(name: str) -> list[tuple[str, str]]:
    """The assignments of a file, with those that are commented out."""
    return ASSIGNMENT.findall((ROOT / name).read_text())


@pytest.mark.seed("S0-03", "S0-04")
def test_the_template_works_as_it_is_and_only_in_development(tmp_path: Path) -> None:
    copy = tmp_path / ".env"
    copy.write_text((ROOT / ".env.template").read_text())
    assert Settings(_env_file=copy).model_dump() == Settings(_env_file=None).model_dump()
    copy.write_text(copy.read_text().replace("ENVIRONMENT=development", "ENVIRONMENT=production"))
    assert len(Settings(_env_file=copy).refusals()) == 6


def test_the_template_tells_the_defaults() -> None:
    known = {name.upper() for name in Settings.model_fields}
    assert {name for name, _ in template(".env.template")} <= known | COMPOSE_ONLY
    every = "\n".join(f"{name}={value}" for name, value in template(".env.template") if not name.endswith("_URL"))
    told, default = _read(every), Settings(_env_file=None).model_dump()
    assert told == default


def _read(text: str) -> dict[str, Any]:
    variables = dict(ASSIGNMENT.findall(text))
    given = {name.lower(): value for name, value in variables.items() if name not in COMPOSE_ONLY}
    return Settings(_env_file=None, **given).model_dump()


@pytest.mark.seed("S1-H27")
def test_the_tests_environment_is_kept_and_holds_no_secret() -> None:
    given = dict(template(".env.test"))
    assert given["SECRET_KEY"] == DEVELOPMENT_SECRET, "the one that production refuses"
    assert (given["DATABASE_URL"], given["REDIS_URL"], given["ENVIRONMENT"]) == ("", "", "test")
    assert ".env.test" in (ROOT / ".github" / "workflows" / "ci.yml").read_text()


# The helper, and what runs on every change


@pytest.mark.seed("S0-12")
@pytest.mark.slow
def test_the_helper_lists_what_passed_and_ends_with_ok() -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        environment = {name: value for name, value in environment.items() if not name.startswith("PYTEST")}
        command = [str(ROOT / "scripts" / "run-tests.sh"), "-p", "no:cacheprovider", *arguments]
        return subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, check=False)

    good = run("tests/unit/test_seeds.py")
    assert good.returncode == 0, good.stdout + good.stderr
    assert "PASSED tests/unit/test_seeds.py::" in good.stdout
    assert good.stdout.splitlines()[-1] == "OK"
    bad = run("tests/unit/no_such_test.py")
    assert bad.returncode != 0
    assert "OK" not in bad.stdout.splitlines()


def test_the_workflow_runs_what_exists() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    # YAML 1.1 reads `on` as true.
    assert set(workflow[True]) == {"push", "pull_request"}
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    commands = "\n".join(step.get("run", "") for step in steps)
    called = set(re.findall(r"\bmake ([a-z-]+)", commands))
    assert {"lint", "test", "test-slow"} <= called <= targets
    assert "docker build" in commands
    assert "docker compose config" in commands
    assert workflow["permissions"] == {"contents": "read"}
    for step in steps:
        assert "uses" not in step or re.fullmatch(r"[\w-]+/[\w-]+@v\d+(\.\d+)*", step["uses"])
