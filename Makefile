# A fresh machine needs nothing but `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
EXTRAS := .venv-extras/bin

# Compiled files are kept: every process that a test starts would compile the sources again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: venv demo test types tests test-extras bench docs

venv: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

# The optional dependencies need other versions than `constraints.txt` pins, so they have an environment of their own.
.venv-extras/installed: pyproject.toml constraints-extras.txt
	$(PYTHON) -m venv .venv-extras
	$(EXTRAS)/python -m pip install --quiet --disable-pip-version-check -c constraints-extras.txt -e '.[export,instances,mlflow,trackio,volumes]' pytest hypothesis
	touch $@

demo: venv
	$(BIN)/netwright compare plain20 resnet20 plain56 resnet56 bottleneck29 --data digits --seeds 3 --out studies/demo

# The type checker has one thread, so it runs beside the tests.
test: venv
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory -j 2 types tests

types: venv
	$(BIN)/mypy

tests: venv
	$(BIN)/pytest -n 2 --dist worksteal -q

# The tests that need optional dependencies; `make test` skips them.
test-extras: .venv-extras/installed
	NETWRIGHT_EXTRAS=required $(EXTRAS)/pytest -q tests/extras

# Build the pages that are made from recorded runs, then run every example of the documentation in full.
docs: venv
	$(BIN)/python docs/build_models.py
	$(BIN)/python docs/build_blocks.py
	NETWRIGHT_DOCS=full $(BIN)/pytest -q README.md docs

bench: venv
	$(BIN)/python benchmarks/train.py
