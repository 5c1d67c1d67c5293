# `make demo` and `make test` are all a fresh machine needs.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: venv demo test bench docs

venv: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: venv
	$(BIN)/netwright compare plain20 resnet20 plain56 resnet56 bottleneck29 --data digits --seeds 3 --out studies/demo

test: venv
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 -q

# The page and the pictures of every network, from recorded runs.
docs: venv
	$(BIN)/python docs/build_models.py
	$(BIN)/python docs/build_blocks.py

bench: venv
	$(BIN)/python benchmarks/train.py
