# Every target needs Python 3.11 or newer and nothing else; the rest is installed into .venv and .local.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
EMPLOYEES ?= 20000

.DEFAULT_GOAL := help
.PHONY: help run demo test bench bench-quick faults lint format docs lock clean

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.ready: requirements/dev.txt
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

run: $(VENV)/.ready ## Start everything, load a synthetic population, post a score and show what moved; stays up
	@EMPLOYEES=$(EMPLOYEES) exec $(RUN) -m deploy.local run

demo: $(VENV)/.ready ## The same from empty data; verifies the result against a recomputation and ends
	@EMPLOYEES=$(EMPLOYEES) exec $(RUN) -m deploy.local demo

test: lint ## Everything: format, lint, types, architecture, then all tests on real servers
	$(RUN) -m coverage erase
	$(RUN) -m coverage run -m pytest
	$(RUN) -m coverage combine --quiet
	$(RUN) -m coverage report

bench: $(VENV)/.ready ## Measure what Talenta must reach, each figure beside a floor of the same run; fails where a row misses
	@exec $(RUN) -m bench

bench-quick: $(VENV)/.ready ## The same, small and short: about five minutes
	@exec $(RUN) -m bench --quick

faults: $(VENV)/.ready ## Break everything under load, alone and together (SEED, COMBINATIONS); fails where a write is lost or doubled
	@SEED=$(SEED) COMBINATIONS=$(COMBINATIONS) exec $(RUN) -m tests.faults

lint: $(VENV)/.ready ## Format, lint, types and the contracts between the packages
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports --no-cache

format: $(VENV)/.ready ## Format the code
	$(RUN) -m ruff format .
	$(RUN) -m ruff check --fix .

docs: $(VENV)/.ready ## Write again what is made from code: OpenAPI, AsyncAPI, docs/access.md, topics for Kubernetes
	$(RUN) -m docs.generate

lock: $(VENV)/.ready ## Compile the lock files again
	sh requirements/lock.sh

clean: ## Remove the local servers' data and the caches; .venv stays
	rm -rf .local .mypy_cache .ruff_cache .pytest_cache .hypothesis
