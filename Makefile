# Two commands on a fresh machine: `make run` and `make test`. Both set everything up in .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

.PHONY: setup run test check docs faults mutants bench words lock clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Publisher needs Python 3.11 or later; name it with: make PYTHON=python3.11")'
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: setup
	@$(BIN)/publisher demo $(ARGS)

test: setup check
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadscope $(ARGS)

check: setup
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

docs: setup  # the documentation as a site, in build/site/
	@$(BIN)/python -m docs.build $(ARGS)

faults: setup  # e.g. make faults ARGS="--runs 5000 --seed 7"; --quick, --only TEXT, --case TEXT
	@$(BIN)/python -m tests.faults $(ARGS)

mutants: setup  # breaks the fence on purpose, a mistake at a time: the harness has to notice each
	@$(BIN)/python -m tests.faults.mutants $(ARGS)

bench: setup  # e.g. make bench ARGS="--quick --only burst"; bench/results/ keeps the last figures
	@$(BIN)/python -m bench $(ARGS)

lock:  # after a change of dependencies in pyproject.toml; needs uv
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) demo build

words: setup  # brings the catalogue of Vietnamese words in step with what the code says; new ones are empty in it
	@$(BIN)/python docs/words.py
