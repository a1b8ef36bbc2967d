from __future__ import annotations

import pytest

from nlp.judge import Judge


@pytest.fixture(scope="session")
def judge() -> Judge:
    return Judge.load()
