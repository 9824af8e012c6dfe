# Everything runs from this folder with nothing installed but Python 3.11 or newer: `make run`, `make test`.

PYTHON ?= python3
PORT ?= 8000

VENV := .venv
PY := $(VENV)/bin/python
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps
# One stamp per lock file: an installation that is up to date costs nothing.
RUN := $(VENV)/.installed-run
DEV := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.PHONY: help run test test-all test-slow faults lint format bench seeds lock

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run: $(RUN)  ## start the server with its database and demo data (PORT=8000)
	@$(PY) -m server run --with-worker --port $(PORT)

test: lint  ## lint, then every test that is not slow
	@$(PY) -m pytest -n 3 -m "not slow"

test-all: test  ## every test
	@$(MAKE) --no-print-directory test-slow

# pytest calls it an error (5) when there is nothing to run. One at a time, because these measure and kill.
test-slow: $(DEV)  ## the slow tests alone
	@$(PY) -m pytest -m slow --collect-only >/dev/null 2>&1; test $$? -eq 5 || $(PY) -m pytest -m slow

faults: $(DEV)  ## send 20,000 messages through every fault and check the history (SEED=, SENDS=, PEOPLE=)
	@$(PY) -m tests.faults $(if $(SEED),--seed $(SEED)) $(if $(SENDS),--sends $(SENDS)) $(if $(PEOPLE),--people $(PEOPLE))

lint: $(DEV)  ## check style, types and who imports whom
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

format: $(DEV)  ## put the code into its format and mend what can be mended
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

bench: $(RUN)  ## measure against the limits and the peers, and print the table (QUICK=1: a short run)
	@$(PY) -m bench $(if $(QUICK),--quick)

seeds: $(PY)  ## show which statements of docs/seeds.md the tests show
	@$(PY) scripts/seeds.py

COMPILE = $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url $(if $(UPGRADE),--upgrade) pyproject.toml

lock: $(PY)  ## write both lock files anew from pyproject.toml (UPGRADE=1 for the newest versions)
	@$(PY) -m uv --version >/dev/null 2>&1 || $(PY) -m pip install --quiet --disable-pip-version-check uv
	@$(COMPILE) -o requirements.lock
	@$(COMPILE) --extra dev -c requirements.lock -o requirements-dev.lock

$(PY):
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make PYTHON=...")'
	@$(PYTHON) -m venv $(VENV)

$(RUN): requirements.lock | $(PY)
	@$(INSTALL) -r requirements.lock
	@touch $@

# It holds all of requirements.lock, in the same versions.
$(DEV): requirements-dev.lock | $(PY)
	@$(INSTALL) -r requirements-dev.lock
	@touch $@ $(RUN)
