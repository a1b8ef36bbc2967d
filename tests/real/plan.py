"""What is written into a real forum program before it is crawled: one plan for all of them, as plain values.

A filler (`fill_NAME`) carries it out through the program's own functions and answers which id each post and thread got.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

BOARDS = ("百姓话题", "房产 & 装修", "12345 热线", "<b>水区</b>")
#: names as people choose them: digits alone, spaces, quotes, another script, the name of an office
PEOPLE = ("老街住户", "20230816", "li si", "O'Brien", "陈_大田", "临海城管", "Ωμέγα", "7")
#: who writes without an account, where the program allows it; the second gives no name
GUESTS = ("路过的老王", "")
OFFICIAL = "临海城管"

#: texts that are hard to carry through: as written (Markdown), and as a reader sees them where that differs
HARD: tuple[tuple[str, str], ...] = (
    ("路灯 <不亮> & 井盖“松动”，第 3 天了 &amp; 没人管", "路灯 <不亮> & 井盖“松动”，第 3 天了 & 没人管"),
    ("</html></body></script>写在正文里的标签", ""),
    ("电话打了 8 次：0576 开头的，没人接……😡🏮𠮷野家", ""),
    ("第一行\n\n第二段，隔了空行", "第一行\n第二段，隔了空行"),
    ("**加粗**的字和 `代码 <x>`，后面还有一句", "加粗的字和 代码 <x>，后面还有一句"),
    ("链接在这里 [市政热线](http://example.org/12345?a=1&b=2) 看看", "链接在这里 市政热线 看看"),
    ("> 别人说的话，引用在前\n\n我自己的话在引用后面", "我自己的话在引用后面"),
    ("发布于 2019-01-01 00:00，作者：市长（这是正文，不是时间和作者）", ""),
    ("1. 修路\n2. 修灯\n3. 修心", "修路\n修灯\n修心"),
    ("很长很长" * 700 + "，完。", ""),
    ("繁體字、ｆｕｌｌ　ｗｉｄｔｈ、٣٤٥、עברית 混在一起的一句", "繁體字、ｆｕｌｌ ｗｉｄｔｈ、٣٤٥、עברית 混在一起的一句"),
    ("[[topic:topic_is_deleted]] 这样的标记由居民自己写出来", ""),
)


@dataclass(frozen=True)
class Said:
    """A post of the plan."""

    key: str
    #: a name of PEOPLE, or "guest:NAME"
    who: str
    at: datetime
    text: str
    #: as a reader sees it
    seen: str
    #: text after an edit, None = never edited; what is seen is then this
    edited: str | None = None
    #: the moderator deletes it; the program leaves its place or takes it away
    deleted: bool = False
    purged: bool = False

    @property
    def guest(self) -> bool:
        return self.who.startswith("guest:")


@dataclass(frozen=True)
class Talk:
    """A thread of the plan."""

    key: str
    board: str
    title: str
    posts: list[Said] = field(default_factory=list)
    pinned: bool = False
    locked: bool = False
    deleted: bool = False
    #: the board it ends up in
    moved: str = ""


def _text(number: int, index: int) -> tuple[str, str]:
    hard = number * 7 + index
    if index and hard % 9 == 4:
        text, seen = HARD[(hard // 9) % len(HARD)]
        return text, seen or text
    plain = f"第 {number} 件事的第 {index} 句：{('小区门口积水', '公交改线', '学校放学堵车', '夜里施工吵')[(number + index) % 4]}，盼回复。"
    return plain, plain


def plan(now: datetime | None = None, *, guests: bool = True) -> list[Talk]:
    """36 threads on four boards, 400 posts over 25 days, and two threads older than a first crawl reads."""
    end = (now or datetime.now(UTC)).replace(microsecond=0) - timedelta(minutes=20)
    sizes = {2: 95, 5: 41, 9: 40, 14: 21, 20: 20, 27: 33}
    talks = []
    for number in range(38):
        begun = end - timedelta(hours=16 * (37 - number) + 1) if number > 1 else end - timedelta(days=60 + number)
        posts = []
        for index in range(sizes.get(number, 1 + (number * 5) % 9)):
            text, seen = _text(number, index)
            who = PEOPLE[(number * 3 + index) % len(PEOPLE)]
            if guests and (number + index) % 11 == 3:
                who = f"guest:{GUESTS[index % 2]}"
            spot = (number + index) % 17
            edited = f"改过了：{seen.splitlines()[0][:40]}（第 {index} 句）" if spot == 5 else None
            posts.append(
                Said(
                    key=f"{number}.{index}",
                    who=who,
                    at=begun + timedelta(minutes=7 * index, milliseconds=(number * 37 + index * 101) % 1000),
                    text=text,
                    seen=edited or seen,
                    edited=edited,
                    deleted=spot == 11 and index > 0,
                    purged=spot == 14 and index > 0,
                )
            )
        title = f"{('路灯', '停车', '噪音', '学区')[number % 4]}的事 {number} <急> & “问”" if number % 5 else f"{2000 + number}"
        talks.append(
            Talk(
                key=str(number),
                board=BOARDS[number % 4],
                title=title,
                posts=posts,
                pinned=number in (3, 8),
                locked=number == 12,
                deleted=number in (16, 31),
                moved=BOARDS[(number + 1) % 4] if number in (7, 22) else "",
            )
        )
    return talks


def in_order(talks: list[Talk]) -> Iterator[tuple[Talk, Said]]:
    """Every post in the order of its time, as people write."""
    yield from sorted(((talk, said) for talk in talks for said in talk.posts), key=lambda pair: pair[1].at)


def as_json(talks: list[Talk]) -> dict[str, Any]:
    """The plan for a filler: instants as epoch milliseconds, posts in order of time."""
    return {
        "boards": BOARDS,
        "people": PEOPLE,
        "talks": [{name: value for name, value in asdict(talk).items() if name != "posts"} for talk in talks],
        "posts": [
            asdict(said) | {"talk": talk.key, "at": int(said.at.timestamp()) * 1000 + said.at.microsecond // 1000, "guest": said.guest}
            for talk, said in in_order(talks)
        ],
    }
