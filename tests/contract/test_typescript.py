"""The published contract, read by the tools of client authors: the meta-schema accepts it, and TypeScript its types."""

import os
import shutil
import subprocess
from pathlib import Path

import orjson
import pytest

from server.compose.domains import MODULES
from server.compose.settings import VERSION
from server.kernel.discover import openrpc
from server.kernel.registry import Registry

TOOLS = Path(__file__).parent / "typescript"
STRICT = ("--strict", "--noEmit", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler")


def run(*command: str, folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder with the tools installed; on a machine without Node.js, Debian's is installed first."""
    if shutil.which("npm") is None:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (("update", "-q"), ("install", "-q", "-y", "--no-install-recommends", "nodejs", "npm")):
            subprocess.run(["apt-get", *arguments], env=environment, check=True, timeout=250)
    folder = tmp_path / "tools"
    shutil.copytree(TOOLS, folder, ignore=shutil.ignore_patterns("node_modules"))
    run("npm", "ci", "--no-fund", "--no-audit", folder=folder)
    return folder


@pytest.mark.slow
def test_the_meta_schema_and_typescript_accept_the_contract(tools: Path) -> None:
    (tools / "openrpc.json").write_bytes(orjson.dumps(openrpc(Registry.of(MODULES), VERSION)))
    run("node", "check.mjs", "openrpc.json", "contract.ts", folder=tools)
    assert "export interface MessageView " in (tools / "contract.ts").read_text()
    run("npx", "--no-install", "tsc", *STRICT, "contract.ts", folder=tools)
