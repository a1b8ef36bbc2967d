"""送出前核对: what an editor would check by hand before an issue goes out, checked against the stored posts."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards import digest
from dashboards.digest_sheet import Sheet
from dashboards.models import DigestIssue
from store.masking import MASK, mask
from store.models import Post


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    ok: bool
    words: str
    remark: str = ""


def checks(issue: DigestIssue, made: Sheet) -> list[Check]:
    """In the order of the page; what is not ok comes with what to do."""
    items = issue.content["items"]
    posts = _posts([item["post"] for item in items])
    gone = [item["title"] for item in items if item["post"] not in posts]
    texts = [f"{item['title']}\n{item.get('summary', '')}" for item in items]
    hidden = sum(text.count(MASK) for text in texts)
    open_numbers = sum(mask(text) != text for text in texts)
    quoted = [item for item in items if item["group"] in digest.GROUPS[:2] and item.get("summary") and item["post"] in posts]
    changed = [item["title"] for item in quoted if not _word_for_word(item["summary"], posts[item["post"]])]
    other = DigestIssue.objects.filter(date=issue.date).exclude(pk=issue.pk).exists()
    counted = issue.content["figures"]
    return [
        Check(
            ok=made.sentences == made.linked and not gone,
            words="每句均有出处" if not gone else f"「{gone[0]}」的原帖已不在存档",
            remark=f"{made.linked} / {made.sentences} 句有链接",
        ),
        Check(ok=counted["on_time"] <= counted["due"] <= counted["opened"], words="数字与实录同一算法", remark=f"到期 {counted['due']} 件"),
        Check(
            ok=open_numbers == 0,
            words="个人信息已隐去" if not open_numbers else f"{open_numbers} 条里还有像号码的数字，请先核对",
            remark=f"{hidden} 处" if hidden else "没有号码",
        ),
        Check(
            ok=not changed,
            words="引文与存档逐字相同" if not changed else f"「{changed[0]}」的原帖后来改过，引文是改前的",
            remark=f"{len(quoted)} 处",
        ),
        Check(ok=not other, words="今日第一份" if not other else "这一天已有一期，一日一期", remark="一日一期"),
    ]


def _posts(refs: list[str]) -> dict[str, Post]:
    """`site:pid` → post."""
    pids = [ref.partition(":")[2] for ref in refs]
    wanted = set(refs)
    return {
        post.ref: post
        for start in range(0, len(pids), 500)
        for post in Post.objects.filter(pid__in=pids[start : start + 500])
        if post.ref in wanted
    }


def _word_for_word(quotation: str, post: Post) -> bool:
    stored = " ".join((post.body or post.title).split())
    return stored.startswith(quotation.removesuffix("…"))
