"""Posts by hour of week, counted from a column of instants; figures only, no text leaves the file.

    python -m scripts.week_profile FILE.csv.gz COLUMN          seven rows of 24 counts, Monday 0:00 first
    python -m scripts.week_profile FILE.csv.gz COLUMN --prior  seven rows of 24 rates with mean 1 (`store/week.py`)

The counts are those of `benchmarks/virtual/taidi_hours.py`, from annex 3 of problem C of the Taidi Cup 2020.
"""

from __future__ import annotations

import argparse
import sys

import pandas as pd

#: of a prior, the share that knows nothing: a forum is not the mailbox of an office
FLAT = 0.25


def counted(path: str, column: str) -> list[list[int]]:
    """Rows that begin at midnight sharp are left out: their hour is not known."""
    told = pd.read_csv(path, usecols=[column])[column].astype(str).str.replace("/", "-", regex=False)
    instants = pd.to_datetime(told, format="mixed", errors="coerce").dropna()
    instants = instants[(instants - instants.dt.normalize()).dt.total_seconds() > 0]
    table = [[0] * 24 for _ in range(7)]
    for instant in instants:
        table[instant.weekday()][instant.hour] += 1
    return table


def prior(table: list[list[int]]) -> list[list[float]]:
    """Weekdays alike but for their sum, Saturday and Sunday alike but for theirs; each hour shared with its neighbours."""
    made: list[list[float]] = []
    for day in range(7):
        alike = range(5) if day < 5 else range(5, 7)
        hours = [sum(table[other][hour] for other in alike) for hour in range(24)]
        soft = [(hours[hour - 1] + 2 * hours[hour] + hours[(hour + 1) % 24]) / 4 for hour in range(24)]
        made.append([value / sum(soft) * sum(table[day]) for value in soft])
    mean = sum(map(sum, made)) / 168
    return [[round((1 - FLAT) * value / mean + FLAT, 2) for value in row] for row in made]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("column")
    parser.add_argument("--prior", action="store_true")
    options = parser.parse_args()
    table = counted(options.file, options.column)
    for row in prior(table) if options.prior else table:
        sys.stdout.write("    " + ", ".join(map(str, row)) + ",\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
