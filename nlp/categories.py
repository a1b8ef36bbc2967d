"""Category of a post from its cues: rules, tried in order, the same for every county."""

from __future__ import annotations

from collections.abc import Mapping

from store.records import Category, Level

Counts = Mapping[str, int]


def positive_category(cues: Counts, level: Level) -> Category:
    """Which kind of post it is, given that it needs a response."""

    def count(*groups: str) -> int:
        return sum(cues.get(group, 0) for group in groups)

    if level <= Level.II and not count("rumour") and count("broken", "danger", "nuisance"):
        return Category.EMERGENCY
    if count("rumour") and count("rumour") >= count("ignored", "harm"):
        return Category.RUMOUR
    grievance = count("ignored", "harm", "nuisance", "overdue", "again")
    if count("suggest") and count("suggest") >= grievance and not count("broken"):
        return Category.SUGGESTION
    if count("question") and count("question") > grievance + count("broken"):
        return Category.QUESTION
    if count("broken") and count("broken") >= count("harm", "nuisance"):
        return Category.REPAIR
    if grievance:
        return Category.COMPLAINT
    if count("request"):
        return Category.HELP
    return Category.COMPLAINT


def negative_category(cues: Counts, elsewhere: bool) -> Category:
    """Which kind of post it is, given that it needs no response."""
    if elsewhere:
        return Category.ELSEWHERE
    groups = {
        Category.NEWS: sum(cues.get(group, 0) for group in ("official", "notice", "news", "campaign", "done")),
        Category.TRADE: 2 * cues.get("trade", 0),
        Category.PRAISE: 2 * (cues.get("praise", 0) + cues.get("solved", 0)),
        Category.CHAT: 2 * (cues.get("chat", 0) + cues.get("advice", 0)),
        Category.PRIVATE: cues.get("harm", 0) + cues.get("ignored", 0) + cues.get("nuisance", 0),
    }
    best = max(groups, key=lambda category: groups[category])
    return best if groups[best] else Category.OTHER
