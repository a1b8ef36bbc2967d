"""What a forum's page says around its posts, in texts that were pasted or imported with it: counters, buttons, dates, file names.

None of it is evidence of anything, and a short complaint drowns in it. It is blanked, character by character, so that every offset
into the text stays what it was. Only whole lines that hold nothing else go, and spans that no sentence holds (本帖最后由 … 编辑); a
citizen's sentence that merely has such a word stays, and so does a text that is nothing else.
"""

from __future__ import annotations

import re

_DAY = (
    r"(?:(?:19|20)?\d\d[-/.]\d{1,2}[-/.]\d{1,2}|(?:19|20)\d\d ?年 ?\d{1,2} ?月 ?\d{1,2} ?日|[昨前今]天"
    r"|半小时前|\d{1,3} ?(?:秒|分钟|小时|天|个月|年)前)"
)
_WHEN = rf"{_DAY}(?:\s{{0,3}}\d{{1,2}}:\d\d(?::\d\d)?)?"
_FILE = r"[\w\-]{1,60}\.(?:jpe?g|png|gif|bmp|webp|heic|mp4|pdf|docx?|xlsx?|zip|rar)"
_VIEWS = r"(?:显示全部(?:楼层|帖子)|只看(?:该作者|楼主|大图)|[倒正]序浏览|阅读模式)"
_LOGIN = r"您需要\s?登[录陆]后?才(?:可以|能)(?:回帖|发帖|回复|浏览|下载或(?:者)?查看(?:附件)?|下载|查看(?:附件|图片)?)"

#: spans that go wherever they stand
_SPANS = re.compile(
    rf"\[?\s?[本此][帖贴](?:最后由|被)\s?[^\n]{{1,40}}?\s?[于在]\s?{_WHEN}\s?(?:重新)?编辑\s?\]?"
    r"|\[复制链接\]|\[attach\]\d+\[/attach\]"
    rf"|(?<![\w\-]){_FILE}\s{{0,3}}[(（][^()（）\n]{{0,40}}下载次数[:：]\s?\d+[)）]"
    rf"|发表于[:：]?\s?{_WHEN}(?:\s?[|｜]\s?{_VIEWS})+"
    r"|查看[:：]\s?\d+\s?[|｜]\s?回复[:：]\s?\d+"
    r"|页[:：]\s?\[\d+\](?:\s?\[?\d+\]?)*"
    r"|查看完整版本[:：]"
    r"|(?<=\s)来自[:：]?\s?[A-Za-z\u4e00-\u9fff]{0,8}客户端(?=[ \t\r]*(?:\n|\Z))",
    re.IGNORECASE,
)
#: parts of a line that make it one of the page's when nothing but such parts stands in it
_STRONG = re.compile(
    rf"(?:^\s*(?:\[?楼主\]?[\s|｜]*)?[^\s，。！？,!?;；]{{1,16}}\s+)?发表于[:：]?\s?{_WHEN}"
    rf"|{_VIEWS}|{_LOGIN}|查看[:：(（ ]\s?\d+|电梯直达|楼主\s?[|｜]|使用道具|举报本楼|本帖子中包含更多资源|本楼含有高级字体"
    r"|分享到[:：]?(?:\s?(?:微信好友|微信|朋友圈|新浪微博|腾讯微博|微博|QQ空间|QQ好友|QQ|人人网|豆瓣|更多))*"
    r"|来自[:：]?\s?[A-Za-z\u4e00-\u9fff]{0,8}?\s?(?:手机客户端|客户端|手机)"
    r"|签到天数[:：]?\s?\d+\s?天(?:\s?\[LV\.\w{1,8}\]\S{0,10})?|UID[:：]?\s?\d+"
    rf"|^\s*{_FILE}\s*(?:[(（]\s?[\d.]+\s?[KM]?B\s?[)）]\s*)?$",
    re.IGNORECASE,
)
#: parts that do so when at least two of them stand there
_WEAK = re.compile(
    rf"楼主|点评|举报|引用|收藏|分享|评分|支持|反对|\[打印\]|(?:注册时间|最后登录)[:：]?\s?{_WHEN}|登[录陆]|(?:立即|免费)?注册"
    r"|没有[帐账][号户][?？]?|附件[:：]|返回列表|[上下]一(?:主题|篇)"
    r"|(?:回复|浏览|阅读|人气|帖子|主题|精华|积分|威望|金币|阅读权限|在线时间)[:：(（]?\s?\d+|[顶踩赞]\s?[(（]\d+[)）]|回复|\d{1,5}\s?[楼#]"
)
#: what may stand between the parts
_BETWEEN = re.compile(r"[\s|｜/·•▲▼◆■↑↓→*#>＞<＜\[\]【】()（）:：,，。_\-—–\d]*")
#: longer lines are sentences
_LINE = 120
#: what a forum mixes in between its lines to spoil copies, ASCII characters in ones and twos: `; H3 h0 p6 D`
_NOISE = re.compile(r"(?<![!-~])(?:[!-~]{1,2} +){3,40}[!-~]{0,2}(?![!-~])")
_SIGN = re.compile(r"[!-/:-@\[-`{-~]")
#: so many different signs make a run of short ASCII words noise: 1# 2# A B is none
_SIGNS = 3
_WORD = re.compile(r"\w")

