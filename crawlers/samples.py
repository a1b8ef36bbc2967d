"""Page samples of parser failures: the structure for the developer, not one word or number of anybody."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

_KEEP_S = 7 * 86_400.0
_LARGEST = 300_000
_PER_SOURCE = 20
#: words of the forum program itself, which the developer needs
_PROGRAM_WORDS = re.compile(
    r"发表于|楼主|沙发|板凳|地板|推荐|查看|回复|只看该作者|电梯直达|本帖最后由|编辑|小时前|分钟前|秒前|天前|昨天|前天|刚刚|半|匿名|提示|"
    r"该帖被管理员或版主屏蔽|作者被禁止或删除|内容自动屏蔽|下一页|上一页|共|页|登录|注册|发帖|抱歉|没有权限|不存在|已被删除|"
    r"Powered by Discuz!|GMT"
)
_TAG = re.compile(r"<[^>]*>|<[^>]*$")
_SCRIPT = re.compile(r"(<script\b[^>]*>).*?(</script\s*>|$)", re.IGNORECASE | re.DOTALL)
_ATTRIBUTE_TEXT = re.compile(r"\b(alt|value|content|title|placeholder)\s*=\s*(\"[^\"]*\"|'[^']*')", re.IGNORECASE)


def _masked(text: str) -> str:
    out = []
    end = 0
    for hit in _PROGRAM_WORDS.finditer(text):
        out += [_mask_chars(text[end : hit.start()]), hit[0]]
        end = hit.end()
    return "".join([*out, _mask_chars(text[end:])])


def _mask_chars(text: str) -> str:
    text = re.sub(r"\d", "0", text)
    text = re.sub(r"[a-z]", "x", text)
    text = re.sub(r"[A-Z]", "X", text)
    return re.sub(r"[^\x00-\x7f]", "某", text)


def _masked_tag(tag: str) -> str:
    """Element, attributes and class names stay; numbers (ids of people and posts) and quoted texts do not."""
    tag = _ATTRIBUTE_TEXT.sub(lambda hit: f"{hit[1]}={hit[2][0]}{_masked(hit[2][1:-1])}{hit[2][-1]}", tag)
    return re.sub(r"[^\x00-\x7f]", "某", re.sub(r"\d", "0", tag))


def scrub(page: str) -> str:
    """The page's structure with every text, number and script of it masked."""
    page = _SCRIPT.sub(r"\1\2", page[:_LARGEST])
    out = []
    end = 0
    for hit in _TAG.finditer(page):
        out += [_masked(page[end : hit.start()]), _masked_tag(hit[0])]
        end = hit.end()
    return "".join([*out, _masked(page[end:])])


def keep_sample(folder: Path, source: str, kind: str, page: str, now: datetime) -> Path | None:
    """Write a scrubbed sample (mode 0600), drop those older than seven days; None when the source has enough."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    seconds = now.timestamp()
    for old in folder.glob("*.html"):
        if seconds - old.stat().st_mtime > _KEEP_S:
            old.unlink(missing_ok=True)
    safe = re.sub(r"[^\w-]", "_", source)
    present = list(folder.glob(f"{safe}-*.html"))
    if len(present) >= _PER_SOURCE:
        return None
    path = folder / f"{safe}-{kind}-{int(seconds * 1000)}.html"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(scrub(page))
    return path
