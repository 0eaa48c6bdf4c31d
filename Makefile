# make demo    check a sample video, draw on it, write the report
# make test    the whole test suite, linters and types
# make lint    linters, types, import order and spelling alone
# make bench   accuracy and speed tables, as in the README
# make stills  render the stills that the accuracy is measured on, look at them, calibrate (an hour)
# make docs    write the tables of docs/stretch-format.md from the types and the measures
# make lab     JupyterLab on notebooks/
# make clean   throw away what the other targets made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READERS := .cache/readers
SAMPLE := sample_videos/legs-up-the-wall.mp4

.PHONY: demo test bench stills docs lab lint constraints clean

demo: $(READY)
	@mkdir -p demo
	$(BIN)/posecheck check $(SAMPLE) --stretch legs-up-the-wall \
	    --annotate demo/annotated.mp4 --json demo/report.json --report demo/report.html
	@echo "Written: demo/annotated.mp4 demo/report.json demo/report.html"

test: $(READY) $(READERS)/.ready lint
	@# Not sorted by how many tests a file has: few may take long, and would leave one core idle.
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file sample_videos/render/mypy.ini sample_videos/render
	$(BIN)/lint-imports
	$(BIN)/codespell

bench: $(READY)
	$(BIN)/python -m benchmarks.people
	$(BIN)/python -m benchmarks.accuracy
	$(BIN)/python -m benchmarks.uncertainty
	$(BIN)/python -m benchmarks.risk
	$(BIN)/python -m benchmarks.back
	$(BIN)/python -m benchmarks.evidence
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.progress

# The renderer has environments of its own: sample_videos/render/README.md
RENDER := sample_videos/render
STILLS := .cache/stills

stills: $(READY) $(RENDER)/.cache/ready
	cd $(RENDER) && for split in tune unseen; do \
	    .cache/env/bin/python stills.py --resume --out ../../$(STILLS)/$$split --split $$split \
	        --count 340 --seed 7 || exit 1; \
	    .cache/env/bin/python stills.py --resume --out ../../$(STILLS)/$$split-views \
	        --split $$split --count 160 --seed 7 --view above,front,feet || exit 1; done
	for table in tune tune-views unseen unseen-views; do \
	    $(BIN)/python -m benchmarks.stills $(STILLS)/$$table --table $$table || exit 1; done
	$(BIN)/python -m benchmarks.calibrate
	$(BIN)/python docs/make_tables.py

$(RENDER)/.cache/ready: $(RENDER)/requirements.txt $(RENDER)/requirements-bodies.txt $(RENDER)/bodies.toml
	cd $(RENDER) && python3.11 -m venv .cache/bodies-env && python3.11 -m venv .cache/env
	cd $(RENDER) && .cache/bodies-env/bin/pip install --quiet torch==2.13.0
	cd $(RENDER) && .cache/bodies-env/bin/pip install --quiet -r requirements-bodies.txt
	cd $(RENDER) && .cache/bodies-env/bin/python make_bodies.py
	cd $(RENDER) && .cache/env/bin/pip install --quiet -r requirements.txt
	@touch $@

docs: $(READY)
	$(BIN)/python docs/make_tables.py

lab: $(READY)
	$(BIN)/jupyter lab notebooks/

# Set-up runs again only when what it depends on has changed.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "posecheck needs Python 3.11 or newer: make PYTHON=python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[notebook,dev]'
	@touch $(READY)

# Programs that read what posecheck exports. movement brings an OpenCV of its own, which must not meet
# ours in one environment. Where one cannot be installed, its tests are skipped and say so.
$(READERS)/.ready: Makefile
	@{ $(PYTHON) -m venv $(READERS) && \
	   $(READERS)/bin/python -m pip install --quiet 'movement>=0.15,<0.18' trc-data-reader && \
	   { $(READERS)/bin/python -m pip install --quiet opensim || \
	     echo "OpenSim cannot be installed here: its tests are skipped." >&2; } && \
	   touch $@; } || echo "movement cannot be installed here: its tests are skipped." >&2

constraints: $(READY)
	{ echo "# Exact versions that are tested together: make installs with them. Renew with: make constraints"; \
	  $(BIN)/python -m pip freeze --exclude-editable | \
	      sed "s/^mediapipe==.*/&; sys_platform == 'linux'/"; } > constraints.txt

clean:
	rm -rf $(VENV) demo benchmarks/out .pytest_cache .mypy_cache .ruff_cache .hypothesis .cache
