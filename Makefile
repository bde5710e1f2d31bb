# The only entry points a newcomer needs. Each does all the set-up it depends on.
VENV := .venv
PYTHON ?= python3
RUN := $(VENV)/bin

.PHONY: demo run test check bench clean

demo: $(VENV)/ready     ## the main job, from an empty machine to XML and PDF in demo-output/
	$(RUN)/timbre demo

run: $(VENV)/ready      ## web, workers and simulator on http://127.0.0.1:8000
	$(RUN)/timbre serve

test: $(VENV)/dev-ready
	$(RUN)/pytest

check: $(VENV)/dev-ready
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports

bench: $(VENV)/dev-ready
	$(RUN)/timbre bench

clean:
	rm -rf $(VENV) demo-output

$(VENV)/ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(RUN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(RUN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/dev-ready: $(VENV)/ready requirements-dev.txt
	$(RUN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
