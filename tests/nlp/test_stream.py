from __future__ import annotations

import io
import json

import pytest

from nlp.events import EventIndex
from nlp.judge import BATCH, BATCH_CHARACTERS, Judge, batches
from nlp.stream import EVENT_BATCH, assess_lines, events_lines, read_line
from tests.costs import seconds
from tests.nlp.texts import BAD


def test_assess_keeps_the_order_and_names_bad_lines(judge: Judge) -> None:
    lines = [
        '{"id":"a","title":"路灯坏了好几天没人修","body":""}',
        "not json",
        '{"id":"b","body":"哈哈哈哈笑死我了","posted_at":"2026-11-22T09:15:00+08:00"}',
        "[1,2]",
        '{"title":"没有 id"}',
        '{"id":"c","title":5}',
        '{"id":"d","title":"x","posted_at":"昨天"}',
        '{"id":"e"}',
        "",
        '{"id":7,"title":"\\ud83d停水了没人管"}',
    ]
    out = io.StringIO()
    refused = assess_lines(lines, out, judge)
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert refused == 6
    assert [row.get("id") for row in rows] == ["a", "", "b", "", "", "c", "d", "e", "7"]
    assert [row["line"] for row in rows if "error" in row] == [2, 4, 5, 6, 7, 8]
    first = rows[0]
    wanted = "id needs_response flag category topic topics department level places reasons model"
    assert set(first) >= set(wanted.split())
    assert first["flag"] is True
    assert 0 <= first["needs_response"] <= 1
    assert set(first["reasons"][0]) >= {"text", "weight"}
    assert rows[2]["flag"] is False


def test_bad_input_gives_a_row_each_in_bounded_time(judge: Judge) -> None:
    rows = [{"id": str(number), "title": bad, "body": bad, "thread_title": bad} for number, bad in enumerate(BAD)]
    lines = [json.dumps(row).encode() for row in rows]
    lines += [json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass") for row in rows]
    out = io.StringIO()
    assert assess_lines(lines, out, judge) == 0
    # 20 MB in all; a line of 1 MB is read and judged in some 15 ms
    assert seconds(lambda: assess_lines(lines, io.StringIO(), judge), 2.0) < 2.0
    found = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [row["id"] for row in found] == [row["id"] for row in rows] * 2
    assert all(0.0 <= row["needs_response"] <= 1.0 for row in found)


@pytest.mark.slow
def test_assess_reads_bytes_and_more_than_a_batch(judge: Judge) -> None:
    titles = (f"第{number}个路灯坏了没人修" for number in range(1_200))
    lines = [json.dumps({"id": str(number), "title": title}).encode() for number, title in enumerate(titles)]
    lines[0] = b"\xef\xbb\xbf" + lines[0]
    out = io.StringIO()
    assert assess_lines(lines, out, judge) == 0
    assert [json.loads(line)["id"] for line in out.getvalue().splitlines()] == [str(number) for number in range(1_200)]


def test_what_the_fast_reader_refuses_is_read_by_the_patient_one(judge: Judge) -> None:
    lines = [
        b'{"id":123456789012345678901234567890,"title":"x"}',
        b'{"id":"cut","title":"\xe5\x81\x9c\xe6\xb0"}',
        b'{"id":"half","title":"\\ud83d"}',
        b'{"id":"wide","title":"x","score":NaN}',
        b'{"id":1.5,"title":"x"}',
        b'{"id":"deep","title":' + b"[" * 200_000,
    ]
    out = io.StringIO()
    assert assess_lines(lines, out, judge) == 2
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [row["id"] for row in rows] == ["123456789012345678901234567890", "cut", "half", "wide", "", ""]
    assert [row["line"] for row in rows if "error" in row] == [5, 6]


def test_a_reason_with_half_a_character_is_written_escaped(judge: Judge) -> None:
    out = io.StringIO()
    assess_lines(['{"id":"\\ud83d","title":"停水三天了没人管，请问什么时候来水"}'], out, judge)
    assert out.getvalue().isascii()
    assert json.loads(out.getvalue())["id"] == "\ud83d"


def test_an_empty_stream_gives_nothing(judge: Judge) -> None:
    out = io.StringIO()
    assert assess_lines([], out, judge) == 0
    assert out.getvalue() == ""


def test_events_gives_each_post_its_event() -> None:
    lines = [
        '{"id":"1","title":"金鸡小区停水三天","body":"水管爆了","posted_at":"2026-11-22T09:15:00+08:00"}',
        "{",
        '{"id":"2","title":"出售二手沙发","body":"九成新","posted_at":"2026-11-22T10:15:00+08:00"}',
        '{"id":"3","title":"金鸡小区还在停水","body":"水管爆了三天没修","posted_at":"2026-11-22T23:15:00+08:00"}',
    ]
    out = io.StringIO()
    assert events_lines(lines, out, EventIndex()) == 1
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [row["id"] for row in rows] == ["1", "", "2", "3"]
    assert rows[1]["line"] == 2
    assert rows[0] == {"id": "1", "event": "2026-1122-01"}
    assert rows[2]["event"] == "2026-1122-02"
    assert rows[3]["event"] == "2026-1122-01"


def test_events_of_a_long_stream_are_those_of_one_post_at_a_time() -> None:
    names = ("金鸡小区", "翠湖花园", "紫荆公寓", "望海大厦", "凤鸣家园", "龙泉新村")
    matters = ("停水三天没人修", "垃圾没人清运", "夜里施工吵得睡不着", "电梯又坏了")
    lines = [
        json.dumps(
            {
                "id": str(n),
                "title": f"{names[n % 6]}{matters[n // 7 % 4]}",
                "body": f"第{n}次反映",
                "posted_at": "2026-11-22T09:15:00+08:00",
            }
        )
        for n in range(EVENT_BATCH + 100)
    ]
    lines.insert(EVENT_BATCH - 1, "{")
    out, one = io.StringIO(), EventIndex()
    assert events_lines(lines, out, EventIndex()) == 1
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert rows[EVENT_BATCH - 1]["error"]
    assert [row["event"] for row in rows if "event" in row] == [one.place(read_line(line)) for line in lines if line != "{"]
    assert 6 <= len({row["event"] for row in rows if "event" in row}) < 200


def test_batches_hold_every_post_once_and_end_at_so_many_posts_or_characters() -> None:
    for lengths in ([], [5], [1] * (2 * BATCH + 3), [BATCH_CHARACTERS] * 3, [BATCH_CHARACTERS // 4] * 9, [0] * BATCH, [10**6, 1, 1]):
        found = list(batches(lengths))
        assert [number for one in found for number in range(len(lengths))[one]] == list(range(len(lengths)))
        for one in found:
            assert 0 < len(lengths[one]) <= BATCH
            assert sum(lengths[one][:-1]) < BATCH_CHARACTERS


def test_a_stream_of_several_batches_is_judged_like_each_post_alone(judge: Judge) -> None:
    bodies = ["小区停水三天没人管", "水" * (BATCH_CHARACTERS - 9), "周末去哪玩，哈哈"] * 2 + [f"路灯坏了{n}天" for n in range(3)]
    lines = [json.dumps({"id": str(n), "title": "说一下", "body": body}) for n, body in enumerate(bodies)]
    together, alone = io.StringIO(), io.StringIO()
    assert assess_lines(lines, together, judge) == 0
    for line in lines:
        assess_lines([line], alone, judge)
    assert together.getvalue() == alone.getvalue()
