# `make up` runs everything, `make test` proves it; both install what they need into .venv first.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The newest of the Pythons that are meant to work; `make PYTHON=/path/to/python` chooses another.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
  if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
WORKERS ?= 2
# In the order of tests/conftest.py, the long files first; and a word on what took longest.
BY_FILE := --dist loadfile --no-loadscope-reorder --durations=15 --durations-min=10

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
INSTALL := $(PIP) install -qq --no-deps --require-hashes
VENDOR := gateway/web/static/vendor
CATALOGUES := $(patsubst %.po,%.mo,$(shell find contracts services gateway -name '*.po' 2>/dev/null))
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: help
help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 16

# ── install ──────────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: setup
setup: $(BIN)/caraka $(VENDOR)/.made $(CATALOGUES) ## install into .venv, fetch the browser code, compile the catalogues

.venv/.made:
	@if [ -z "$(PYTHON)" ]; then echo "Caraka needs Python 3.11 or newer, and none was found." >&2; exit 1; fi
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null; \
	  else echo "$(PYTHON) has no venv module; on Debian: apt-get install python3-venv" >&2; exit 1; fi; fi
	@[ -x $(BIN)/python ] || { echo "making .venv with $$($(PYTHON) --version)"; $(PYTHON) -m venv .venv; }
	@touch $@

.venv/.runtime: requirements.lock | .venv/.made
	@echo "installing requirements.lock"
	@$(INSTALL) -r requirements.lock
	@touch $@

.venv/.dev: requirements-dev.lock | .venv/.made
	@echo "installing requirements-dev.lock"
	@$(INSTALL) -r requirements-dev.lock
	@touch $@ .venv/.runtime

# A path file, so that a package added later is seen without installing again.
$(BIN)/caraka: pyproject.toml .venv/.runtime
	@$(PIP) install -qq --no-deps --no-build-isolation --config-settings editable_mode=compat -e .
	@touch $@

$(VENDOR)/.made: package-lock.json | .venv/.made
	@npm=$$(command -v npm || true); \
	if [ -z "$$npm" ] && [ ! -x $(BIN)/npm ]; then \
	  echo "no npm here: installing requirements-node.lock"; $(INSTALL) -r requirements-node.lock; fi; \
	echo "fetching the browser code of package-lock.json"; \
	PATH="$$PWD/$(BIN):$$PATH" "$${npm:-$(BIN)/npm}" ci --ignore-scripts --no-fund --no-audit --loglevel=error >/dev/null
	@mkdir -p $(VENDOR)
	@cp node_modules/htmx.org/dist/htmx.min.js node_modules/htmx.org/dist/ext/hx-sse.min.js $(VENDOR)/
	@cp node_modules/altcha/dist/external/altcha.min.js $(VENDOR)/altcha.min.js
	@cp node_modules/altcha/dist/workers/pbkdf2.js $(VENDOR)/altcha-pbkdf2.js
	@[ ! -e node_modules/axe-core ] || cp node_modules/axe-core/axe.min.js $(VENDOR)/
	@touch $@

%.mo: %.po | .venv/.runtime
	@$(BIN)/pybabel --quiet compile --input-file=$< --output-file=$@
	@[ -e $@ ] || { echo "$< gives no catalogue: its header is marked fuzzy" >&2; exit 1; }

# ── run ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: up demo verify bench
up: setup ## install and run everything in the foreground; Ctrl-C stops it
	@exec $(BIN)/caraka up

demo: setup ## carry one sample letter along the road of the running product
	@$(BIN)/caraka demo

verify: setup ## check all invariants of the data in ./var
	@$(BIN)/caraka verify

bench: setup .venv/.dev ## measure, with peers in the same run
	@$(BIN)/caraka bench

# ── prove ────────────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: check test test-real test-whole test-browser test-faults faults attacks mutants parts
check: setup .venv/.dev ## style, types, import rules, fast tests
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q -n $(WORKERS) -m "not real and not browser and not faults"

test: check parts test-real test-whole ## everything; installs Debian's Dovecot, Chromium, poppler where they are missing

test-real: setup .venv/.dev parts ## against real PostgreSQL, NATS, Dovecot
	@$(BIN)/python -m pytest -q -n $(WORKERS) $(BY_FILE) -m "real and not browser and not faults"

test-whole: setup .venv/.dev parts ## browser journeys and faults, side by side
	@$(MAKE) --no-print-directory -j2 --output-sync=target test-browser test-faults

test-browser: setup .venv/.dev parts ## apart from the others: the browser's driver keeps a loop of its own running
	@$(BIN)/python -m pytest -q --durations=15 --durations-min=10 -m "browser and not faults"

test-faults: setup .venv/.dev parts
	@$(BIN)/python -m pytest -q -n $(WORKERS) $(BY_FILE) -m "faults and not long"

faults: setup .venv/.dev parts ## every fault, the long ones too
	@FAULTS=whole $(BIN)/python -m pytest -q -m faults

attacks: setup .venv/.dev parts ## the attacks of `make test` in full (10,000 made-up requests, 1,000 half-sent ones), with figures
	@ATTACKS=whole $(BIN)/python -m pytest -q -s tests/attacks

mutants: setup .venv/.dev parts ## put faults into a copy, one at a time: the tests must notice each
	@$(BIN)/python -m tests.mutants

parts: .venv/.dev
	@$(BIN)/python tests/parts/ensure.py

# ── keep ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: lock clean
lock: .venv/.dev ## choose versions again (UPGRADE=--upgrade for the newest)
	@$(LOCK) $(UPGRADE) requirements.in -o requirements.lock
	@$(LOCK) $(UPGRADE) requirements-dev.in -o requirements-dev.lock
	@$(LOCK) $(UPGRADE) requirements-node.in -o requirements-node.lock
	@PATH="$$PWD/$(BIN):$$PATH" npm install --package-lock-only --omit-lockfile-registry-resolved --no-fund --no-audit --loglevel=error

clean: ## remove what was built and installed; ./var with the data stays
	@rm -rf .venv build dist ./*.egg-info node_modules $(VENDOR) \
	  .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find contracts services gateway tests benchmarks \( -name __pycache__ -o -name '*.mo' \) -prune -exec rm -rf {} + 2>/dev/null || true
