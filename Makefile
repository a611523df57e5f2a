# Everything starts here: `make run` on a fresh copy installs what it needs and
# starts the demo. `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL ?= 3
# The lock is complete: whatever Python project is active outside does not count. Without
# compiled libraries every start takes three times as long.
unexport VIRTUAL_ENV PYTHONPATH PYTHONDONTWRITEBYTECODE

VENV  := .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/.hotro-setup
TOOLS := .tools

# uv of the machine when there is one, otherwise a private one in .tools/.
UV ?= $(shell command -v uv 2>/dev/null || echo $(TOOLS)/bin/uv)
GET_UV = $(filter $(TOOLS)/%,$(UV))

# Extra arguments: make test ARGS="-k reminders", make run ARGS="--port 9000"
ARGS ?=

.PHONY: help setup run test lint format lock clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: $(STAMP) ## Install everything into .venv (instant when nothing changed)
	@:

run: setup ## Start the demo: a demo commune, simulated Zalo and a basic phone
	@$(BIN)/hotro demo $(ARGS)

# The files of tests are shared out; the long ones (tests/acceptance) come first.
WORKERS ?= 2

test: setup ## Run the tests
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: setup ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup ## Rewrite the code in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: | $(GET_UV) ## Choose versions again: writes requirements.lock from pyproject.toml
	$(UV) pip compile --quiet --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
		--extra dev --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		$(ARGS) --output-file requirements.lock pyproject.toml

clean: ## Remove .venv, .tools and caches (data in var/ stays)
	rm -rf $(VENV) $(TOOLS) .pytest_cache .ruff_cache .mypy_cache .hypothesis build dist
	find . -name __pycache__ -not -path './var/*' -prune -exec rm -rf {} +

$(STAMP): pyproject.toml requirements.lock | $(GET_UV)
	@[ -x $(BIN)/python ] || $(UV) venv --quiet --python 3.11 $(VENV)
	@echo "Installing the libraries in $(VENV) (2 GB, a few minutes the first time) ..."
	@$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# uv from the package index: in a venv, or beside it where Debian's Python has no
# ensurepip (python3-venv missing) but has pip.
$(TOOLS)/bin/uv:
	@echo "Getting uv into $(TOOLS) ..."; \
	for python in python3.11 python3 python; do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null || continue; \
		rm -rf $(TOOLS); \
		if "$$python" -m venv $(TOOLS)/venv >/dev/null 2>&1 \
			&& $(TOOLS)/venv/bin/python -m pip --disable-pip-version-check install --quiet uv; then \
			mkdir -p $(TOOLS)/bin && ln -sf ../venv/bin/uv $@ && exit 0; \
		fi; \
		rm -rf $(TOOLS); \
		if "$$python" -m pip --version >/dev/null 2>&1 \
			&& "$$python" -m pip --disable-pip-version-check install --quiet --target $(TOOLS) uv; then \
			exit 0; \
		fi; \
	done; \
	rm -rf $(TOOLS); \
	{ echo "Could not get uv: this needs Python 3.8 or newer with venv or pip, and a package index."; \
	  echo "On Debian or Ubuntu: apt install python3-venv   then call make again."; \
	  echo "Or install uv in another way and put it on the PATH, or say where it is: make UV=/path/to/uv setup"; } >&2; \
	exit 1
