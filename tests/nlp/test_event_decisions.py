"""Merge, move and apart of the index: what people said decides where the next posts go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nlp.events import READ_STEP, STEP, EventIndex
from nlp.pool import MEMBERS
from store.records import Text

START = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
NOISE = "翠湖 金河 紫荆 玉兰 银杏 枫林 丹桂 芙蓉 望海 听涛 观澜 碧桂 龙泉 凤鸣 鹤鸣 麒麟 春晖 秋月 长虹 飞云"
MATTERS = "电梯坏了没人修 物业乱收费 垃圾没人清运 门口堵车 路灯不亮 夜里施工吵 树枝挡窗 下水道堵了"


def post(id: str, title: str, body: str = "", hours: float = 0.0) -> Text:
    return Text(id=id, title=title, body=body, posted_at=START + timedelta(hours=hours))


def water(place: str, number: int) -> Text:
    said = ("爆管停水没人修", "停水一整天了", "什么时候来水", "还是没有水", "水管又爆了")[number % 5]
    return post(
        f"{place}{number}", f"{place}{said}", f"{place}北门水管爆了，停水到现在，打自来水公司电话没人接，第{number}天", hours=number
    )


def noise(count: int) -> list[Text]:
    names, matters = NOISE.split(), MATTERS.split()
    return [
        post(f"n{number}", f"{names[number % len(names)]}小区{matters[number % len(matters)]}", f"已经第{number}次反映", hours=number / 10)
        for number in range(count)
    ]


#: posts between: decisions must hold among the recent posts and for those that are filed already
BETWEEN = (0, STEP + 3, READ_STEP + STEP + 5)


@pytest.fixture(params=BETWEEN)
def between(request: pytest.FixtureRequest) -> list[Text]:
    return noise(request.param)


def two_matters(index: EventIndex) -> None:
    for number in (0, 1):
        index.add(f"a{number}", water("丽景花园", number), "A")
        index.add(f"b{number}", water("锦绣公馆", number), "B")


def test_after_a_merge_the_next_posts_go_to_the_event_that_remained(between: list[Text]) -> None:
    index = EventIndex()
    two_matters(index)
    index.place_many(between)
    index.merge("A", "B")
    index.place_many([post(f"x{text.id}", text.title, text.body) for text in between])
    assert index.place(water("丽景花园", 2)) == "B"
    assert index.place(water("锦绣公馆", 2)) == "B"
    assert "A" not in {found.event for found in index.match(water("丽景花园", 3))}


def test_a_moved_post_pulls_its_likes_along(between: list[Text]) -> None:
    index = EventIndex()
    index.add("a0", water("丽景花园", 0), "A")
    index.add("b0", water("锦绣公馆", 0), "A")
    index.place_many(between)
    assert index.move("b0", "B")
    assert index.place(water("锦绣公馆", 1)) == "B"
    assert index.place(water("丽景花园", 1)) == "A"


def test_a_post_taken_out_brings_nothing_into_the_old_event(between: list[Text]) -> None:
    index = EventIndex()
    index.add("s", post("s", "翡翠山庄路灯不亮", "翡翠山庄西门路灯不亮，摔了好几个人"), "S")
    index.add("w", water("丽景花园", 0), "S")
    assert index.match(water("丽景花园", 1))[0].event == "S"
    index.place_many(between)
    index.move("w", "W")
    index.apart("S", "W")
    assert [found.event for found in index.match(water("丽景花园", 1))] == ["W"]
    assert index.place(water("丽景花园", 1)) == "W"


def test_of_two_events_apart_only_the_nearer_is_proposed(between: list[Text]) -> None:
    index = EventIndex()
    index.add("1", water("丽景花园", 0), "A")
    index.add("2", water("丽景花园", 2), "B")
    index.place_many(between)
    assert {found.event for found in index.match(water("丽景花园", 3))} >= {"A", "B"}
    index.apart("A", "B")
    assert len({found.event for found in index.match(water("丽景花园", 3))} & {"A", "B"}) == 1


def test_what_an_event_is_parted_from_goes_with_it_into_a_merge() -> None:
    index = EventIndex()
    index.add("1", water("丽景花园", 0), "A")
    index.add("2", water("丽景花园", 2), "B")
    index.add("3", water("丽景花园", 4), "C")
    index.apart("A", "B")
    index.merge("B", "C")
    assert len({found.event for found in index.match(water("丽景花园", 3))}) == 1
    index.merge("A", "C")
    assert {found.event for found in index.match(water("丽景花园", 3))} == {"C"}


def test_what_is_not_remembered_is_not_moved() -> None:
    index = EventIndex()
    assert not index.move("1", "A")
    for number in range(MEMBERS + 4):
        index.add(str(number), water("丽景花园", number), "A")
    index.merge("Z", "A")
    assert index.move("0", "B")  # the first ones stay
    assert not index.move("3", "B")  # the middle ones make room
    index.add("3", water("丽景花园", 3), "B")
    for number in range(READ_STEP):
        index.place(noise(READ_STEP)[number])
    assert index.move("3", "A")


def test_a_member_added_again_is_moved_and_not_doubled() -> None:
    index = EventIndex()
    index.add("1", water("丽景花园", 0), "A")
    index.add("1", water("丽景花园", 0), "B")
    assert [found.event for found in index.match(water("丽景花园", 1))] == ["B"]
    assert len(index) == 1


def test_many_added_at_once_are_as_one_by_one() -> None:
    posts = [*noise(150), *(water(place, number) for number in range(20) for place in ("丽景花园", "锦绣公馆"))]
    events = EventIndex().place_many(posts)
    one, many = EventIndex(), EventIndex()
    for text, event in zip(posts, events, strict=True):
        one.add(text.id, text, event)
    many.add_many([(text.id, text, event, ()) for text, event in zip(posts, events, strict=True)])
    for text in (water("丽景花园", 21), water("锦绣公馆", 22), *noise(5)):
        assert one.match(text) == many.match(text)
        assert one.match(text)


def test_posts_one_by_one_and_in_batches_get_the_same_events() -> None:
    posts = [*noise(200), *(water(place, number) for number in range(15) for place in ("丽景花园", "锦绣公馆"))]
    posts.sort(key=lambda text: (text.posted_at or START, text.id))
    one, other = EventIndex(), EventIndex()
    by_one = [one.place(text) for text in posts]
    ragged = [event for begin in range(0, len(posts), 77) for event in other.place_many(posts[begin : begin + 77])]
    assert by_one == EventIndex().place_many(posts) == ragged
    assert 10 < len(set(by_one)) < len(posts)
