# make demo    check a sample video, draw on it, write the report
# make test    the whole test suite, linters and types
# make bench   accuracy and speed tables, as in the README
# make lab     JupyterLab on notebooks/
# make clean   throw away what the other targets made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SAMPLE := sample_videos/legs-up-the-wall.mp4

.PHONY: demo test bench lab lint constraints clean

demo: $(READY)
	@mkdir -p demo
	$(BIN)/posecheck check $(SAMPLE) --stretch legs-up-the-wall \
	    --annotate demo/annotated.mp4 --json demo/report.json --report demo/report.html
	@echo "Written: demo/annotated.mp4 demo/report.json demo/report.html"

test: $(READY) lint
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python benchmarks/accuracy.py
	$(BIN)/python benchmarks/speed.py

lab: $(READY)
	$(BIN)/jupyter lab notebooks/

# Set-up runs again only when what it depends on has changed.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "posecheck needs Python 3.11 or newer: make PYTHON=python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[notebook,dev]'
	@touch $(READY)

constraints: $(READY)
	{ echo "# Exact versions that are tested together: make installs with them. Renew with: make constraints"; \
	  $(BIN)/python -m pip freeze --exclude-editable; } > constraints.txt

clean:
	rm -rf $(VENV) demo benchmarks/out .pytest_cache .mypy_cache .ruff_cache .hypothesis .cache
