# Everything starts here. A fresh machine needs python3 (3.11 or newer), git and make; the rest comes by itself.
SHELL := /bin/bash
.DELETE_ON_ERROR:
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv
PYTHON ?= python3
SERVE  ?= 1
WORKERS ?= 2
# Networks of organisations often look into TLS with an authority of their own, which the machine trusts and tools that carry their own list do not.
export UV_SYSTEM_CERTS := true
export NODE_USE_SYSTEM_CA := 1
# Everything here starts many processes, and each would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE
# What the scripts and styles of the site are made of; installing the package builds them (frontend/hook.py).
FRONT  := $(shell find frontend -type f -not -path '*/node_modules/*' -not -path '*/__pycache__/*')

.PHONY: help demo test test-quick test-long check format docs bench papers lock clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

demo: $(VENV)/.run ## build Voorbeeldstad and serve it on localhost (SERVE=0: build and stop)
	@$(BIN)/zicht demo $(if $(filter 0,$(SERVE)),--no-serve,)

papers: $(VENV)/.run ## make all papers of the demo and hold each against its standard, offline (the demo is built where it is not)
	@test -f voorbeeldstad/.zicht/release || $(BIN)/zicht demo --no-serve
	@$(BIN)/zicht papers --project voorbeeldstad

test: $(VENV)/.dev ## every test, the slow ones and the browser too
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

test-quick: $(VENV)/.dev ## the tests that take seconds
	$(BIN)/python -m pytest -n $(WORKERS) -m 'not slow and not browser'

test-long: $(VENV)/.dev ## 100,000 random tables, protected and attacked, and the dearest optimum (ZICHT_LAWS_FROM: go on at this one)
	ZICHT_LAWS=100000 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal tests/disclosure/test_laws.py tests/disclosure/test_optimal.py -k "drawn_table or larger_tables"

check: $(VENV)/.dev ## formatter, linter, types, floors, licences, scripts, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/reuse lint --quiet || $(BIN)/reuse lint
	$(BIN)/python frontend/build.py --check
	$(MAKE) docs

format: $(VENV)/.dev ## put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.dev ## the documentation site, strictly, in build/docs
	$(BIN)/python docs/generate.py
	$(BIN)/sphinx-build -q -W --keep-going -b html docs build/docs

bench: $(VENV)/.dev ## the benchmarks, each as ratios to a peer and to the physical floor
	$(BIN)/python -m benchmarks

lock: $(UV) ## choose the versions of all dependencies anew
	$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.lock
	$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml \
	  --group test --group check --group docs --group bench -c requirements.lock -o requirements-dev.lock

$(UV):
	$(PYTHON) bootstrap.py $(VENV) 'uv==0.13.9'

# --compile-bytecode, and compileall for what is ours: uv writes no .pyc by itself, and where Python may write none, every start would pay for it.
$(VENV)/.run: requirements.lock pyproject.toml $(FRONT) | $(UV)
	VIRTUAL_ENV=$(VENV) $(UV) pip install -q --compile-bytecode --require-hashes -r requirements.lock
	VIRTUAL_ENV=$(VENV) $(UV) pip install -q --no-deps --editable .
	$(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	VIRTUAL_ENV=$(VENV) $(UV) pip install -q --compile-bytecode --require-hashes -r requirements-dev.lock
	@touch $@

clean: ## remove what was made (not .venv)
	rm -rf build dist .mypy_cache .ruff_cache voorbeeldstad
