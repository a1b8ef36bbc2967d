"""Replies: whether one carries a request of its own, judged on its own words.

A thread's title says what a reply is about, not whether it asks for anything: agreement, advice to the poster, wishes,
jokes and bidding stand under the sorest matters. So a reply has its own small machine over what its words do.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from nlp.advice import without_advice
from nlp.beginnings import Patterns

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_KIN = "妈|爸|爷|奶|外公|外婆|儿子|女儿|孩子|小孩|娃|孙|老公|老婆|婆婆|公公|丈人|弟|姐|妹|哥|阿婆|父亲|母亲|侄|同事"
_PLACES = "家|村|楼|店|班|厂|小区|单元|幢|栋|学校|路段|队|组|巷|弄|街|岙|这|那|车|卡|单位|公司|东|西|南|北|上|下|桥|整|全|住|顶楼"
_NUMBER = "[0-9一二两三四五六七八九十百千半几]"

#: move → alternatives; each move is one feature, how often it is found (2 at most)
_MOVES: dict[str, tuple[str, ...]] = {
    # one's own case, which makes "the same here" a fact
    "mine": (
        rf"我(?:{_PLACES}|{_KIN})",
        r"我们(?!那时|小时|那年)",
        r"我(?:也|被|都|还|又|这|刚|昨|今|三|两|四|十|等|排|报|交|充|付|转|停|问|打|投诉|反映|接到|上|进)",
        r"阿拉|俺|本人",
    ),
    "kin": (rf"(?:我|家里|我们家)(?:{_KIN}|老人)",),
    "same": (
        r"也(?!不是|行|可以|好|就|许|算|挺|罢|难怪|是没办法|不错|要理解)|一样|同一|更[惨狠冲臭响大黑糟]|还要久",
        r"比你",
    ),
    "again": (
        r"又(?![快好便])[^，。]{1,4}|(?:^|[，。])[刚再]|还(?:是|在|没|不|要|有一)|照样|照旧|仍",
        r"至今|到现在",
    ),
    "now": (
        r"现在|今早|今天|今晚|今夜|昨天|昨晚|昨夜|前天|刚刚|刚才|上个?(?:周|礼拜|星期|月)",
        r"这(?:周|两天|会儿|几天)|凌晨|半夜|夜里",
    ),
    "happening": (
        r"快来|快派|人还在|来人|救|冒烟|冒到|着火|烧[到起着]|[塌裂垮倒淹栽鼓摔撞砸咬漏滚爆困吐晕昏]|掉(?:进|下)|漫|煤气",
        r"急诊|拉肚子|危在",
    ),
    "ask": (
        r"谁(?:来|管|给|肯|去|赔|能|负责|批|定|查|出|补|退|说|敢|叫|有权)|归(?:谁|哪|什么)|找(?:谁|哪)",
        r"怎么办|什么时候|啥时候|几时|何时|哪[天年]|几[点号成]|多久|到底|凭什么|依据|算不算|合(?:不合|法|规|理)",
        r"有没有(?:人|说|个|名|毒|地方)|属实|真的假的|真假|管不管|管吗|为什么|为啥|怎么(?:没|不|还|写)",
        r"[能行要该还会收拆查补退批].{0,6}(?:吗|不[，。]?$|行不行|没有$)",
    ),
    "question": (r"[吗么呢]|[？?]|哪|多少|怎么|几[个时点号]|谁",),
    "polite": (r"能不能|能否|可否|可不可以|行不行|好不好|好吗|行吗|麻烦|拜托|请|求",),
    "demand": (
        r"派[人个车]|来(?:修|查|看|弄|清|拦|喷|捞|铺|人|管|钉|开|个)|查一?查|管管|管一下|说法|交代|处理一下",
        r"解决|整改|公开|贴出来|补上|重[修画新]|早[点日]|赶紧(?:修|弄|来)|[讲说通]知?一声|快点来|登记",
    ),
    "suggest": (
        r"建议(?!你|楼主|去|先|错|早|绕|带|报|打|找|换|查|问|别|多)|[加增设装画放挪调匀](?:一|个|条|两|秒|班|人|开|张)",
        r"也(?:行|好)$|不就行了|就够|最好能|哪怕|不如(?:装|设|加)|换成",
    ),
    "failed": (
        r"没(?:下文|人[来管接修认理查铺填捞肯出讲通]|动静|回音|回应|结果|处理|解决|批|到账|发|领|拿|修|见|立|来|开|填|贴|影|等到)",
        r"无人|不(?:归|接|理|认|给|退|让|来|修|开门)|推(?:来|给|说)|拉黑|空号|停机|失联|打不[通进]",
        rf"(?:报|打|投诉|反映|问|找|跑|约|填|交)了?[^，。]{{0,4}}{_NUMBER}[多]?[次回趟遍天]",
        r"一分|审核中|卡着|跑路|封条|再说|白跑|滚|叫我|排队等",
    ),
    "contest": (
        r"你们(?:说|讲|回|的|嘴|贴)|(?:答复|回复|通报|说明|公告|方案)(?:里|写|说|上)|对不上|答非所问",
        r"说(?:好|是|修)|[一-龥]了又|敢不敢|哪里(?:修|装|通)了|现场|显示|摆设|形同",
    ),
    "loss": (
        r"睡不着|头[痛疼]|[呛咳喘]|过敏|绊|踩空|骨折|流血|发烧|受不了|不敢|死了",
        r"少(?:我|了|[一二两三四五六七八九半])|差(?:我|一?点)|多收|扣|骗|偷|没了|涨|翻[倍了]|收(?:我|了)",
        r"黑漆|乌漆|全[黑瞎]|[停断没](?:水|电|气|网|信号)|发黄|浑|[渗堵臭]|灰|干死|晒死|见底|下不了|开不了",
        r"走不了|坏|烂|断了|松了|磨|没法|吵|黑",
    ),
    "number": (rf"{_NUMBER}+多?(?:个月|天|年|次|回|趟|户|人|斤|块|千|百|号人|个|盏|遍|幢|楼)",),
    # what others do in replies
    "advice": (
        r"建议(?:你|楼主|去|先|错|早|绕|带|报|打|找|换|查|问|别|多)|你(?:可以|去|先|找|拿|打|家|看|要|就)",
        r"(?:可以|先|赶紧|快)(?:去|找|打|投|举|起|查|申|登|拍|用|接|把|让|问|报|反映)",
        r"(?:^|[，。])(?:去|找|打|换|绕|带|装|骑|开|早|拍|关|叫|等|把|录|多)|试试|1[0-9]{2,4}",
        r"平台|律师|工会|起诉|报警|举报|别[^的人家处墅]|记得|带[上好身]|留[好着]|保留|截图|证据|注意|小心|当心",
        r"吧[！!。]?$|最好$|不如",
    ),
    "wish": (r"希望(?!能|有|早)|没事|平安|保佑|但愿|祝|加油|保重|康复|挺住|心疼|可怜|节哀|天佑|好人|恭喜|沾|致敬|辛苦",),
    "agree": (
        r"支持|同感|同意|[说讲]得?[对好到出]|道理|确实|是的|没错|对啊|就是啊|深有|心声|赞|难免|懂的|正常|理解|体谅",
        r"互相|不容易|习惯|常态|老(?:样子|毛病|把戏)|哪(?:里|个|家)都|都(?:这样|一样)|呗|唉|罢了|算了|无语",
        r"真是|太[^，]{1,5}了|更[^，]{1,4}了?$",
    ),
    "joke": (r"哈|呵呵|嘻|嘿|笑|😂|🤣|😄|玩笑|吹|吃瓜|围观|路过|前排|瓜子|打卡|沙发|厉害|佩服|羡慕|多少回忆|浪漫|正好",),
    "past": (r"以前|从前|那会儿|小时候|当年|那年|早[年些]|记得|那时|原来|回忆|去年|前年|一直这样|向来|喽|我爷爷",),
    "solved": (
        r"[修办弄处理](?:好|完)了|(?<!不)好了|亮了|[来通]了$|解决了|退了|办过|管用",
        r"就(?:行|好|可以|能|清|来|蓝)|没事|[挺蛮]好|不错|终于|总算|真快|热心",
    ),
    "trade": (
        r"还(?:在不?吗?$|有吗|有[没位货])|多少钱|便宜|包邮|自提|出不出|卖不卖|带走|要[了的吗]$|预[定订]",
        r"私[信聊]|加微|几[楼幢]|靠哪|押一|月付|短租|看[房车货]|先看|试驾|面交|地址|联系|工资|收吗|学徒|五险",
        r"包[吃住]|上工|有证|报[名了]|名额|门票|[一二三四五六七八九十百千]+(?:块|百|千)?(?:行|带走|卖)|发货",
        r"送[货到]|诚意|价格?位|颜色|尺寸|配速|镜头|好[吃喝看玩]|拍的|机位",
    ),
    "answer": (
        r"[可不]以的|不行的|要带|需要带|窗口|[一二三]楼|[左右]边|旁边|对面|满(?:三|一|两)|手机上|公众号|官网",
        r"[网办]上办|电话是|号码|编号|应该|大概|估计|可能|好像|听说|据说|怕是|多半|八成|规定|一般|是不是",
    ),
    "office": (
        r"您|我局|我们将|已(?:将|转|安排|派|调|列|责|于|公示|立|到|换|扣|完|恢|排)|感谢|敬请|正在|抢修",
        r"工作人员|予以|预计|各位",
    ),
    "story": (r"有[天次年]|后来|结果|高兴|回家|过年|喝|吃了|味道|星星|桂花|牌|酒",),
}
_PATTERNS = Patterns(["|".join(alternatives) for alternatives in _MOVES.values()])
_ADVICE = tuple(_MOVES).index("advice")
#: at most so many of one move count
_MOST = 2

REPLY_FEATURES: tuple[str, ...] = (
    "score",
    "thread",
    *_MOVES,
    "own evidence",
    "asks under a harmless title",
    "evidence under a harmless title",
    "length",
    "I at the head",
    "own case in figures",
    "own case and trouble",
)
#: a title below this score of needs-response is harmless; the logits that a reply under it must bring beyond the others to be flagged:
#: the corpus holds far more requests under such titles than a forum does
HARMLESS = -0.2
HARMLESS_TITLE = 1.8
#: a whole reply that only wishes somebody well
ONLY_A_WISH = re.compile(
    rf"(?:真的?|也|只|就)?(?:希望|但愿|祝愿?|保佑)(?:人|大家|大伙|都|老人|家人|他们?|她们?|你们?|楼主|伤者|司机|病人|受伤的|可以|能|早日|尽快|{_KIN})*"
    r"(?:没事|平安(?:无事)?|无恙|无事|健康|康复|好起来)[吧啊呀了]?"
)
#: no more of a reply is read
_READ = 600
#: features that are measured; all others are counted
_MEASURED = ("score", "thread", "length")
_LENGTHS = np.asarray([math.log(2 + length) - 3.0 for length in range(_READ + 1)])
#: weights of counted features are rounded to whole multiples of this, so that their sums are exact in any order
_UNIT = 1e-6


def own_evidence(has: Mapping[str, Bools]) -> Bools:
    """Whether the moves of each reply are a request, a question or trouble of the writer's own."""
    mine = has["mine"] | has["kin"]
    trouble = has["failed"] | has["loss"] | has["happening"]
    return np.asarray(
        has["ask"]
        | has["demand"]
        | has["suggest"]
        | (has["polite"] & has["question"])
        | (mine & (trouble | has["same"] | has["again"]))
        | ((has["now"] | has["again"]) & trouble)
        | (has["contest"] & (trouble | has["again"] | has["question"]))
    )


