# Stormlamp. `make demo` shows it, `make test` proves it; both install all they need. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# A shell that forbids bytecode makes every start of a node pay for compiling again.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
TESTS ?= tests
ARGS ?=

.PHONY: help setup dev system demo test pytest check fmt journeys golden bench lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

setup: $(VENV)/.installed ## build .venv with .venv/bin/stormlamp

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Stormlamp needs Python 3.11 or newer: apt-get install python3 python3-venv"; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  if [ "$$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null; \
	  else echo "Python's venv module is missing. Install it with: sudo apt-get install python3-venv"; exit 1; fi; }
	@"$(PYTHON)" -m venv $(VENV)
	@touch $@

$(VENV)/.run: requirements/build.txt requirements/run.txt | $(VENV)/.made
	@echo "Installing what Stormlamp runs on ..."
	@$(BIN)/python -m pip install -q --compile --require-hashes -r requirements/build.txt -r requirements/run.txt
	@touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.run
	@$(BIN)/python -m pip install -q --compile --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src
	@touch $@

dev: $(VENV)/.dev ## setup, and the tools that the tests and checks use

$(VENV)/.dev: requirements/dev.txt $(VENV)/.installed
	@echo "Installing what the tests use ..."
	@$(BIN)/python -m pip install -q --compile --require-hashes -r requirements/dev.txt
	@touch $@

system: dev
	@requirements/install-system

demo: setup ## start a demo hospital and run the outage story; ARGS=--story walks it unattended
	@$(BIN)/stormlamp demo $(ARGS)

test: system ## install what the tests need, then run every check and test
	@failed=0; $(MAKE) check || failed=1; $(MAKE) pytest || failed=1; exit $$failed

# The journeys keep one browser and one demonstration open, so they run in a process of their own.
pytest: dev
	@failed=0; \
	$(BIN)/python -m pytest tests/journeys $(ARGS) || failed=1; \
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(TESTS) --ignore tests/journeys $(ARGS) || failed=1; \
	exit $$failed

check: dev ## format, lint, types and the directions of imports
	@failed=0; for tool in "ruff format --check ." "ruff check ." mypy lint-imports; do \
	  echo "== $$tool"; $(BIN)/$$tool || failed=1; done; exit $$failed

fmt: dev ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

journeys: system ## the journeys through a real browser
	@$(BIN)/python -m pytest tests/journeys $(ARGS)

golden: dev ## write the golden files anew; read the difference before you commit it
	@for file in tests/*/*_golden.py; do $(BIN)/python -m "$$(echo "$${file%.py}" | tr / .)"; done
	@STORMLAMP_GOLDEN=write $(BIN)/python -m pytest tests/house/test_routes.py $(ARGS)

bench: dev ## run each claim about speed; each prints a ratio
	@for claim in bench/*.py; do echo "== $$claim"; $(BIN)/python "$$claim"; done

lock: dev ## resolve the pinned requirements anew, with hashes and without any host
	@lock="$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header"; \
	  $$lock requirements/build.in -o requirements/build.txt; \
	  $$lock pyproject.toml -o requirements/run.txt; \
	  $$lock pyproject.toml --extra dev -c requirements/run.txt -o requirements/dev.txt
	@! grep -nE '://' requirements/*.txt || { echo "A requirements file names a host"; exit 1; }

clean: ## remove what the other targets made
	@rm -rf $(VENV) build src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
