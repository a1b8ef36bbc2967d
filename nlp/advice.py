"""Advice in replies: one poster tells another where to turn. It names police, hot line and offices, and asks none of them for anything.

A clause of advice has a way to turn to somebody (报警, 打12345, 找物业) that the reader is told to take: after an urging word that nobody
stands before but the reader (赶紧报警, 你可以打12315, 建议楼主找律师), or as the whole clause (报警吧). Who tells what he did (报警了),
asks (可以报警吗), speaks of himself in it (打12345来修我家的) or to an office (你们赶紧联系物业, 赶紧派人来修) gives no advice.
"""

from __future__ import annotations

import re

_BODIES = (
    r"(?:物业|社区|居委会?|业委会|村里|村委会?|村干部|街道|镇里|政府|城管|交警|警察|派出所|公安局?|消防\w?|律师|法律援助|法院|仲裁\w?|信访\w?"
    r"|劳动(?:局|监察|仲裁)|人社局?|社保局?|医保局?|教育局|环保局?|卫健[委局]?|住建局?|房管局?|工商局?|市监局?|市场监管\w?|消协|消保委|工会"
    r"|媒体|记者|电视台|供电[局所]?|电力公司|水务|自来水公司|燃气公司|平台|客服|开锁的?|锁匠|救护车|拖车|保险公司?|班主任|校长|学校|老板|房东|厂家|商家)"
)
_WAY = (
    rf"(?:报警|报案|报110|起诉|上访|仲裁|走法律\w{{0,2}}|投诉(?!电话|渠道|平台|处|箱|热线|无)|举报(?!电话|渠道|箱|有奖)"
    rf"|拨?打(?:[19]\d{{2,4}}(?!\d)|市长\w{{0,2}}|热线|投诉电话|{_BODIES}|电话给{_BODIES})|拨[19]\d{{2,4}}(?!\d)"
    rf"|(?:申请|向|跟|找|去|叫|喊|联系|问)(?:一下|当地的?|属地的?|你们?的?|那边的?)?{_BODIES})"
)
_TURN = re.compile(_WAY)
_URGE = r"(?:赶紧|赶快|快点儿?|快|马上|立刻|立马|抓紧|早点|先|直接|可以|应该|还是|要不|不如|最好|不妨|建议|得|就|再|去|来)"
_READER = r"(?:你(?!们)|楼主|亲|兄弟|大哥|大姐|姐妹|阿姨|老乡)"
_ADVICE = re.compile(
    rf"(?:我建议|那|这种事?|这个|所以)?(?:{_READER}{_URGE}{{0,3}}|{_URGE}{{1,3}}){_READER}?{_URGE}{{0,2}}{_WAY}(?![了过的]).{{0,16}}"
    rf"|(?:你们|大家)(?:可以|都)?一起{_URGE}?{_WAY}(?![了过的]).{{0,6}}"
    rf"|{_WAY}(?:要说法|要个说法|处理|解决|问问|看看|试试|验伤)?(?:[吧啊呀哦呗嘛]|去|最快|最管用)"
)
#: the same without a word that tells it from the beginning of a story; it opens the reply, and no story goes on behind it
_BARE = re.compile(rf"{_WAY}(?:要说法|要个说法|处理|解决|问问|看看|试试|验伤)?")
_STORY = re.compile(
    rf"[，。,\s]*(?:他们?|她|人家)?(?:说|讲|答|回|推|叫|让|又|也|还|都|不|没|无|结果|一直|占线|民警|经理|电话|[0-9一二两三四五六七八九十几半]|{_BODIES})"
)
#: why the advice should be taken: what else may come
_REASON = re.compile(r".{1,8}[就会](?:要?出大?事|完了|晚了|难了?|麻烦了?|来不及|没命|没救).{0,3}")
#: what those it names are to do then
_PURPOSE = re.compile(rf"(?:让|叫|请|喊)(?:他们|人家|{_BODIES})[^我咱俺吗么了过?？]{{1,12}}")
#: a clause with one of these asks, tells what was done, or is about its writer
_NO_ADVICE = re.compile(r"[我咱俺]|[吗么?？]|没有?$|[了过不]$")
_CLAUSE = re.compile(r"[^，。！？!?；;,\s~～….]+[？?]?")


def without_advice(text: str) -> str | None:
    """What a reply says beside its advice; None when it gives none."""
    if not _TURN.search(text):
        return None
    found = False

    def kept(clause: re.Match[str]) -> str:
        nonlocal found
        words = clause[0]
        if found and (_REASON.fullmatch(words) or _PURPOSE.fullmatch(words)):
            return ""
        bare = not text[: clause.start()].strip() and _BARE.fullmatch(words) and not _STORY.match(text, clause.end())
        if (bare or _ADVICE.fullmatch(words)) and not _NO_ADVICE.search(words.removeprefix("我建议")):
            found = True
            return ""
        return words

    rest = _CLAUSE.sub(kept, text)
    return rest if found else None
