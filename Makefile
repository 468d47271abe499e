# make demo | test | lint | docs | fuzz | bench | peers | wheel      PYTHON=python3.12 chooses the interpreter (3.11+)
PYTHON ?= python3
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
TESTS ?= -n 2 --dist loadfile --no-loadscope-reorder
GIMP := plugins/gimp/ssimgif_gimp
READERS := boxes miff header graph gif png video command
FUZZ ?= --seconds 60
SOURCE := tests/data/bunny.avif

.PHONY: help demo test lint docs fuzz bench peers wheel clean

help:
	@echo "make demo    convert a clip and show what came out (demo/)"
	@echo "make test    run all tests"
	@echo "make lint    types, style and import rules"
	@echo "make docs    the documents as a site, links checked (site/)"
	@echo "make fuzz    feed every reader with broken inputs, a minute each (FUZZ='--count 10000')"
	@echo "make bench   seconds and peak memory"
	@echo "make peers   compare with other programs, those that are installed"
	@echo "make wheel   a wheel with the compiled kernels, for this Python (dist/)"

demo: .venv/installed
	@mkdir -p demo
	@$(BIN)/ssimgif $(SOURCE) demo/bunny.gif --report demo/bunny.html
	@$(BIN)/python benchmarks/side_by_side.py $(SOURCE) demo/bunny.gif demo/frames.png
	@echo "Look at demo/bunny.gif, demo/frames.png (source left, GIF right) and demo/bunny.html (the report)."

# Hundreds of processes start: none of them is to compile all modules of Python anew.
test: .venv/developing
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest $(TESTS)

lint: .venv/developing
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	MYPYPATH=$(GIMP)/gimp3/ssim_gif $(BIN)/mypy --config-file plugins/gimp/mypy.ini $(GIMP)/gimp3/ssim_gif $(GIMP)/shared
	MYPYPATH=$(GIMP)/gimp210/ssim_gif $(BIN)/mypy --config-file plugins/gimp/mypy.ini $(GIMP)/gimp210/ssim_gif
	$(BIN)/lint-imports

docs: .venv/developing
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet
	@echo "Look at site/index.html."

fuzz: .venv/developing
	@printf '%s\n' $(READERS) | xargs -P 2 -I {} $(BIN)/python tests/fuzz/fuzz.py {} $(FUZZ)

bench: .venv/installed
	$(BIN)/python benchmarks/run.py

peers: .venv/installed
	$(BIN)/python benchmarks/peers.py

wheel: .venv/made
	$(BIN)/python -m pip wheel --no-deps -C warm=true --wheel-dir dist .
	@ls dist/*.whl

.venv/installed: pyproject.toml | .venv/made
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/developing: pyproject.toml | .venv/made
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ .venv/installed

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "ssimgif needs Python 3.11 or later; name one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "$(PYTHON) can't make an environment; on Debian: apt-get install python3-venv"; exit 1; }
	@touch $@

clean:
	rm -rf .venv demo dist site
