# Each target builds .venv by itself; only Python 3.11+, make and a package index are needed.
PYTHON ?= python3
BIN = .venv/bin

.PHONY: run test gate selftest check format bench clean node

run: .venv/installed
	$(BIN)/sessionm-harness run --report html=report.html

test: .venv/installed node
	$(BIN)/pytest -q -n auto

# Everything held against the contract, and the proof that this can fail.
gate: .venv/installed
	$(BIN)/sessionm-harness gate --seed 1 --quiet

selftest: .venv/installed
	$(BIN)/sessionm-harness gate --selftest --quiet

# The official Node SDKs drive some tests; where there is no npm those are skipped, and the summary says so.
node:
	@if command -v npm >/dev/null && { [ ! -d tests/node/node_modules ] || [ tests/node/package.json -nt tests/node/node_modules ]; }; then \
	  npm --prefix tests/node install --silent --no-audit --no-fund && touch tests/node/node_modules \
	    || echo "npm could not install the Node SDKs"; fi

check: .venv/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MAKE) gate
	$(MAKE) selftest
	$(MAKE) test

format: .venv/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/installed
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; choose one with: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@
