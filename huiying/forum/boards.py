"""The boards of the sample forum, and the kinds a thread there can carry."""

from __future__ import annotations

#: fid → name; the order is that of the index page
BOARDS: dict[int, str] = {
    1: "百姓呼声",
    2: "咨询求助",
    3: "交通出行",
    4: "灌水",
    5: "二手交易",
    6: "建言献策",
}

#: one line under the name on the index page
ABOUT: dict[int, str] = {
    1: "身边的难事、烦心事，说给有关单位听",
    2: "办事问路、政策疑问、紧急求助",
    3: "公交、停车、路况、信号灯",
    4: "闲聊、吃喝、随手拍",
    5: "闲置转让、租房、招聘",
    6: "给城市提个建议",
}

#: typeid → kind as shown before a title
KINDS: dict[int, str] = {1: "投诉", 2: "报修", 3: "求助", 4: "咨询", 5: "建议", 6: "闲聊", 7: "转让", 8: "招聘"}
KIND_IDS: dict[str, int] = {name: typeid for typeid, name in KINDS.items()}

#: answers 302 to another place, as Discuz! boards with a redirect do (scenario `redirect`)
REDIRECT_FID = 61
#: asks for a password: 302 to the index (scenario `redirect`)
PASSWORD_FID = 62
