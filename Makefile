# 回应. Each target sets up what it needs; nothing has to be installed before except Python 3.11 or later, git and make.
PYTHON ?= python3
HUIYING := .venv/bin/huiying

.PHONY: help run test unit check bench lock setup setup-dev screenshots clean

help:            ## this list
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

run: setup       ## set up, then the sample forum and everything, on this machine; Ctrl-C ends it
	@exec $(HUIYING) demo

test: setup-dev  ## set up what the tests need (browser, fonts, search server), then run all tests
	@bash scripts/test.sh

unit: setup-dev  ## only the tests that need neither database nor server
	@.venv/bin/python -m pytest -q -n 2 -m "not (slow or browser or elastic or faults or realforum or db or served)"

check: setup-dev ## lint, types, import rules, file length
	@bash scripts/check.sh

bench: setup-dev ## all figures, each with its baseline
	@.venv/bin/python -m benchmarks $(NAMES)

lock: setup-dev  ## renew the pinned versions with hashes
	@bash scripts/lock.sh

screenshots: setup-dev ## pictures of every page into docs/screenshots
	@.venv/bin/python -m scripts.screenshots

setup:
	@PYTHON=$(PYTHON) bash scripts/setup.sh runtime

setup-dev:
	@PYTHON=$(PYTHON) bash scripts/setup.sh dev

clean:           ## remove the virtual environment (the home ./var stays)
	rm -rf .venv build dist *.egg-info
