"""A repost is judged as a whole, or by what its last writer says himself, whichever is more."""

from __future__ import annotations

import pytest

from nlp.judge import Judge
from nlp.reading import own_words
from store.records import Text
from tests.costs import seconds

NOTICE = "//@江城生态环境:【空气质量】我市今日空气质量指数为41，首要污染物无，适宜户外活动。"
COMPLAINT = "化工园又偷排了，臭得全家睡不着，打12369没人接，到底谁来管"
TOLD = "//@老陈:东门桥的护栏断了半个月，晚上骑车看不见，投诉三次没人修"


def judged(judge: Judge, body: str) -> float:
    return judge.assess([Text(id="1", body=body)])[0].needs_response


@pytest.mark.parametrize(
    ("body", "own"),
    [
        (f"{COMPLAINT} {NOTICE}", COMPLAINT),
        (f"谁来修一下//@小强:转发{TOLD}", "谁来修一下"),
        (NOTICE, ""),
        (f"唉 {TOLD}", ""),
        ("@江城发布 路灯坏了", ""),
        ("看 http://a.cn/@b 的公告", ""),
        ("http://a.cn:80/x 打不开//@政务服务:一网通办", "http://a.cn:80/x 打不开"),
        ("", ""),
        ("//", ""),
        ("//@" * 1_000, ""),
    ],
)
def test_own_words(body: str, own: str) -> None:
    assert own_words(body) == own


def test_a_complaint_over_an_offices_notice_is_flagged(judge: Judge) -> None:
    assert judge.assess([Text(id="1", body=f"{COMPLAINT} {NOTICE}")])[0].flag


@pytest.mark.parametrize("own", ["支持", "点赞，蓝天回来了", "今天带娃去放风筝", "转发微博", "哈哈哈哈哈", "辛苦了各位"])
def test_a_notice_passed_on_with_agreement_is_not_flagged(judge: Judge, own: str) -> None:
    assert not judge.assess([Text(id="1", body=f"{own} {NOTICE}")])[0].flag


@pytest.mark.parametrize("own", ["唉", "是的", "真的是这样的"])
def test_what_is_passed_on_with_a_sigh_counts_as_a_whole(judge: Judge, own: str) -> None:
    assert judge.assess([Text(id="1", body=f"{own}{TOLD}")])[0].flag


def test_own_words_only_ever_add(judge: Judge) -> None:
    # the same words without what makes them a repost
    for own in (COMPLAINT, "支持一下", "今天带娃去放风筝"):
        for passed_on in (NOTICE, TOLD):
            assert judged(judge, f"{own} {passed_on}") >= judged(judge, f"{own} {passed_on.replace('//', '/ ')}") - 0.02


def test_alone_and_in_a_batch_give_the_same_bits(judge: Judge) -> None:
    bodies = [
        f"{own} {passed_on}" for own in (COMPLAINT, "支持一下", "", "\ud800乱码", "停" * 9_000) for passed_on in (NOTICE, TOLD, "//@", "")
    ]
    texts = [Text(id=str(number), body=body, thread_title="停水三天" * (number % 3 == 0)) for number, body in enumerate(bodies * 2)]
    assert judge.assess(texts) == [judge.assess([text])[0] for text in texts]


def test_no_chain_takes_long(judge: Judge) -> None:
    text = Text(id="1", body="停水三天没人管" + "//@甲:转发" * 100_000)
    assert seconds(lambda: judge.explain(text), 0.3) < 0.3
