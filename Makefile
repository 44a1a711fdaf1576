# The two commands of the README, and what they are made of. Needs Python 3.11 or newer, make and apt.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2

.PHONY: demo test setup lint types layers tests bench docs lock clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.installed  ## the main job on the bundled synthetic store
	@$(BIN)/coterie demo --no-open

test: $(VENV)/.installed-for-tests  ## lint, types, layers and all the tests
	@sh scripts/test-setup.sh
	@$(MAKE) --no-print-directory lint types layers tests

setup: $(VENV)/.installed-for-tests

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

layers:
	$(BIN)/lint-imports --no-cache

tests:
	OMP_NUM_THREADS=1 $(BIN)/pytest -n $(WORKERS) --dist loadgroup -q

bench: $(VENV)/.installed-for-tests  ## Coterie and its peers on 10^5 to 10^8 order lines; BENCH=--quick for a small run
	$(BIN)/python benchmarks/bench.py $(BENCH)

docs: $(VENV)/.installed-for-tests  ## the pages that are generated from the code
	$(BIN)/python scripts/generate_docs.py

lock:  ## pin the newest versions allowed by pyproject.toml, with hashes and without any index address
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --upgrade --quiet -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group build --group dev --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --upgrade --quiet -c requirements.lock -o requirements-dev.lock

$(VENV)/.made: scripts/make-venv.sh
	@sh scripts/make-venv.sh $(PYTHON) $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.made requirements.lock pyproject.toml
	@echo "Installing Coterie into $(VENV) (about a minute the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-for-tests: $(VENV)/.installed requirements-dev.lock
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
