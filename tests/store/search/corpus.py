"""The posts over which both engines are compared: invented ones, our corpus, and real messages where they are at hand."""

from __future__ import annotations

import csv
import gzip
import json
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.store.search.cast import NOON, Draft

ROOT = Path(__file__).resolve().parents[3]
REAL = ROOT.parent / "shared" / "data" / "taidi_hot.csv.gz"

BOARDS = [("2", "百姓呼声"), ("36", "咨询求助"), ("40", ""), ("", ""), ("7", "灌水")]
TOPICS = ["城乡建设", "环境保护", "交通运输", ""]

#: Shapes that ordinary texts lack: rare planes, joined emoji, full width, hyphens, quotes, accents, odd blanks.
INVENTED = [
    ("东塍镇夜里又有刺鼻气味", "像油漆又像胶水，一般九点以后最重，关着窗都闻得到。"),
    ("217路公交不停B3小区", "２１７路（末班）到Ｂ３县站不停，a-b线也一样。等了40min！"),
    ("𠮷野家门口的路灯", "𠮷字店名，𡈽路一条，㐂庆路口，灯坏了😀😀"),
    ("表情一串", "👨‍👩‍👧家里停水❤️🇨🇳👍🏽 求解决"),
    ("引号“停水”与「断水」", "他说\"今晚停水\"，她说'明天来'，都是假的。"),
    ("停 水 通 知", "停\u3000水\u00a0到\u2028几\u200b点\ufeff？\x00怎么\tcafé\u0301办"),
    ("臺州府城牆下積水", "積水兩天了，没有人管；积水两天了"),
    ("哈哈哈哈哈", "哈哈哈哈哈哈哈哈水水水水"),
    ("ΣΟΦΟΣ İstanbul ﬁne ㎡ ① Ⅳ", "½ ﷺ ﾊﾝｶｸ ガギ ㈱ ℃ Å"),
    ("||| OR 或 ---", "(((停水))) -停水 +停水 *停水* \"\" 「」 <b>停水</b> &amp; %停_水\\"),
    ("", "只有正文，没有标题"),
    ("只有标题，没有正文", ""),
    ("", ""),
    ("水", "水"),
]


def drafts() -> list[Draft]:
    """All texts as posts, with times that collide, boards, judgements and marks drawn from a fixed seed."""
    draw = random.Random(20261122)
    texts = [*INVENTED, *_own(), *_real()]
    return [_dressed(draw, title, body) for title, body in texts]


def _own() -> list[tuple[str, str]]:
    rows = []
    for path in sorted((ROOT / "nlp" / "corpus").glob("*.jsonl")):
        rows += [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    return [(row.get("title", ""), row.get("body", "")) for row in rows]


def _real() -> list[tuple[str, str]]:
    if not REAL.exists():
        return []
    with gzip.open(REAL, "rt", encoding="utf-8-sig", newline="") as file:
        return [(row["留言主题"], row["留言详情"]) for row in csv.DictReader(file)]


def _dressed(draw: random.Random, title: str, body: str) -> Draft:
    board, board_name = draw.choice(BOARDS)
    draft = Draft(
        title=title,
        body=body,
        # Coarse, so that many posts share a second; some carry a fraction, which does not order them.
        posted_at=NOON - timedelta(hours=draw.randrange(24 * 60), microseconds=draw.choice([0, 0, 250_000])),
        board=board,
        board_name=board_name,
        source=draw.choice(["forum", "tieba"]),
        kind=draw.choice(["topic", "topic", "reply"]),
        official=draw.random() < 0.1,
        deleted=draw.random() < 0.1,
    )
    if draw.random() < 0.7:
        draft = replace(draft, judged=(draw.choice(TOPICS), draw.randrange(1, 5), draw.random() < 0.5))
    return draft
