from __future__ import annotations

import json

import pytest

from nlp.evaluation.figures import Wish, by_group, figures, worst
from nlp.evaluation.labelled import Judged, Refused, judged_lines, read_labelled
from nlp.judge import Judge
from nlp.stream import LineError


def line(**fields: object) -> str:
    return json.dumps({"id": "1", "title": "路灯坏了没人修", "body": ""} | fields, ensure_ascii=False)


def judged(label: int | None, score: float, *, id: str = "x", source: str = "s", topic: str | None = None, found: str = "") -> Judged:
    return Judged(
        id=id,
        source=source,
        board="b",
        shown="…",
        label=label,
        score=score,
        threshold=0.5,
        flag=score >= 0.5,
        topic=topic,
        topic_found=found,
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "没有标签"),
        ({"needs_response": "1"}, "0 或 1"),
        ({"needs_response": 2}, "0 或 1"),
        ({"needs_response": 0.5}, "0 或 1"),
        ({"needs_response": float("nan")}, "0 或 1"),
        ({"topic": 3}, "topic"),
        ({"needs_response": 1, "source": ["a"]}, "source"),
        ({"needs_response": 1, "title": 5}, "title"),
    ],
)
def test_a_line_without_usable_labels_is_refused(fields: dict[str, object], told: str) -> None:
    with pytest.raises(LineError, match=told):
        read_labelled(line(**fields))


def test_labels_are_read_as_they_stand() -> None:
    row = read_labelled("\ufeff" + line(needs_response=True, topic="", source=" 论坛 "))
    assert (row.needs_response, row.topic, row.source) == (1, "", "论坛")
    assert read_labelled(line(topic="环境保护")).needs_response is None
    assert read_labelled(line(needs_response=0.0)).source == "-"


def test_lines_are_judged_in_order_and_the_bad_named_by_number(judge: Judge) -> None:
    lines = [line(needs_response=1), "no json", "", line(id="2", needs_response=0, title="哈哈"), line(id="3"), b"\xff\xfe"]
    found = list(judged_lines(lines, judge))
    assert [(one.line, one.id) for one in found if isinstance(one, Refused)] == [(2, ""), (5, "3"), (6, "")]
    rows = [one for one in found if isinstance(one, Judged)]
    assert [row.id for row in rows] == ["1", "2"]
    assert rows[0].flag
    assert rows[0].score > rows[1].score


def test_lone_surrogates_and_long_texts_are_shown_short_and_whole(judge: Judge) -> None:
    (row,) = judged_lines(['{"id":"\\ud83d","title":"\\ud83d停水' + "长" * 80 + '","needs_response":1}'], judge)
    assert isinstance(row, Judged)
    assert len(row.shown) == 41
    row.shown.encode()
    row.id.encode()


def test_groups_then_the_total() -> None:
    rows = [
        *(judged(1, 0.9 - n / 100, id=f"p{n}", source="both") for n in range(8)),
        *(judged(1, 0.3, id=f"m{n}", source="both") for n in range(2)),
        *(judged(0, 0.1 + n / 100, id=f"n{n}", source="both") for n in range(9)),
        judged(0, 0.95, id="alarm", source="both"),
        *(judged(0, 0.2, id=f"o{n}", source="news") for n in range(4)),
        judged(None, 0.4, source="topics", topic="环境保护", found="环境保护"),
        judged(None, 0.4, source="topics", topic="", found="环境保护"),
    ]
    found = dict(by_group(rows, lambda row: row.source, Wish(recall=0.8, budget=90, per_day=1000)))
    assert list(found) == ["both", "news", "topics", "total"]
    both, news, topics = found["both"], found["news"], found["topics"]
    assert (both["n"], both["positives"], both["precision"], both["recall"], both["false_alarms"]) == (20, 10, 0.8889, 0.8, 0.1)
    assert both["precision_weighted"] == pytest.approx(0.04 / (0.04 + 0.095), abs=1e-4)
    assert both["for_recall"]["threshold"] == pytest.approx(0.83)
    assert both["for_budget"] is None, "the highest score alone flags 95 of 1,000"
    assert [one["id"] for one in both["worst"]] == ["alarm", "m0", "m1"]
    assert (news["recall"], news["false_alarms"], news["auc"], news["for_recall"]) == (None, 0.0, [None, None, None], None)
    assert (topics["positives"], topics["calibration_error"], topics["topic_accuracy"]) == (0, None, 0.5)
    assert found["total"]["n"] == len(rows)
    assert found["total"]["topic_n"] == 2


def test_the_budget_is_met_at_the_weighting() -> None:
    rows = [judged(1, 0.9 - n / 1000, id=f"p{n}") for n in range(100)] + [judged(0, 0.85 - n / 1000, id=f"n{n}") for n in range(500)]
    cut = figures(rows, Wish(budget=100, per_day=1000))["for_budget"]
    assert cut["flagged_weighted"] <= 0.1
    assert cut["flagged_weighted"] > 0.097
    assert (cut["budget"], cut["per_day"]) == (100, 1000)


def test_only_errors_are_worst_and_only_so_many() -> None:
    rows = [judged(1, 0.9), judged(0, 0.1), judged(0, 0.6, id="a"), judged(1, 0.1, id="b"), judged(None, 0.9)]
    assert [row.id for row in worst(rows, 20)] == ["b", "a"]
    assert [row.id for row in worst(rows, 1)] == ["b"]
