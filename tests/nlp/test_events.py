from __future__ import annotations

from datetime import UTC, datetime, timedelta

from nlp.events import EventIndex
from store.records import PlaceMention, Text

START = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


def post(id: str, title: str, body: str = "", hours: float = 0.0) -> Text:
    return Text(id=id, title=title, body=body, posted_at=START + timedelta(hours=hours))


WATER = (
    post("1", "丽景花园爆管停水", "丽景花园北门水管爆了，从早上停水到现在，自来水公司没人来修"),
    post("2", "丽景花园停水一整天了", "水管爆了没人修，老人小孩都没水喝", hours=5),
    post("3", "丽景花园什么时候来水", "北门爆管以后一直停水，打自来水公司电话没人接", hours=9),
)
OTHERS = (
    post("4", "锦绣公馆爆管停水", "锦绣公馆地下车库水管爆了，停水半天", hours=2),
    post("5", "请问驾照到期怎么换证", "需要带什么材料", hours=3),
    post("6", "烧烤店油烟扰民", "楼下烧烤店油烟熏人，凌晨还在营业", hours=4),
)


def test_posts_on_one_matter_share_an_event_and_others_do_not() -> None:
    index = EventIndex()
    events = {text.id: index.place(text) for text in sorted((*WATER, *OTHERS), key=lambda text: text.posted_at or START)}
    assert events["1"] == events["2"] == events["3"]
    assert len({events["1"], events["4"], events["5"], events["6"]}) == 4


def test_a_new_event_is_named_by_its_shanghai_date() -> None:
    index = EventIndex()
    late = Text(id="1", title="丽景花园停水", posted_at=datetime(2026, 11, 22, 17, 30, tzinfo=UTC))
    assert index.place(late) == "2026-1123-01"
    assert index.place(Text(id="2", title="烧烤店油烟扰民")) == "0000-0000-01"


def test_a_new_number_does_not_meet_one_of_the_ledger() -> None:
    index = EventIndex()
    index.add("1", WATER[0], "2026-1122-07")
    assert index.place(OTHERS[1]) == "2026-1122-08"
    assert index.place(WATER[1]) == "2026-1122-07"


def test_match_says_what_agrees_and_what_differs() -> None:
    index = EventIndex()
    index.add("1", WATER[0], "2026-1122-07")
    best = index.match(WATER[2])[0]
    assert (best.id, best.event) == ("1", "2026-1122-07")
    assert 0.3 < best.similarity <= 1.0
    assert {"爆管", "停水"} & set(best.agrees)
    assert index.match(OTHERS[1]) == []


def test_a_post_without_an_event_is_an_event_of_its_own() -> None:
    index = EventIndex()
    index.add("1", WATER[0], None)
    assert index.match(WATER[1])[0].event == "1"


def test_a_copy_is_found_at_once() -> None:
    index = EventIndex()
    body = "东山新村边上的搅拌站从凌晨开工到深夜，灰尘满天飞，窗户都不敢开，孩子咳嗽了一个月"
    first = index.place(post("1", "搅拌站扰民", body))
    assert index.place(post("2", "", "转：" + body, hours=30)) == first


def test_a_matter_past_the_window_is_a_new_event() -> None:
    index = EventIndex(window_days=10)
    first = index.place(WATER[0])
    assert index.place(post("9", WATER[0].title, WATER[0].body, hours=24 * 40)) != first


def test_posts_of_one_kind_do_not_chain_into_one_event() -> None:
    index = EventIndex()
    names = "翠湖 金河 紫荆 玉兰 银杏 枫林 丹桂 芙蓉 望海 听涛 观澜 碧桂 龙泉 凤鸣 鹤鸣 麒麟"
    events = {
        index.place(post(name, f"{name}小区物业乱收费", f"{name}小区物业费涨价没人管", hours=number))
        for number, name in enumerate(names.split())
    }
    assert len(events) > 12


def test_places_found_by_the_judge_count_as_names() -> None:
    index = EventIndex()
    index.add("1", post("1", "又没水了", "从昨晚到现在"), "e", places=[PlaceMention(name="洛河村", town="大洋街道")])
    with_place = index.match(post("2", "又没水了", "打电话没人接", hours=1), places=["洛河村"])
    without = index.match(post("3", "又没水了", "打电话没人接", hours=1), places=["小芝镇"])
    assert with_place
    assert not without or without[0].similarity < with_place[0].similarity


def test_bad_texts_get_an_event_too() -> None:
    index = EventIndex()
    for number, bad in enumerate(("", "😡😡", "\ud83d停水", "x" * 100_000, "。" * 50)):
        assert index.place(Text(id=str(number), title=bad, body=bad))
