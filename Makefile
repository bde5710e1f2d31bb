# The only entry points a newcomer needs. Each does all the set-up it depends on.
VENV := .venv
PYTHON ?= python3
RUN := $(VENV)/bin

# Killing, claims, lanes, fencing, deliveries, idempotency: on SQLite and on PostgreSQL, whichever the rest runs on.
CONCURRENT := tests/work tests/faults tests/webhooks/test_races.py \
  $(addprefix tests/issuing/test_,fencing.py doubts.py intake.py issued_once.py)

.PHONY: demo run test test-postgres faults fuzz check bench golden screenshots browser clean

demo: $(VENV)/ready     ## the main job, from an empty machine to XML and PDF in demo-output/
	$(RUN)/timbre demo

run: $(VENV)/ready      ## web, workers and simulator on http://127.0.0.1:8000
	$(RUN)/timbre serve

test: $(VENV)/dev-ready browser
	$(RUN)/pytest
	$(RUN)/python tests/clusters.py --other $(RUN)/pytest $(CONCURRENT)

test-postgres: $(VENV)/dev-ready browser  ## all tests on PostgreSQL: TIMBRE_TEST_DATABASE_URL's, or a private cluster
	$(RUN)/python tests/clusters.py $(RUN)/pytest

faults: $(VENV)/dev-ready  ## every fault at every step, counted at the simulated SII: docs/faults.md
	$(RUN)/python tests/faults/run.py

fuzz: $(VENV)/dev-ready  ## schemathesis over the API with 300 examples of each operation
	TIMBRE_FUZZ=300 $(RUN)/pytest -n 0 tests/api/test_schemathesis.py

check: $(VENV)/dev-ready
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports

bench: $(VENV)/dev-ready
	$(RUN)/timbre bench

golden: $(VENV)/dev-ready  ## the XML of every golden case anew; its totals, done by hand, are never written
	PYTHONPATH=tests $(RUN)/python tests/golden/golden.py

screenshots: $(VENV)/dev-ready browser  ## every screen into docs/images/
	$(RUN)/python tests/screenshots.py

# The browser of the browser tests, where it can be had: Debian's, as root. Under CI=true they fail without it.
browser:
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing chromium, for the tests in a browser"; export DEBIAN_FRONTEND=noninteractive; \
	  apt-get update -qq; apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit; fi; \
	echo "No chromium, and no way to install it here: the tests in a browser will be skipped"

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
