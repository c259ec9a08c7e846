# `make demo` and `make test` set up everything they need; `make help` lists the rest.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export PYTHONPATH := $(CURDIR)

.DEFAULT_GOAL := help
.PHONY: help install run demo check test test-slow test-all torture deploy-check two-hosts fuzz corpus bench reference screenshots packages fmt clean audit sbom release

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 18

$(VENV)/.runtime: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Rekindle needs Python 3.11 to 3.14; name one: make PYTHON=python3.12 ...") if not (3, 11) <= sys.version_info[:2] <= (3, 14) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/.runtime ## the virtual environment with everything Rekindle runs on

demo: $(VENV)/.runtime ## the whole line against a local sandbox CRM; nothing to configure
	$(BIN)/rekindle demo

run: $(VENV)/.runtime ## the rekindle command: make run ARGS="doctor"
	$(BIN)/rekindle $(ARGS)

check: $(VENV)/.dev ## format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

packages: ## the CRM-side packages under their vendors' own tools (needs Node 20.12 and npm)
	deploy/check-packages

fmt: $(VENV)/.dev ## put the code in shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Whether a change is good must not depend on the order of the day: it is the same each time. `make torture` shuffles.
# Tests are long and short: a worker that is done takes over what the other has not begun.
STEADY := --dist worksteal --randomly-seed=20261116 --randomly-dont-reorganize

test: $(VENV)/.dev ## the tests, in under three minutes
	$(BIN)/python -m pytest -n 2 $(STEADY) -m "not slow and not benchmark and not corpus"

test-slow: $(VENV)/.dev ## the slower suites alone
	$(BIN)/python -m pytest -n 2 $(STEADY) -m "slow"

test-all: test test-slow ## the tests and the slower suites

torture: $(VENV)/.dev ## twenty seeds, four servers, both databases, and every mistake made on purpose; takes hours; less with TORTURE_SEEDS=3 or 4-6, TORTURE_DATABASES=sqlite
	TORTURE_SEEDS=$${TORTURE_SEEDS:-20} TORTURE_DATABASES=$${TORTURE_DATABASES:-sqlite,postgresql} $(BIN)/python -m pytest -n 2 -m slow tests/torture \
		tests/integration/reminders/test_reminder_states.py tests/integration/mapping_sets/test_sets_agree.py

deploy-check: $(VENV)/.dev ## deploy/ held against the vendors' own tools, and the image's steps run in a bare root
	$(BIN)/python -m tests.deploy

two-hosts: $(VENV)/.dev ## two machines in network namespaces, each cut off for a minute: no task lost, none doubled (Linux, root)
	$(BIN)/python -m tests.e2e.two_namespaces

fuzz: $(VENV)/.dev ## the API asked at random by its own document, as everybody; EXAMPLES=200 a call
	FUZZ_EXAMPLES=$(or $(EXAMPLES),100) $(BIN)/python -m pytest -n 2 tests/integration/api/test_api_fuzz.py

audit: ## known weaknesses of the locked libraries, asked of the package index; says so where it cannot be asked
	deploy/audit

sbom: $(VENV)/.runtime ## the bill of materials, CycloneDX: dist/sbom.cdx.json
	mkdir -p dist
	$(BIN)/python -m tests.security.sbom > dist/sbom.cdx.json

release: $(VENV)/.runtime ## the files of a release in dist/, the wheel built twice and compared
	PYTHON=$(PYTHON) PYTHON_WITH_DEPENDENCIES=$(BIN)/python deploy/build-release

corpus: $(VENV)/.dev ## measure on labelled texts: make corpus DATA=folder
	$(BIN)/python -m tests.corpus $(DATA)

bench: $(VENV)/.dev ## the benchmarks; each prints a ratio
	$(BIN)/python -m tests.benchmarks

reference: $(VENV)/.dev ## write the pages of docs/reference that are made from the code
	$(BIN)/python -m tests.docs

screenshots: $(VENV)/.dev ## pictures of every page: make screenshots FOLDER=folder (needs chromium)
	$(BIN)/python -m tests.screenshots $(or $(FOLDER),$(CURDIR)/../rekindle-screenshots)

clean: ## remove what was built and measured
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
