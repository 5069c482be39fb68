# `make help` lists the targets. Every target sets up what it needs and reuses what is there.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo test check golden lock clean

# Looked for only when .venv is not there; see setup/find-python.
PYTHON_FOR_SETUP = $$(test -x .venv/bin/python && .venv/bin/python -c '' 2>/dev/null \
	&& echo .venv/bin/python || setup/find-python)
VENV := .venv/bin
TEST_MODELS := smollm2-135m all-minilm-l6-v2

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## .venv with the locked libraries and lrev
	@python="$(PYTHON_FOR_SETUP)" && "$$python" setup/bootstrap.py

demo: ## set up, fetch the default models, index examples/ and review its patches
	@python="$(PYTHON_FOR_SETUP)" && "$$python" setup/demo.py

test: setup ## the whole test suite, with a small real model
	@for model in $(TEST_MODELS); do $(VENV)/lrev models pull "$$model" || exit; done
	@LREV_TEST_MODELS="$$($(VENV)/python -c 'from lrev import paths; print(paths.models_directory())')" \
		$(VENV)/python -m pytest

check: setup ## ruff, mypy --strict and import-linter
	@$(VENV)/python setup/check.py

golden: setup ## rewrite the files that tests compare with (docs/cli.md), to be read as a diff
	@$(VENV)/python -m pytest tests/test_docs.py --rewrite-golden

lock: setup ## renew setup/lock*.txt (needs uv)
	@$(VENV)/python setup/lock.py

clean: ## remove .venv and what was built; models and compiled wheels in your home stay
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
