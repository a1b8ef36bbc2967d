"""Measuring the judge on labelled posts, and fitting the small correction that an installation learns from its own triage."""