#: (firsts, seconds): a text in which no first stands right before a second of its own row is left as it is. The strong parts have such
#: a pair, or stand beside one that has (序浏, 梯直, 帖最, 载次, …; 表于, 只看, …; 看:, 页:); noise has a sign before a space. Of
#: other posts one in a hundred has, of long letters one in ten.
PAIRS = (
    ("序梯帖贴载户制整级道读要自", "浏直最次端链版字具模登手"),
    ("表只示享主签", "于看全到|｜"),
    ("看页帖!$%&'(*+-/;", " :：(（被"),
)
_MARKED = re.compile("|".join(f"[{re.escape(firsts)}][{re.escape(seconds)}]" for firsts, seconds in PAIRS))

#: what no strong part or span is without: of the texts with such a pair only those with one of these, or noise, are read closely
_PARTS = re.compile(
    "发表于|查看[:：(（ ]|序浏览|阅读模式|只看|显示全部|本帖最后|本帖被|此帖最后|此帖被|本贴最后|本贴被|此贴最后|此贴被"
    "|页[:：]|完整版本|需要登|需要 登"
    "|电梯直达|楼主[|｜]|楼主 [|｜]|分享到|下载次数|客户端|复制链接|使用道具|举报本楼|更多资源|高级字体|签到天数|来自手机|来自 手机"
)


#: what no span is without: the patterns themselves cost tens of times as much
_IN_SPANS = re.compile(
    r"[本此][帖贴][最被]|\[复制链接|\[[Aa][Tt][Tt][Aa][Cc][Hh]|下载次数|发表于[:：]?\s?[\d昨前今半]|查看[:：]|页[:：]|查看完整|客户端"
)
#: what the parts of a line that hold names or words of their own are not without; in all others stand these Chinese characters only
_NAMED = re.compile(r"发表于|来自|签到天数|\.[A-Za-z]")
_FOREIGN = re.compile(f"(?![{''.join(sorted(set(re.findall('[一-鿿]', _STRONG.pattern + _WEAK.pattern))))}])[一-鿿]")
#: noise holds so many spaces at least
_SPACES = 3


def unfurnished(text: str) -> str:
    """The text with the page's furniture blanked, of the same length; the text itself when there is none."""
    if not _MARKED.search(text) or not (_PARTS.search(text) or (text.count(" ") >= _SPACES and _NOISE.search(text))):
        return text
    cut = _SPANS.sub(_blank, text) if _IN_SPANS.search(text) else text
    if cut.count(" ") >= _SPACES:
        cut = _NOISE.sub(_blank_noise, cut)
    lines = cut.split("\n")
    strong, weak = zip(*map(_parts, lines), strict=True)
    if any(strong) or cut != text:
        # beside other furniture a row of buttons is furniture, too
        cut = "\n".join(" " * len(line) if a or b else line for line, a, b in zip(lines, strong, weak, strict=True))
    return cut if cut != text and _WORD.search(cut) else text


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _blank_noise(found: re.Match[str]) -> str:
    return _blank(found) if len(set(_SIGN.findall(found[0]))) >= _SIGNS else found[0]


def _parts(line: str) -> tuple[bool, bool]:
    """Whether the line is made of furniture with a strong part, or of weak parts alone."""
    if not 1 < len(line.strip()) <= _LINE or len(line) > 2 * _LINE or (_FOREIGN.search(line) and not _NAMED.search(line)):
        return False, False
    rest, strong = _STRONG.subn("", line)
    rest, weak = _WEAK.subn("", rest)
    if not (strong or weak > 1) or not _BETWEEN.fullmatch(rest):
        return False, False
    return strong > 0, strong == 0
