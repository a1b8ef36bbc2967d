"""What the wiring tells the judge; everything has a shipped default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

TOPICS = ("城乡建设", "环境保护", "交通运输", "教育文体", "劳动和社会保障", "商贸旅游", "卫生计生")

#: topic → unit that leads when no key word decides
TOPIC_UNITS: Mapping[str, str] = {
    "城乡建设": "住房和城乡建设局",
    "环境保护": "生态环境分局",
    "交通运输": "交通运输局",
    "教育文体": "教育局",
    "劳动和社会保障": "人力资源和社会保障局",
    "商贸旅游": "市场监督管理局",
    "卫生计生": "卫生健康局",
}

# fmt: off
#: unit and its key words; the unit with most hits wins over the topic's unit, the first listed on a draw
KEYWORD_UNITS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("水务集团", ("停水", "没水", "断水", "水管", "自来水", "水压", "爆管", "水表", "供水", "水质")),
    ("供电公司", ("停电", "没电", "断电", "跳闸", "电线杆", "变压器", "电表", "供电", "电压", "高压线")),
    (
        "公安局",
        (
            "派出所", "诈骗", "被骗", "偷了", "被偷", "小偷", "打架", "打人", "赌博", "民警", "报警", "户籍", "身份证",
            "失踪", "走失", "飙车",
        ),
    ),
    ("公安局交警大队", ("红绿灯", "交警", "违停", "乱停", "闯红灯", "逆行", "堵车", "酒驾", "罚单", "车祸", "单行道", "大货车")),
    (
        "综合行政执法局",
        (
            "城管", "占道", "流动摊", "夜市", "违建", "违章建筑", "路灯", "垃圾", "环卫", "小广告", "油烟", "公厕", "井盖",
            "绿化带",
        ),
    ),
    ("水利局", ("河道", "水库", "堤坝", "大坝", "灌溉", "泵站", "山塘")),
    ("医疗保障局", ("医保", "报销", "异地就医", "医保卡", "慢性病")),
    ("民政局", ("低保", "养老院", "殡仪", "墓地", "婚姻登记", "残疾", "救助站", "高龄补贴")),
    ("自然资源和规划局", ("不动产证", "房产证", "土地证", "宅基地", "征地", "规划", "国土", "矿山")),
    ("农业农村局", ("农田", "稻田", "种粮", "养猪场", "农药", "村务公开", "村账", "土地流转", "秸秆")),
    ("消防救援大队", ("消防", "灭火器", "消防通道", "疏散", "起火", "着火")),
    ("通信发展办公室", ("没信号", "信号差", "基站", "宽带", "断网", "手机信号")),
    ("文化和广电旅游体育局", ("景区", "旅行社", "导游", "图书馆", "体育馆", "博物馆", "民宿", "文保")),
    ("人民法院", ("法院", "法官", "执行局", "老赖", "判决")),
    ("纪委监委", ("贪污", "腐败", "受贿", "以权谋私", "吃拿卡要")),
    ("税务局", ("税务", "发票", "个税", "契税")),
    ("住房和城乡建设局", ("物业", "开发商", "交房", "烂尾", "公积金", "维修基金", "加装电梯", "业委会", "下水道", "污水管")),
    ("人力资源和社会保障局", ("拖欠工资", "欠薪", "工资不发", "不发工资", "讨薪", "社保", "养老金", "工伤", "劳动合同", "加班费")),
    ("交通运输局", ("公交", "出租车", "网约车", "客运站", "高速口", "坑洼", "路面", "渡船", "驾校")),
    ("教育局", ("学校", "老师", "幼儿园", "学区", "补课", "培训机构", "招生", "食堂", "校车", "家长")),
    ("卫生健康局", ("医院", "医生", "疫苗", "诊所", "挂号", "护士", "卫生院", "急诊")),
    ("生态环境分局", ("污水", "废气", "偷排", "排污", "臭气", "黑烟", "噪音", "扬尘", "化工厂", "刺鼻")),
    ("市场监督管理局", ("退款", "短斤少两", "缺斤少两", "假货", "过期", "电梯", "食品", "健身房", "预付卡", "价格", "超市", "饭店")),
)

#: level → words; Ⅰ and Ⅱ hold where the whole text is not an ordinary one, Ⅲ raises an ordinary one. Few and sure: a machine finds the rest
LEVEL_WORDS: Mapping[int, tuple[str, ...]] = {
    1: (
        *("死亡", "死了人", "死了好几", "人死", "遇难", "身亡", "出人命", "多人受伤", "多人伤亡", "伤亡", "溃坝", "决堤"),
        *("垮坝", "大坝裂"),
        *("化工厂爆炸", "厂爆炸", "大爆炸", "爆炸了", "泥石流", "地震", "桥塌", "楼塌", "楼倒", "房子塌", "坠楼", "跳楼"),
        *("砍人", "杀人", "绑架"),
    ),
    2: (
        *("爆炸", "坍塌", "塌方", "山体滑坡", "滑坡", "火灾", "着火", "起火", "大火", "中毒", "集体腹泻", "食物中毒"),
        *("上吐下泻", "泄漏", "燃气泄漏"),
        *("漏气", "煤气味", "毒气", "被困", "受伤", "撞人", "溺水", "落水", "触电", "失踪", "走失", "走丢", "聚集", "堵路"),
        *("拉横幅", "罢工", "械斗", "打群架"),
        *("全城停水", "全城停电", "大面积停电", "大面积停水", "整个小区停水", "整个小区没水", "整片停电", "全镇停水"),
        *("全镇停电", "爆管", "水漫", "被淹"),
        *("倒灌", "洪水", "传染病", "疫情", "自杀", "轻生", "持刀", "抢劫", "猥亵", "性侵", "拐走", "被抱走", "投毒", "辐射"),
    ),
    3: (
        *("全村", "几百户", "上百户", "几十户", "几百人", "上百人", "全体业主", "业主联名", "村民联名", "家长联名"),
        *("讨薪", "血汗钱", "跑路", "卷款", "烂尾", "诈骗", "贪污", "腐败", "受贿", "以权谋私", "吃拿卡要", "包庇"),
        *("死鱼", "偷排", "直排", "辱骂", "谣言", "网传", "都在传"),
    ),
}
# fmt: on


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgeSettings:
    """Topics, units, county, thresholds of one installation."""

    topics: tuple[str, ...] = TOPICS
    #: topic → unit
    topic_units: Mapping[str, str] = field(default_factory=lambda: dict(TOPIC_UNITS))
    #: (unit, key words), see KEYWORD_UNITS
    keyword_units: tuple[tuple[str, tuple[str, ...]], ...] = KEYWORD_UNITS
    #: CSV `code,name,town,kind`; None = the shipped one of 临海
    gazetteer: Path | None = None
    #: names of the county itself, the city above it last
    county: tuple[str, ...] = ("临海市", "临海", "台州市", "台州")
    #: words that jieba must not cut (key words, trends)
    user_words: tuple[str, ...] = ()
    #: probability from which a post is flagged; None = the model's own
    threshold: float | None = None
    #: board name → threshold, learned from triage
    board_thresholds: Mapping[str, float] = field(default_factory=dict)
    #: posts within ± band of their threshold are marked unsure
    band: float = 0.15
    level_words: Mapping[int, tuple[str, ...]] = field(default_factory=lambda: dict(LEVEL_WORDS))
    #: share of its thread's title in the topic of a reply (0 = none); whether it asks for anything is judged on its own words
    thread_title_share: float = 0.5
    #: logits taken from a post that names another city and not this county, half as many if it asks for something (0 = off)
    elsewhere_penalty: float = 1.0
    #: reasons of a flagged post, at most so many spans and cues
    reasons: int = 6

    def __post_init__(self) -> None:
        for name, value in (("threshold", self.threshold), *self.board_thresholds.items()):
            if value is not None and not 0.0 < value < 1.0:
                raise ValueError(f"threshold of {name!r} is {value}; it must lie between 0 and 1")
