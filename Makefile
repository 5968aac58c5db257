# One command each: run, test, check, bench. They install what they need into .venv and node_modules.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
export DJANGO_SETTINGS_MODULE := project.settings

RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
PACKAGES := node_modules/.installed
BUILT := build/.static

.PHONY: run test test-js test-python test-postgres test-browser test-chaos test-interop check format bench cluster chaos screenshots icons lock clean

run: $(RUNTIME) $(BUILT)
	@exec $(PY) manage.py serve

test: $(DEV) $(BUILT)
	@$(PY) -m tests.services
	@$(MAKE) --no-print-directory --keep-going check test-js test-python test-postgres test-chaos test-browser test-interop

test-js: $(PACKAGES)
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npm test --silent

test-python: $(DEV) $(BUILT)
	$(PY) -m pytest -q --ignore=tests/browser --ignore=tests/chaos --ignore=tests/interop tests

# The same tests in the scaled shape: PostgreSQL for the rows, Redis for the layer.
test-postgres: $(DEV) $(BUILT)
	$(PY) -m tests.services run -- $(PY) -m pytest -q --ignore=tests/browser --ignore=tests/chaos --ignore=tests/interop --ignore=tests/contract --ignore=tests/providers tests

# A few of the faults of `make chaos`.
test-chaos: $(DEV) $(BUILT)
	$(PY) -m pytest -q tests/chaos

test-browser: $(DEV) $(BUILT)
	$(PY) -m pytest -q tests/browser

# Servers and clients of others, each in an environment of its own under build/interop.
test-interop: $(DEV) $(BUILT)
	@echo "Making environments for the packages of others (once) …"
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(PY) -m tests.interop.environments
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(PY) -m pytest -q tests/interop

check: $(DEV) $(PACKAGES)
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/bandit -c pyproject.toml -q -ll -r manage.py project chat providers 2> >(grep -v 'but no failed test' >&2)
	$(VENV)/bin/mypy project chat providers
	$(PY) -m pytest -q tests/test_architecture.py

format: $(DEV)
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

bench: $(DEV) $(BUILT)
	$(PY) -m bench

# The scaled shape on this machine: nginx, two web processes, two workers, PostgreSQL, Redis, on free ports.
cluster: $(DEV) $(BUILT)
	@$(PY) -m tests.services
	@exec $(PY) -m tests.chaos.cluster

# Faults against that cluster; `make chaos ONLY=redis` plays those whose names hold the word.
chaos: $(DEV) $(BUILT)
	@$(PY) -m tests.chaos $(ONLY)

# Every screen, at both widths, in both colours and languages, into build/screenshots/; `ONLY="phone dark"` picks some.
screenshots: $(DEV) $(BUILT)
	@$(PY) -m tests.browser.screenshots $(ONLY)

# The PNG icons, when an SVG of them was changed.
icons: $(DEV)
	@$(PY) -m tests.browser.icons

lock: $(DEV)
	$(VENV)/bin/uv pip compile --universal --generate-hashes --no-header -q pyproject.toml -o requirements.txt
	$(VENV)/bin/uv pip compile --universal --generate-hashes --no-header -q --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	cd tests/interop/requirements && for name in agno litellm llama; do \
		$(CURDIR)/$(VENV)/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header -q $$name.in -o $$name.txt; \
	done

clean:
	rm -rf $(VENV) node_modules build

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.txt | $(VENV)/bin/python
	@echo "Installing Python packages (about a minute, once) …"
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing Python packages for development (about a minute, once) …"
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(RUNTIME)

# npm comes from the system, or from PyPI where the system has none.
$(PACKAGES): package.json package-lock.json | $(VENV)/bin/python
	@command -v npm > /dev/null || $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/node.txt
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npm ci --silent
	@touch $@

$(BUILT): $(PACKAGES) $(shell find static locale -type f -not -name '*.mo') | $(VENV)/bin/python
	@test -f $(RUNTIME) || $(MAKE) --no-print-directory $(RUNTIME)
	@$(PY) manage.py compiletranslations
	@$(PY) manage.py collectstatic --noinput --ignore languages --verbosity 0
	@touch $@
