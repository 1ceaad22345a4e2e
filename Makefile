# mailstack: `make up` deploys the dev stack to the lab; `make test` runs every test.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
STACK ?= dev

.DEFAULT_GOAL := help
.PHONY: help up down policy test lint types docs bench e2e cli lock clean

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-6s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: .venv/ready ## Deploy the dev stack to the lab, check it, and print what was built
	@$(BIN)/python -m lab up --stack $(STACK)
	@$(BIN)/python -m doctor --stack $(STACK)

down: .venv/ready ## Destroy the dev stack and its lab
	@$(BIN)/python -m lab destroy --unprotect --stack $(STACK)

policy: policy/.venv/ready ## Set up the policy pack's own environment

test: .venv/ready policy/.venv/ready lint types ## Run the linters, the type checker and every test
	@$(BIN)/python -m pytest -n auto --dist loadgroup

lint: .venv/ready
	@echo "Linting (ruff)"
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .

types: .venv/ready
	@echo "Checking types (mypy; a minute the first time)"
	@$(BIN)/mypy

docs: .venv/ready ## Write docs/configuration.md and the JSON schema anew
	@$(BIN)/python -m settings

bench: .venv/ready ## Measure our own share of time and memory, as ratios within one run
	@$(BIN)/python -m tests.bench

e2e: .venv/ready ## Send and read mail through docker-mailserver's own image
	@$(BIN)/python -m pytest -m e2e tests/e2e -rs

cli: .venv/ready ## Fetch the Pulumi CLI into .venv (needs the vendor's site)
	@$(BIN)/python -m lab fetch-cli

lock: .venv/ready ## Resolve the dependencies anew into requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --group dev pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url policy/requirements.in -o policy/requirements.txt

clean: ## Remove the virtual environments and caches (not the lab)
	@rm -rf .venv policy/.venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

# uv installs in seconds what takes pip a minute; pip brings uv itself, pinned by its hashes.
.venv/ready: requirements.txt requirements-uv.txt
	@echo "Setting up .venv (Python packages only; nothing outside this folder)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mailstack needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 up")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt
	@touch $@

# pulumi-policy and pulumi want different releases of protobuf: they never share an environment.
policy/.venv/ready: policy/requirements.txt .venv/ready
	@echo "Setting up policy/.venv (the policy pack's own packages)"
	@test -x policy/$(BIN)/python || $(BIN)/python -m venv policy/.venv
	@$(BIN)/uv pip install --quiet --python policy/$(BIN)/python --require-hashes -r policy/requirements.txt
	@touch $@
