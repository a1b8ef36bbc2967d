"""When a page is worth its next look: arithmetic of posting rates, each rule with its source.

A page that gets λ posts a second and is looked at every T seconds keeps each of them waiting T/2 on average; looking costs 1/T
requests a second.

- What is to be least is the *sum of waiting*, ½·λ·T over all pages, under a budget of Σ 1/T requests: its minimum has T in
  proportion to 1/√λ (Coffman, Liu & Weber, "Optimal robot scheduling for web search engines", J. Scheduling 1(1), 1998; for
  delays of feeds Sia, Cho & Cho, "Efficient monitoring algorithm for fast news alerts", IEEE TKDE 19(7), 2007). Neither equal
  intervals nor intervals in proportion to 1/λ reach it (Cho & Garcia-Molina, "Effective page refresh policies for web
  crawlers", ACM TODS 28(4), 2003).
- Rates differ by hour of week, and the intervals follow the rate of the hour (Sia, Cho & Cho 2007, theorem on the times of
  retrieval: the posts between two looks times the interval after them are the same at every look).
- From rates to an order without a timetable: the page that is latest by its own interval is next; such a deterministic
  reading of the optimal rates loses hardly anything (Azar, Horvitz, Lubetzky, Peres & Shahaf, "Tractable near-optimal policies
  for crawling", PNAS 115(32), 2018).
- A page that is *known* to have changed (a list's row says so) is no matter of rates: it waits with as many posts as the row
  tells (Kolobov, Peres, Lubetzky & Horvitz, "Optimal freshness crawl under politeness constraints", SIGIR 2019, of
  pages whose changes are signalled).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

#: posts of a thread count half after so long; seconds of watching behind such a count
FADE_S = 6 * 3600.0
_WATCHED_S = FADE_S / math.log(2)
#: the same for the news of a list: how lively it is just now, whatever the hour promises
STIR_S = 180.0
_STIRRED_S = STIR_S / math.log(2)
#: post-seconds of waiting that a look at a list is worth: at one post in five minutes a look every eight seconds
PRICE = 0.107
#: a thread without a sign of change: first look for edits and deletions, share of its age between two looks, longest rest
FIRST_LOOK_S, LOOKS, LONGEST_S = 1_200.0, 3.0, 90 * 86_400.0
#: an hour counts at least and at most so many times the mean hour
_TEMPO = (0.2, 4.0)


def faded(count: float, seconds: float, half_s: float) -> float:
    """A count of events after `seconds` more; it is worth half after `half_s`."""
    return count * math.exp2(-max(0.0, seconds) / half_s)


def worth_s(rate: float | None, floor_s: float, ceiling_s: float) -> float:
    """Seconds between two looks at a page of `rate` posts a second at which the waiting is worth a look; None = unknown."""
    if rate is None:
        return floor_s
    return max(floor_s, min(ceiling_s, math.sqrt(2.0 * PRICE / rate) if rate > 0 else ceiling_s))


def turns(rates: Mapping[str, float], every_s: float, ceiling_s: float) -> dict[str, float]:
    """Seconds between two looks at each page when all of them together get one look every `every_s`: 1/√rate, bounded."""
    roots = {key: math.sqrt(max(rate, 1e-12)) for key, rate in rates.items()}
    total = sum(roots.values())
    return {key: max(every_s, min(ceiling_s, every_s * total / root)) for key, root in roots.items()}


def stirred(stir: float) -> float:
    """Posts a second that the faded count of a list's news speaks for."""
    return stir / _STIRRED_S


def thread_rate(activity: float, age_s: float, tempo: float = 1.0) -> float:
    """Posts a second of a thread: what threads of its age have, and its own faded count, as a gamma–Poisson mean.

    A thread's replies thin out in proportion to its age; `age_s` is since its last post, `tempo` the hour's share of the mean.
    """
    usual = 0.5 / max(age_s, 600.0)
    return (1.0 + activity) / (1.0 / usual + _WATCHED_S) * max(_TEMPO[0], min(_TEMPO[1], tempo))


def look_after_s(age_s: float, activity: float = 0.0) -> float:
    """Seconds until a thread that shows no change is looked at for edits and deletions: rarely when old, but never never."""
    return min(LONGEST_S, max(FIRST_LOOK_S, age_s / LOOKS) / math.sqrt(1.0 + activity / 10.0))
