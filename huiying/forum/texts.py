"""The invented texts that residents post: threads with fitting replies and answers, and slots that vary them."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

#: slot → what may stand there; all invented or too general to mean anybody, numbers of no subscriber
SLOTS: dict[str, tuple[str, ...]] = {
    "estate": ("灵湖花苑", "望江新村", "巾山小区", "云水苑", "柏叶公寓", "东湖佳苑", "双桥新区", "兴善里", "银泰家园", "大洋锦园"),
    "road": ("巾山路", "崇和路", "柏叶路", "靖江路", "东方大道", "鹿城路", "赤城路", "广文路", "大洋路", "临海大道"),
    "town": ("杜桥", "东塍", "沿江", "上盘", "桃渚", "白水洋", "括苍", "尤溪", "涌泉", "汛桥", "汇溪", "小芝", "河头", "永丰"),
    "line": ("202", "206", "215", "219", "231"),
    "phone": ("138 0000 0000", "13900000000", "0576-8500 0000", "15000000001", "138-0000-0012"),
}
#: said under any thread
COMMON_REPLIES = (
    "顶一下",
    "关注",
    "帮顶，希望有人看到",
    "同问",
    "楼主说得对",
    "围观 :)",
    "路过看看",
    "mark 一下",
    "有后续吗？",
    "坐等回复",
    "支持楼主",
)
#: an official account's first answer where the text has none of its own
COMMON_ANSWERS = (
    "您好，您反映的问题已收悉，已安排工作人员核实，处理情况会在本帖告知。",
    "网友您好，情况已了解，正在联系相关科室处理，请留意本帖回复。",
    "您好，感谢您的反映。我单位已派人到现场查看，今天内答复处理意见。",
)
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Draft:
    """One invented thread; `event` joins drafts on the same matter, `unit` is who should answer."""

    id: str
    fid: int
    kind: str
    title: str
    body: str
    needs: bool
    event: str
    unit: str
    replies: tuple[str, ...]
    answer: str

    def script(self, slots: dict[str, str]) -> str:
        """What the store keeps of it, so that later replies fit."""
        return json.dumps({"draft": self.id, "slots": slots}, ensure_ascii=False)

    def slots(self, rng: random.Random) -> dict[str, str]:
        """A choice for every slot its texts use."""
        used = _SLOT.findall(" ".join((self.title, self.body, *self.replies, self.answer)))
        return {name: rng.choice(SLOTS[name]) for name in dict.fromkeys(used)}


@cache
def drafts() -> dict[str, Draft]:
    """id → Draft, in the order of the file."""
    rows = files("huiying.forum").joinpath("texts.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["id"]: Draft(**{**row, "replies": tuple(row["replies"])}) for row in map(json.loads, rows)}


def filled(text: str, slots: dict[str, str]) -> str:
    return _SLOT.sub(lambda found: slots.get(found[1], found[0]), text)


def scripted(script: str) -> tuple[Draft, dict[str, str]] | None:
    """The draft and slots that a thread was made of; None for threads that people wrote."""
    if not script:
        return None
    row = json.loads(script)
    draft = drafts().get(row["draft"])
    return (draft, row["slots"]) if draft else None
