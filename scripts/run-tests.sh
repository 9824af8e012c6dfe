#!/usr/bin/env sh
# Every test that is not slow, each named as it passes, and OK at the end. Inside the container and on a bare machine.
# Arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."

# The tests start engines of their own, whatever the container is connected to.
set -a
. ./.env.test
set +a
unset HOST PORT

python=python
if ! python -c 'import pytest, tortoise' 2>/dev/null; then
    make --no-print-directory .venv/.installed-dev
    python=.venv/bin/python
fi

"$python" -m pytest -vv -n 2 -m "not slow" "$@"
echo OK
