"""Advice to another poster is no request to a public body; a demand to the office is one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from nlp.advice import without_advice
from nlp.judge import Judge
from nlp.replies import REPLY_FEATURES, reply_features
from store.records import Text
from tests.costs import growth

ADVICE = (
    ("独居老人两天没开门，敲也没人应", "赶紧报警让开锁的来"),
    ("独居老人两天没开门，敲也没人应", "快打110，别在这发帖了"),
    ("独居老人两天没开门，敲也没人应", "先找社区，网格员有子女电话"),
    ("独居老人两天没开门，敲也没人应", "赶快报警吧，人命关天"),
    ("工地欠我三个月工资", "直接去劳动监察，带上考勤"),
    ("工地欠我三个月工资", "建议走法律途径，申请仲裁不要钱"),
    ("工地欠我三个月工资", "你可以打12345投诉老板"),
    ("工地欠我三个月工资", "赶紧起诉，拖过一年就难了"),
    ("路口井盖没了", "打12345，半天就来人盖上了"),
    ("路口井盖没了", "赶紧打城管电话，掉下去就出大事"),
    ("路口井盖没了", "你先报警，让交警放个锥桶"),
    ("楼上漏水泡了我家天花板", "找物业要说法，他们收了钱的"),
    ("楼上漏水泡了我家天花板", "建议你起诉，漏水这种官司好打"),
    ("楼上漏水泡了我家天花板", "可以报警，警察会上门调解"),
    ("楼上漏水泡了我家天花板", "楼主赶紧联系物业关总阀"),
    ("燃气味道很重", "马上打燃气公司，别开灯"),
    ("燃气味道很重", "快叫消防，爆炸就完了"),
    ("被中介骗了押金", "立刻报警，转账记录留好"),
    ("被中介骗了押金", "报警啊，这是诈骗"),
    ("被中介骗了押金", "举报他，市监局会罚"),
    ("饭店吃坏肚子", "打12315，假一赔十"),
    ("饭店吃坏肚子", "建议楼主向市监局投诉，留好小票"),
    ("孩子被同学打了", "找校长，班主任只会和稀泥"),
    ("孩子被同学打了", "赶紧报警验伤，别私了"),
    ("培训班跑路", "大家都去报案，人多才立案"),
    ("培训班跑路", "你们一起去派出所报案吧"),
    ("夜里施工吵死人", "你打环保局投诉，一打就停"),
    ("夜里施工吵死人", "直接报警，警察来了就消停"),
)
DEMAND = (
    ("独居老人两天没开门，敲也没人应", "社区赶紧派人来开门看看"),
    ("独居老人两天没开门，敲也没人应", "阿婆还没出来，赶紧来人啊"),
    ("楼道灯坏了", "赶紧派人来修"),
    ("楼道灯坏了", "赶紧来修，我妈昨天摔了"),
    ("路口井盖没了", "打12345三天了没人来，我儿子差点掉进去"),
    ("路口井盖没了", "报警也没用，到底归谁管"),
    ("路口井盖没了", "交警快来放个锥桶"),
    ("工地欠我三个月工资", "我也被欠两个月，赶紧查查这个老板"),
    ("工地欠我三个月工资", "去劳动监察跑了四趟，没人管"),
    ("工地欠我三个月工资", "可以打12345吗，我也没拿到"),
    ("燃气味道很重", "我们这幢也闻到了，打燃气公司没人接"),
    ("燃气味道很重", "赶紧派人来查，老人头痛了"),
    ("被中介骗了押金", "我报警了，派出所说是纠纷不立案"),
    ("被中介骗了押金", "该找哪个部门投诉"),
    ("饭店吃坏肚子", "先打12315没人接，又打12345叫我等，谁来管管"),
    ("夜里施工吵死人", "城管几点下班，能不能派个人夜里来"),
    ("培训班跑路", "找教育局，教育局推给市监，我的八千块找谁"),
)


def flagged(judge: Judge, pairs: Sequence[tuple[str, str]]) -> list[str]:
    found = judge.assess([Text(id=body, body=body, thread_title=title) for title, body in pairs])
    return [body for (_title, body), one in zip(pairs, found, strict=True) if one.flag]


def test_advice_to_another_poster_is_not_flagged(judge: Judge) -> None:
    assert flagged(judge, ADVICE) == []


def test_a_demand_stays(judge: Judge) -> None:
    # all of them with the weights these were written beside
    assert len(flagged(judge, DEMAND)) >= len(DEMAND) - 2


@pytest.mark.parametrize(
    ("reply", "beside"),
    [
        ("赶紧报警让开锁的来", ""),
        ("我建议你打12345", ""),
        ("打12345啊，光在这说有啥用", "，光在这说有啥用"),
        ("快叫消防，爆炸就完了", "，"),
        ("柴火间烧起来了，快叫消防", "柴火间烧起来了，"),
        ("你可以打12345，我家也停了三天", "，我家也停了三天"),
    ],
)
def test_what_a_reply_says_beside_its_advice(reply: str, beside: str) -> None:
    assert without_advice(reply) == beside


@pytest.mark.parametrize(
    "reply",
    [
        *("赶紧派人来修", "快来人", "请街道赶紧联系物业处理", "你们赶紧联系物业", "交警快来"),  # to the office
        *("可以报警吗", "要不要报警？", "投诉电话是多少", "该找哪个部门"),  # questions
        *("我报警了", "报警了没人来", "找街道，说名单已报", "打12345，没人接", "找物业，他们推给社区"),  # what was done
        *("报警，民警来了拍了照", "快打12345让他们来修我家门口的灯", "打12345。三天了"),
        *("建议交警来管管", "建议社区加装路灯", "建议12345的热线多开几路", "建议打12345的热线多开几路", "投诉无门", "报警没用"),
    ],
)
def test_what_is_no_advice(reply: str) -> None:
    assert without_advice(reply) is None


def test_advice_takes_the_evidence_of_its_own_words_only() -> None:
    def features(reply: str) -> dict[str, float]:
        return dict(zip(REPLY_FEATURES, reply_features(reply, 2.0, 1.0), strict=True))

    advice, own = features("赶紧找物业要说法"), features("赶紧找物业要说法，我家泡了三天没人管")
    assert (advice["score"], advice["demand"], advice["own evidence"]) == (0.0, 0.0, 0.0)
    assert advice["advice"] > 0
    assert (own["score"], own["own evidence"]) == (2.0, 1.0)


@pytest.mark.parametrize("words", ["快", "赶紧打", "建议你", "打12345", "找物业，", "你可以赶紧先去找", "就会"])
def test_no_reply_takes_long(words: str) -> None:
    assert growth(lambda times: (without_advice(words * times), reply_features(words * times, 1.0, 1.0)), 300) < 8.0