def reply_table(texts: Sequence[str], scores: npt.ArrayLike, threads: npt.ArrayLike) -> Floats:
    """float64[replies, REPLY_FEATURES] of cleaned replies; `scores` and `threads` are the needs-response scores of them and of their
    threads' titles.

    Of a reply that is nothing but advice the request is what it says beside it: none, and its words are no evidence.
    """
    texts = [text[:_READ] for text in texts]
    scores, threads = np.array(scores, dtype=np.float64), np.asarray(threads, dtype=np.float64)
    counts = _PATTERNS.count(texts, _MOST)
    advising = {row: rest for row, text in enumerate(texts) if (rest := without_advice(text)) is not None}
    if advising:
        beside = _PATTERNS.count(list(advising.values()), _MOST)
        has = dict(zip(_MOVES, (beside > 0).T, strict=True))
        nothing_else = ~(own_evidence(has) | has["happening"])
        rows = np.asarray(list(advising))[nothing_else]
        beside[:, _ADVICE] = counts[list(advising), _ADVICE]
        counts[rows] = beside[nothing_else]
        scores[rows] = np.minimum(scores[rows], 0.0)
    has = dict(zip(_MOVES, (counts > 0).T, strict=True))
    evidence = own_evidence(has)
    harmless = threads < HARMLESS
    mine = has["mine"] | has["kin"]
    columns = (
        scores,
        np.minimum(np.maximum(threads, -1.5), 1.5),
        *counts.T,
        evidence,
        has["ask"] & harmless,
        evidence & harmless,
        _LENGTHS[[len(text) for text in texts]],
        [text[:1] in ("我", "咱", "俺") for text in texts],
        mine & has["number"],
        mine & (has["failed"] | has["loss"] | has["happening"]),
    )
    table = np.empty((len(texts), len(REPLY_FEATURES)))
    for number, column in enumerate(columns):
        table[:, number] = column
    return table


def reply_features(text: str, score: float, thread: float) -> list[float]:
    """The row of one reply in `reply_table`."""
    row: list[float] = reply_table([text], [score], [thread])[0].tolist()
    return row


class ReplyMachine:
    """Calibrated logits of replies from the weights of a model."""

    def __init__(self, weights: Mapping[str, float], bias: float) -> None:
        # a feature that these weights were not trained with counts for nothing
        self._measured = [(REPLY_FEATURES.index(name), weights.get(name, 0.0)) for name in _MEASURED]
        self._counted = np.rint(np.asarray([0.0 if name in _MEASURED else weights.get(name, 0.0) for name in REPLY_FEATURES]) / _UNIT)
        self._bias = bias

    def logits(self, texts: Sequence[str], scores: Floats, threads: Floats) -> Floats:
        """float64[replies], from the needs-response scores of the cleaned replies and of their threads' titles."""
        table = reply_table(texts, scores, threads)
        measured = table[:, [column for column, _weight in self._measured]]
        table[:, [column for column, _weight in self._measured]] = 0.0
        logits: Floats = (table @ self._counted) * _UNIT + self._bias
        for (_column, weight), values in zip(self._measured, measured.T, strict=True):
            logits += values * weight
        return logits
