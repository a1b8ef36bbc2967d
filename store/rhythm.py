"""How often posts come, by hour of week: counted, shrunk to what is known of the whole, old weeks fading.

Posts are taken for a Poisson process whose rate repeats every week (periodic rates of posting are what Sia, Cho & Cho found in
ten thousand feeds: "Efficient monitoring algorithm for fast news alerts", IEEE TKDE 19(7), 2007). A rate has a gamma prior of
mean m that is worth k posts; after n posts in x hours its mean is (k + n) / (k/m + x). The chain of priors:

    the assumed week → the source's level → the source's hours → a board's level → a board's hours

so a board with three posts has the hours of its source, and one with three thousand has its own. Pure: no tables, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from store.week import WEEK

HOURS = 168
#: a week counts half after four
FADE = 0.5 ** (1 / 4)
#: posts an hour: no board is believed dead, none livelier than one post a second
FLOOR, CEILING = 1 / HOURS, 3600.0
#: posts an hour of a source of which nothing is known
UNKNOWN = 6.0
#: what the priors are worth, in posts: a source's level, an hour of its week, a board's level, an hour of the board's week
_LEVEL, _HOUR, _BOARD, _BOARD_HOUR = 6.0, 4.0, 1.0, 8.0
#: hours from the start of the epoch (a Thursday, in UTC) to the Monday before it in Shanghai
_MONDAY = 72 + 8


def hour_number(moment: datetime) -> float:
    """Hours since a Monday 0:00 in Shanghai; modulo 168 it is the hour of the week."""
    return moment.timestamp() / 3600 + _MONDAY


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Posts an hour for each hour of the week, Monday 0:00 in Shanghai first."""

    rates: tuple[float, ...]
    #: posts that the rates rest on, old ones faded
    evidence: float = 0.0

    def at(self, moment: datetime) -> float:
        """Posts an hour at an instant."""
        return self.rates[int(hour_number(moment)) % HOURS]

    @property
    def mean(self) -> float:
        """Posts an hour over the whole week."""
        return sum(self.rates) / HOURS

    def expected(self, start: datetime, end: datetime) -> float:
        """Posts that should come between two instants; at most 14 days are counted."""
        first, last = max(hour_number(start), hour_number(end) - 14 * 24), hour_number(end)
        total, at = 0.0, first
        while at < last:
            until = min(float(int(at) + 1), last)
            total += self.rates[int(at) % HOURS] * (until - at)
            at = until
        return total

    def wait_s(self, start: datetime, posts: float = 1.0) -> float:
        """Seconds from an instant until so many posts should have come; at most 14 days."""
        at = first = hour_number(start)
        last = first + 14 * 24
        while at < last:
            rate, until = self.rates[int(at) % HOURS], min(float(int(at) + 1), last)
            step = min(until - at, posts / rate) if rate > 0 else until - at
            posts -= rate * step
            at += step
            if posts < 1e-9:
                break
        return (at - first) * 3600


@dataclass(frozen=True, slots=True)
class WeekCounts:
    """Posts counted by hour of week from an instant on, each week before the newest worth less."""

    #: from here on all posts are known
    since: datetime
    #: number of the newest week in `counts`, from the Monday of the epoch's first week
    week: int = 0
    counts: tuple[float, ...] = field(default=(0.0,) * HOURS)

    def add(self, instants: Iterable[datetime]) -> WeekCounts:
        """With further posts; those from before `since` tell nothing, because not all of their neighbours are known."""
        counts, newest = list(self.counts), self.week
        for moment in instants:
            if moment < self.since:
                continue
            hours = int(hour_number(moment))
            week = hours // HOURS
            if week > newest:
                counts = [round(count * FADE ** (week - newest), 3) for count in counts]
                newest = week
            # three digits: what is stored stays short
            counts[hours % HOURS] = round(counts[hours % HOURS] + FADE ** (newest - week), 3)
        return WeekCounts(self.since, newest, tuple(counts))

    def seen_by(self, until: datetime) -> list[float]:
        """The counts as they weigh at `until`."""
        faded = FADE ** max(0, int(hour_number(until)) // HOURS - self.week)
        return [count * faded for count in self.counts]

    def watched_by(self, until: datetime) -> list[float]:
        """Hours of watching behind each count, faded like the counts; the past year is counted."""
        first, last = hour_number(max(self.since, until - timedelta(days=364))), hour_number(until)
        if last <= first:
            return [0.0] * HOURS
        begun, newest = int(first) // HOURS, int(last) // HOURS
        whole = sum(FADE ** (newest - week) for week in range(begun + 1, newest))
        watched = [whole] * HOURS
        for week in {begun, newest}:
            for hour in range(HOURS):
                start = week * HOURS + hour
                watched[hour] += max(0.0, min(last, start + 1) - max(first, start)) * FADE ** (newest - week)
        return watched


def source_rhythm(counted: WeekCounts, until: datetime) -> Rhythm:
    """The rhythm of a whole source, from all its posts up to `until`."""
    return _learned(counted, until, WEEK, UNKNOWN, _LEVEL, _HOUR)


def board_rhythm(counted: WeekCounts, until: datetime, whole: Rhythm, boards: int) -> Rhythm:
    """The rhythm of one of a source's `boards` boards: the source's hours at the board's level until its own posts tell more."""
    mean = max(whole.mean, FLOOR)
    return _learned(counted, until, [rate / mean for rate in whole.rates], mean / max(1, boards), _BOARD, _BOARD_HOUR)


def _learned(
    counted: WeekCounts, until: datetime, shape: Iterable[float], level: float, level_worth: float, hour_worth: float
) -> Rhythm:
    """`shape` has mean 1; `level` is the prior mean in posts an hour."""
    shape = tuple(shape)
    seen, watched = counted.seen_by(until), counted.watched_by(until)
    total = sum(seen)
    level = max(FLOOR, _posterior(level, level_worth, total, sum(hours * part for hours, part in zip(watched, shape, strict=True))))
    means = [max(FLOOR / 10, level * part) for part in shape]
    rates = (_posterior(mean, hour_worth, count, hours) for mean, count, hours in zip(means, seen, watched, strict=True))
    return Rhythm(tuple(min(CEILING, max(FLOOR, rate)) for rate in rates), total)


def _posterior(mean: float, worth: float, count: float, hours: float) -> float:
    """Mean of a rate with a gamma prior worth `worth` posts, after `count` posts in `hours` hours."""
    return (worth + count) / (worth / mean + hours)
