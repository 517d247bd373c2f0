# The house's commands.  `make` alone lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help

BEAMLINE ?= BL13U
DIR ?=
ROUNDS ?= 1000
export SEED
PYTHON ?= $(shell for python in python3.11 python3.12 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
# Two workers, each with a twin and servers of its own.  tests/conftest.py says what stays together; in
# the order of the folders the long parts come first, so that no worker ends alone with one of them.
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# IPython would mix the packages of another environment that is active with those of this one.
unexport VIRTUAL_ENV
CHECKS := format lint floors types unit system
NOTEBOOKS = $(wildcard docs/tutorials/*.ipynb)

.PHONY: help setup demo test test-unit test-system faults deploy-test lint bench format docs-notebooks clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: .venv/ready  ## create the environment in .venv, or bring it up to date
	@echo "The environment stands in .venv."

demo: .venv/ready  ## measure on the digital twin, start to finish (BEAMLINE=BL13U DIR=folder)
	@$(BIN)/nanoterasu demo --beamline "$(BEAMLINE)" $(if $(DIR),--dir "$(DIR)")

# Every check runs, so that one look shows all that is wrong; any failure fails the target.
test: .venv/ready  ## run every check and test
	@failed=; \
	for check in $(CHECKS); do \
		echo "== $$check"; started=$$SECONDS; \
		if $(MAKE) --no-print-directory check-$$check; then result=passed; else result=FAILED; failed="$$failed $$check"; fi; \
		summary="$$summary$$(printf '  %-8s %s  %4d s' $$check $$result $$((SECONDS - started)))"$$'\n'; \
	done; \
	printf '== summary\n%s' "$$summary"; \
	if [ -n "$$failed" ]; then echo "make test failed at:$$failed"; exit 1; fi

test-unit: .venv/ready check-unit  ## run the tests that take under a second each

test-system: .venv/ready check-system  ## run the tests over the twin and a real Tiled server

faults: .venv/ready  ## kill everything at random instants, in 1,000 rounds (ROUNDS=1000 SEED=number)
	@seed=$${SEED:-$$((RANDOM * 32768 + RANDOM))}; echo "SEED=$$seed"; \
	NANOTERASU_FAULT_SEED=$$seed NANOTERASU_FAULT_ROUNDS=$(ROUNDS) $(PYTEST) tests/system/faults

# Needs nothing but what it starts itself, all of it on loopback and ended by its process id.
deploy-test: .venv/ready  ## try the system as a site runs it: PostgreSQL, two Tiled servers, a proxy
	@command -v haproxy >/dev/null || test -x /usr/sbin/haproxy || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing haproxy with apt-get."; \
			apt-get update -qq && apt-get install -y -qq --no-install-recommends haproxy; \
		else \
			echo "make deploy-test needs haproxy, and cannot install it.  On Debian or Ubuntu: sudo apt-get install haproxy" >&2; exit 1; \
		fi; }
	@$(PYTEST) -m deploy tests/system/deploy

lint: .venv/ready check-format check-lint check-floors check-types  ## run the checks that read the code only

bench: .venv/ready  ## measure against named peers, 15 min (QUICK=1 to try, WRITE=1 writes the page)
	@$(BIN)/python -m benchmarks $(if $(QUICK),--quick) $(if $(WRITE),--write)

format: .venv/ready  ## rewrite the code in the house's format
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

docs-notebooks: .venv/ready  ## execute the tutorials' notebooks in place, on a catalog that the demo makes
	@set -e; export NANOTERASU_DIR=$$(mktemp -d); server=; \
	trap 'test -z "$$server" || { kill $$server; wait $$server || true; }; rm -rf "$$NANOTERASU_DIR"' EXIT; \
	$(BIN)/nanoterasu demo --dir "$$NANOTERASU_DIR"; \
	rm -f "$$NANOTERASU_DIR/run/tiled.json"; \
	$(BIN)/nanoterasu serve --port 0 --dir "$$NANOTERASU_DIR" & server=$$!; \
	until test -s "$$NANOTERASU_DIR/run/tiled.json"; do kill -0 $$server; sleep 0.2; done; \
	export NANOTERASU_USER=alpha-member; \
	export NANOTERASU_PASSWORD=$$($(BIN)/python -c 'import json, sys; print(json.load(open(sys.argv[1]))["alpha-member"])' \
		"$$NANOTERASU_DIR/keys/example-logins.json"); \
	for notebook in $(NOTEBOOKS); do \
		echo "$$notebook"; \
		$(BIN)/jupyter execute --inplace "$$notebook"; \
	done

clean:  ## remove the environment and whatever was built (never data)
	@rm -rf .venv build dist src/*.egg-info .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: $(addprefix check-,$(CHECKS))
check-format:
	@$(BIN)/ruff format --check .
check-lint:
	@$(BIN)/ruff check .
check-floors:
	@$(BIN)/lint-imports --no-logo
check-types:
	@$(BIN)/pyright
check-unit:
	@$(PYTEST) -m "not system and not deploy"
check-system:
	@$(PYTEST) -m system

# pip reads its own configuration for where packages come from; nothing here names a place.
.venv/ready: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed, and $(or $(PYTHON),nothing on the PATH) does not run as that.  Install one, or name it: make setup PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		package=$$($(PYTHON) -c 'import sys; print("python3.%d-venv" % sys.version_info[1])'); \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && apt-get install -y -qq $$package; \
		else \
			echo "$(PYTHON) cannot make environments.  On Debian or Ubuntu: sudo apt-get install $$package" >&2; exit 1; \
		fi; }
	@echo "Creating the environment in .venv (1.9 GB, one or two minutes)."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[databroker,notebook,test]'
	@touch $@
