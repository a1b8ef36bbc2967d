"""Messages by hour of week as they came to a city's mailbox: 4,312 of them, unsmoothed (`scripts/week_profile.py`).

Seven rows from Monday, 24 hours each in Asia/Shanghai; figures of annex 3 of problem C of the Taidi Cup 2020.
"""

from __future__ import annotations

# fmt: off
COUNTS: tuple[int, ...] = (
    7, 15, 0, 4, 0, 1, 7, 4, 24, 32, 65, 59, 32, 36, 34, 79, 48, 58, 45, 31, 27, 28, 27, 12,
    20, 7, 3, 3, 1, 3, 8, 10, 30, 63, 117, 74, 40, 24, 61, 82, 60, 70, 60, 32, 21, 30, 25, 10,
    18, 4, 1, 1, 1, 5, 6, 10, 46, 59, 110, 70, 44, 50, 55, 64, 53, 45, 37, 26, 20, 27, 20, 35,
    19, 7, 3, 3, 2, 2, 4, 14, 31, 36, 73, 60, 44, 34, 31, 59, 46, 75, 32, 25, 29, 31, 27, 23,
    16, 14, 0, 2, 1, 3, 6, 10, 30, 48, 89, 43, 33, 25, 43, 79, 54, 48, 22, 10, 16, 12, 20, 23,
    7, 5, 2, 1, 0, 1, 3, 4, 11, 13, 24, 19, 17, 15, 22, 16, 16, 17, 17, 16, 12, 13, 11, 5,
    5, 8, 2, 1, 2, 1, 1, 6, 6, 11, 30, 24, 31, 18, 26, 21, 10, 21, 26, 26, 18, 15, 31, 12,
)
# fmt: on
SHAPE: tuple[float, ...] = tuple(168 * count / sum(COUNTS) for count in COUNTS)
FLAT: tuple[float, ...] = (1.0,) * 168
