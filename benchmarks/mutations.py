"""100,000 damaged pages ($HUIYING_MUTANTS): a mutant yields the true record, a part marked as such, or a refusal; never a wrong field.

The pages are those of the sample forum in every template and of the readers' fixtures, mutated by `_mutation`, judged by `_oracle`.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from types import FrameType
from typing import Any

from benchmarks._bases import Base, bases
from benchmarks._mutation import Mutation, drawn, mutant
from benchmarks._oracle import list_errors, thread_errors
from crawlers.pages import PageError, ThreadList, ThreadPage

MUTANTS = int(os.environ.get("HUIYING_MUTANTS", "100000"))
#: seconds of the processor after which a page counts as a hang, and how many errors are shown
PATIENCE = 20.0
SHOWN = 20


class _Hang(Exception):
    """The page was not read in time."""


def _alarm(_signal: int, _frame: FrameType | None) -> None:
    raise _Hang


def errors(read: ThreadPage | ThreadList, base: Base, raw: bytes, mutations: Sequence[Mutation]) -> list[str]:
    """What is wrong about what was read of a mutant, one line each."""
    if isinstance(read, ThreadPage) and isinstance(base.true, ThreadPage):
        return thread_errors(read, base.true, mutations, base.source(raw))
    assert isinstance(read, ThreadList)
    assert isinstance(base.true, ThreadList)
    return list_errors(read, base.true, mutations)


def run() -> list[dict[str, Any]]:
    """Rows of `benchmarks mutations`."""
    pages = bases()
    counts: Counter[str] = Counter()
    shown: list[str] = []
    slowest = 0.0
    signal.signal(signal.SIGPROF, _alarm)
    for number in range(MUTANTS):
        base, mutations = pages[number % len(pages)], drawn(number)
        raw = mutant(base.page, base.encode, mutations)
        began = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, PATIENCE)
        said: list[str] = []
        try:
            read = base.read(raw)
            signal.setitimer(signal.ITIMER_PROF, 0)
            said = errors(read, base, raw, mutations)
            kind = "wrong" if said else "true" if getattr(read, "complete", True) else "part"
        except PageError:
            kind = "refused"
        except _Hang:
            kind = "hang"
        except Exception as error:  # noqa: BLE001 - any crash is what is counted
            kind, said = "crash", [repr(error)[:200]]
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        slowest = max(slowest, time.process_time() - began)
        counts[kind] += 1
        if kind in ("wrong", "crash", "hang") and len(shown) < SHOWN:
            shown.append(f"{number} {base.name} {[name for name, _ in mutations]} {said[:1]}")
        if number % 5_000 == 4_999:
            print(f"{number + 1:,} of {MUTANTS:,}: {dict(counts)}", file=sys.stderr, flush=True)
    print("\n".join(shown), file=sys.stderr)
    told = f"{counts['true']:,} true, {counts['part']:,} in part and marked, {counts['refused']:,} refused"
    return [
        _row(f"{MUTANTS:,} damaged pages ({told}): with a wrong field", counts["wrong"], "pages", 0),
        _row("crashes and hangs", counts["crash"] + counts["hang"], "pages", 0),
        _row("slowest page", round(slowest, 2), "s", 5),
    ]


def _row(figure: str, value: float, unit: str, goal: float) -> dict[str, Any]:
    return {
        "figure": f"mutations: {figure}",
        "value": value,
        "unit": unit,
        "baseline": None,
        "ratio": None,
        "goal": goal,
        "met": value <= goal,
    }
