# `make run` on a fresh clone installs everything and takes raw text to a promoted model. `make help` lists the rest.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
BENCHES := training_step recurrent beam dropout rules pair_score

.DEFAULT_GOAL := help
.PHONY: help install run serve-prefect test test-slow check bench clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED) ## make .venv and install Seqline in it (3 minutes, 3 GB; nothing to do the second time)

run: $(INSTALLED) ## the main job: raw text → trained, compressed, registered, promoted; then a sample and the report
	$(BIN)/seqline run --promote
	@printf '\nThe champion translates:\n'
	@printf '%s\n' 'My younger brother bought three books in London last week.' 'Would you like a cup of tea, Ms Chen?' \
	  | $(BIN)/seqline translate
	@printf '\nThe report: '
	@$(BIN)/seqline report

serve-prefect: $(INSTALLED) ## keep the model fresh: Prefect's server, the schedules of prefect.yaml and a worker, until Ctrl-C
	$(BIN)/python -m flows serve

test: $(INSTALLED) ## the tests that everyone runs (minutes)
	$(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile

test-slow: $(INSTALLED) ## the long ones, and those that read the real corpora where they are present
	$(BIN)/python -m pytest -q -m "slow or corpora"

check: $(INSTALLED) ## style, types, which module may import which, and the container files
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint deploy/Dockerfile
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec deploy/compose.yaml

bench: $(INSTALLED) ## figures of speed as JSON lines, in minutes; benchmarks/ has more, each with its own page of help
	@for name in $(BENCHES); do $(BIN)/python benchmarks/$$name.py || exit 1; done
	@[ ! -d models/selected ] || $(BIN)/seqline bench decode --json

clean: ## remove caches and what the pipeline can make again; the registry and the installation stay
	rm -rf data models reports .seqline .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src flows tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# torch goes first and alone: resolved together with the rest, it drags in gigabytes of CUDA packages.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check torch==2.13.0
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@
