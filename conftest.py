"""Test wiring: a home and a file database of their own, policy from the shipped defaults."""

from __future__ import annotations

import os
import tempfile

import django
import hypothesis

# A file database in a fresh home: in-memory databases hide locking and the growth of the WAL.
os.environ.setdefault("HUIYING_HOME", tempfile.mkdtemp(prefix="huiying-test-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huiying.settings")
os.environ.setdefault("TLDEXTRACT_CACHE", os.environ["HUIYING_HOME"] + "/cache")

# Set up here and not by pytest's DJANGO_SETTINGS_MODULE, which loads the settings before this file has named the home:
# every run would then share the database in ./var, and two at a time would break each other.
django.setup()

# A loaded machine is slow, not wrong: no test may fail by the time one example takes.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

# The search server is shared by the tests of several folders: one node a session.
pytest_plugins = ("tests.elastic.fixtures",)
