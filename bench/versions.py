"""The versions of everything that takes part."""

import json
import os
import platform
import subprocess
from importlib.metadata import version

from bench import machine
from bench.contender import PEERS_PYTHON, Engines
from bench.engines import query

OURS = (
    "starlette",
    "uvicorn",
    "websockets",
    "uvloop",
    "httptools",
    "tortoise-orm",
    "asyncpg",
    "redis",
    "hiredis",
    "orjson",
)
THEIRS = (
    "django", "channels", "channels-redis", "psycopg", "python-socketio", "python-engineio", "picows",
    "uvicorn", "websockets", "uvloop", "httptools", "redis", "hiredis",
)  # fmt: skip
ASK = (
    "import json, sys; from importlib.metadata import version; print(json.dumps({n: version(n) for n in sys.argv[1:]}))"
)


def named(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())


def of_peers() -> dict[str, str]:
    """Return the versions in the peers' own environment."""
    done = subprocess.run([PEERS_PYTHON, "-c", ASK, *THEIRS], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def redis_version(url: str) -> str:
    """Return what the Redis in use calls itself."""
    import redis  # noqa: PLC0415 the product's, needed nowhere else here

    with redis.Redis.from_url(url) as connection:
        info = connection.info("server")
    name = info.get("server_name", "redis")
    return f"{name} {info.get(f'{name}_version', info['redis_version'])}"


def gathered(engines: Engines) -> list[str]:
    """Return one line for each part."""
    compiler = subprocess.run(["gcc", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    database = query(engines.database_url, "SELECT version()")[0].split(" on ")[0]
    return [
        f"{machine.processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, {compiler}",
        f"Python {platform.python_version()}, {database}, {redis_version(engines.redis_url)}",
        f"Nexa: {named({name: version(name) for name in OURS})}",
        f"peers: {named(of_peers())}",
    ]
