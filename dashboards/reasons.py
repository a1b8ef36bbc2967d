"""Reasons that people give for looking further: one that says nothing is sent back."""

from __future__ import annotations

SHORTEST = 4
#: words that could stand on anything
EMPTY = frozenset(
    {"工作需要", "工作", "需要", "工作要求", "领导要求", "上级要求", "有用", "测试", "查看", "看看", "导出", "因工作需要", "工作所需"}
)


def bare_words(reason: str) -> str:
    """A reason without blanks and punctuation, so that neither lengthens one that says nothing."""
    return "".join(sign for sign in reason if sign.isalnum())


def says_nothing(reason: str) -> bool:
    """Whether a reason is too short, or words that could stand on anything."""
    bare = bare_words(reason)
    return bare in EMPTY or len(bare) < SHORTEST


def refused(reason: str) -> str:
    """Why a reason for an export does not do, "" when it does."""
    bare = bare_words(reason)
    if bare in EMPTY:
        return f"「{reason.strip()}」没有说明用在哪里；写明做什么用、给谁，例：市府办月度通报用"
    if len(bare) < SHORTEST:
        return f"事由至少写 {SHORTEST} 个字，写明做什么用、给谁，例：市府办月度通报用"
    return ""
