"""Settings come from the environment; what must not run in production does not."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from server.compose.settings import DEVELOPMENT_SECRET, Environment, Settings
from tests.support import ROOT

SOUND: dict[str, Any] = {
    "secret_key": "0123456789abcdef0123456789abcdef",
    "database_url": "postgres://db/nexa",
    "redis_url": "redis://cache",
    "smtp_host": "mail.example.org",
    "frontend_url": "https://app.example.org",
    "gemini_api_key": "a key",
}
SECRETS = {
    "SECRET_KEY": "secret_key",
    "DATABASE_URL": "database_url",
    "REDIS_URL": "redis_url",
    "SMTP_URL": "smtp_url",
    "SMTP_PASSWORD": "smtp_password",
    "GEMINI_API_KEY": "gemini_api_key",
    "AWS_ACCESS_KEY_ID": "aws_access_key_id",
    "AWS_SECRET_ACCESS_KEY": "aws_secret_access_key",
}


@pytest.mark.seed("S2-09")
@pytest.mark.parametrize("variable", SECRETS)
def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "from the environment")
    assert getattr(Settings(_env_file=None), SECRETS[variable]) == "from the environment"


@pytest.mark.seed("S2-09")
def test_none_has_a_default_but_the_one_that_production_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in SECRETS:
        monkeypatch.delenv(variable, raising=False)
    settings = Settings(_env_file=None)
    kept = {name: getattr(settings, name) for name in SECRETS.values()}
    assert kept == {**dict.fromkeys(SECRETS.values(), ""), "secret_key": DEVELOPMENT_SECRET}


@pytest.mark.seed("S2-09")
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="the image has no repository")
def test_what_people_write_them_into_is_ignored_by_git() -> None:
    for path, ignored in ((".env", 0), (".env.staging", 0), (".env.production", 0), (".env.template", 1)):
        asked = subprocess.run(["git", "check-ignore", "--no-index", "-q", path], cwd=ROOT, check=False)
        assert asked.returncode == ignored, path


@pytest.mark.seed("S4-10")
@pytest.mark.parametrize("environment", [Environment.PRODUCTION, Environment.STAGING])
def test_where_real_people_come_every_missing_or_weak_setting_is_named(environment: Environment) -> None:
    assert Settings(_env_file=None, environment=environment, **SOUND).refusals() == []
    for name, weak in {**dict.fromkeys(SOUND, ""), "secret_key": DEVELOPMENT_SECRET}.items():
        refusals = Settings(_env_file=None, environment=environment, **{**SOUND, name: weak}).refusals()
        assert any(name.upper() in reason for reason in refusals), name
    short = Settings(_env_file=None, environment=environment, **{**SOUND, "secret_key": "x" * 31}).refusals()
    assert short == ["SECRET_KEY has fewer than 32 characters"]


@pytest.mark.seed("S4-10")
@pytest.mark.parametrize("environment", [Environment.DEVELOPMENT, Environment.TEST])
def test_elsewhere_nothing_has_to_be_set(environment: Environment) -> None:
    settings = Settings(_env_file=None, environment=environment)
    assert settings.refusals() == []
    assert settings.signups() > Settings(_env_file=None, environment=Environment.PRODUCTION, **SOUND).signups()


FOREIGN = "postgres://nexa:nexa@127.0.0.1:1/production"


@pytest.mark.parametrize("command", ["run", "migrate", "demo", "worker"])
def test_development_leaves_a_foreign_database_alone(command: str, tmp_path: Path) -> None:
    """It would migrate it, and load an admin whose password everybody knows. Nothing is connected to first."""
    environment = {**os.environ, "ENVIRONMENT": "development", "DATABASE_URL": FOREIGN, "DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "server", command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "DEVELOPMENT_DATABASE=true" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_development_may_have_a_database_of_its_own() -> None:
    of = partial(Settings, _env_file=None, environment=Environment.DEVELOPMENT)
    assert of(database_url=FOREIGN, development_database=True).refusals() == []
    assert of().refusals() == []


def test_the_image_that_is_shipped_is_strict() -> None:
    last_stage = (ROOT / "Dockerfile").read_text().rpartition("FROM ")[2]
    assert last_stage.startswith("runtime AS production")
    assert "\nENV ENVIRONMENT=production\n" in last_stage
