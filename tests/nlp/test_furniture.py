"""Page furniture is left out of what the judge reads; sentences are not, and every offset stays."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.furniture import unfurnished
from nlp.grams import Grams, build_normaliser
from nlp.judge import Judge
from nlp.reading import clean, clean_all, clean_with_offsets
from store.records import Text
from tests.costs import seconds

GRAMS = Grams(build_normaliser())

LINES = (
    "查看: 504|回复: 0",
    "查看 1044 | 回复 31\u3000<上一主题|下一主题>",
    "发表于 2026-5-1 21:38 | 显示全部楼层 |阅读模式",
    "发表于 3 天前 | 只看该作者 |倒序浏览",
    "六桥水手 发表于 2026-2-9 20:06",
    "楼主 | 发表于 2026/10/30 19:02:11 | 浏览(418) 回复(6)",
    "[楼主] 小区某人\u3000发表于：26-11-05 22:31",
    "发表于 2026-11-2 07:58:12 来自安卓客户端",
    "电梯直达 楼主",
    "楼主|",
    "本帖最后由 山里人 于 2026-11-9 06:02 编辑",
    "[此帖被 塘主老洪 在 2026-10-27 08:20 重新编辑]",
    "页: [1] 2 3",
    "您需要登录后才可以回帖 登录 | 立即注册",
    "附件：您需要登录才可以下载或查看，没有帐号？注册",
    "IMG_0091.jpg (886 KB, 下载次数: 41)",
    "20261022_0713.jpg (1.2 MB, 2026-10-22 07:13 上传, 下载次数: 3)",
    "点评\u3000举报\u3000使用道具\u3000收藏1",
    "点评 回复 支持 反对 使用道具 举报",
    "本帖子中包含更多资源 您需要登录才可以下载或查看",
    "▲分享到朋友圈\u3000▲举报本楼",
    "分享到: QQ好友 QQ空间 微信",
    "签到天数: 56 天 [LV.5]常住居民I",
    "来自手机客户端",
)
SENTENCES = (
    "我发表于去年的帖子到现在没有人回复",
    "新装的电梯直达三楼，二楼的老人怎么办",
    "查看监控要等七天，回复说权限不够",
    "查看: 监控要等七天",
    "您需要登录后才可以预约，可是登录了又说密码错",
    "楼主说得对，这条路我也走过",
    "举报有人偷倒泥浆",
    "举报\u3000投诉",
    "这张图下载次数多，请分享到各个群里",
    "短信说来自手机客户端的申请一律不收",
    "阅读模式下看不清公示的图",
    "A1 A2 B3 B4 栋都停水",
    "1# 2# 3# 电梯全坏",
    "I am so sad : ( no one can help us here",
    "收到 12345 的短信 2 次, 没有下文",
    "3楼 5楼 都漏水",
    "本帖只说一件事：路灯坏了",
    "照片见附件: 三张",
    "支持，回复 收到",
    "> < T T 求助",
)
PLAIN = ("凉坪一养殖场苍蝇满天飞", "家家户户不敢开窗，投诉了走马观花看一下。")


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_of_the_page_goes(line: str, end: str) -> None:
    for pasted in (f"{PLAIN[0]}\n{line}{end}{PLAIN[1]}", f"{PLAIN[0]}\n{PLAIN[1]}{end}{line}"):
        assert clean(pasted) == " ".join(PLAIN)
        assert len(unfurnished(pasted)) == len(pasted)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_stays(sentence: str) -> None:
    text = f"{PLAIN[0]}\n{sentence}\n{PLAIN[1]}"
    assert unfurnished(text) is text
    # beside furniture, too
    assert clean(f"{text}\n{LINES[0]}\n{LINES[10]}") == clean(text)


@pytest.mark.parametrize(
    ("pasted", "read"),
    [
        ("路塌了十七天[复制链接]\n红绳子拉着", "路塌了十七天 红绳子拉着"),
        ("复式塌了一角\u3000页: [1]\n查看完整版本: 复式塌了一角", "复式塌了一角 复式塌了一角"),
        ("今年又挖。% l, \\% N8 G% H 人行道封完", "今年又挖。 人行道封完"),
        ("池满了\n5 B% p! w& g 晴天发酵，\n雨天漂走: ^; h9 ^. Q)", "池满了 晴天发酵， 雨天漂走"),
        ("查看: 1|回复: 0\n盖子没了\nQQ图片2022.png (402 KB)\n上一篇 下一篇 返回列表", "盖子没了"),
        ("[attach]20931[/attach]\n两家医院说法不一", "[attach]20931[/attach] 两家医院说法不一"),
        ("只看楼主\n[attach]20931[/attach]\n两家医院说法不一", "两家医院说法不一"),
        ("没人管 来自苹果手机客户端", "没人管"),
        ("路灯坏了 发表于 昨天 21:38 | 只看该作者 查看: 5|回复: 0 三天了", "路灯坏了 三天了"),
    ],
)
def test_a_span_of_the_page_goes_wherever_it_stands(pasted: str, read: str) -> None:
    assert clean(pasted) == read


@pytest.mark.parametrize("text", ["楼主", "举报\n", "来自手机客户端", "查看: 5|回复: 0", "\n页: [1]", "发表于 昨天 21:38"])
def test_what_is_nothing_else_is_left_as_it_is(text: str) -> None:
    assert unfurnished(text) is text


def test_a_complaint_in_its_page_is_judged_like_the_complaint_alone(judge: Judge) -> None:
    title, body = "化粪池满到门口有谁管", "六幢楼共用一个池，晴天发酵，雨天漂走。\n物业撤了，社区说没钱抽。"
    pasted = f"查看: 312|回复: 9\n发表于 2026-11-8 21:40 | 只看该作者\n{body}\nIMG_1.jpg (1.2 MB, 下载次数: 3)\n页: [1]"
    alone = judge.explain(Text(id="1", title=title, body=body))
    text = Text(id="2", title=title, body=pasted)
    found = judge.explain(text)
    assert found.needs_response == alone.needs_response
    assert found.topics == alone.topics
    assert [reason.text for reason in found.reasons] == [reason.text for reason in alone.reasons]
    full = f"{title}\n{pasted}"
    spans = [reason for reason in found.reasons if reason.start >= 0]
    assert spans
    for reason in spans:
        shown = full[reason.start : reason.end]
        assert reason.text == shown or f"「{shown}」" in reason.text


_PIECES = [*LINES, *SENTENCES, *PLAIN, "\n", "\r\n", " ", "😂", "\u200b", "\ud800", "\ufdd0", "; H3 h0 p6 D", "水"]


@given(st.lists(st.lists(st.sampled_from(_PIECES), max_size=7).map("".join), min_size=1, max_size=12))
@settings(max_examples=100, deadline=None)
def test_a_batch_is_read_like_each_of_its_texts(texts: list[str]) -> None:
    assert GRAMS.batch(texts).texts() == clean_all(texts) == [clean(text) for text in texts]
    for text in texts:
        cleaned, offsets = clean_with_offsets(text)
        assert cleaned == clean(text)
        assert offsets == sorted(offsets)
        assert offsets[-1] <= len(text)


def test_alone_and_in_a_batch_give_the_same_bits(judge: Judge) -> None:
    texts = [
        Text(id=f"{number}-{turn}", title=title, body=f"{line}\n{PLAIN[1]}\n{line}", thread_title="" if title else f"停水三天\n{line}")
        for number, line in enumerate((*LINES, *SENTENCES))
        for turn, title in enumerate((PLAIN[0], "", line))
    ]
    assert judge.assess(texts) == [judge.assess([text])[0] for text in texts]


@pytest.mark.parametrize(
    "piece", ["发表于 2026-5-1 ", "本帖最后由", "a! b? c; ", "a ", "楼主 | ", "页: [1] ", "x.jpg (", "查看: 1|回复: ", "\n", "来自 ", "1 "]
)
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (8_000 // len(piece))
    assert seconds(lambda: [clean(whole) for whole in (text, f"查看: \n{text}", f"{text}水", text * 100)], 0.5) < 0.5


_MORE = [*_PIECES, "，张三 发表于 3 天前", "图1.jpg", "来自 我", "查看:", "编辑", "1楼 举报"]


@given(st.lists(st.sampled_from(_MORE), max_size=7).map("".join))
@settings(max_examples=150, deadline=None)
def test_what_is_looked_for_first_changes_nothing(text: str) -> None:
    found = unfurnished(text)
    with pytest.MonkeyPatch.context() as patch:
        # now all patterns are tried in full
        patch.setattr("nlp.furniture._IN_SPANS", re.compile(""))
        patch.setattr("nlp.furniture._FOREIGN", re.compile("(?!)"))
        patch.setattr("nlp.furniture._SPACES", 0)
        assert unfurnished(text) == found
