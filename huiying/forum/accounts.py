"""Who posts on the sample forum: invented residents and one official account for each unit of the demo."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the forum; `unit` is "" for residents."""

    uid: int
    name: str
    unit: str = ""


#: names as in the shipped pipelines.yaml; append only, for the uid counts from the first
_UNITS: tuple[str, ...] = (
    "临海发布",
    "市水务集团",
    "市综合行政执法局",
    "生态环境局临海分局",
    "市住房和城乡建设局",
    "市交通运输局",
    "市公安局交警大队",
    "市教育局",
    "市人力社保局",
    "市卫生健康局",
    "市市场监督管理局",
    "市应急管理局",
    "市文化和广电旅游体育局",
    "国网临海市供电公司",
    "市医疗保障局",
    "市民政局",
    "市农业农村和水利局",
    "市政务服务中心",
    "市公安局",
    "市自然资源和规划局",
    "古城街道",
    "大洋街道",
    "江南街道",
    "大田街道",
    "邵家渡街道",
    "杜桥镇",
    "东塍镇",
    "沿江镇",
    "上盘镇",
    "桃渚镇",
    "白水洋镇",
    "括苍镇",
    "尤溪镇",
    "涌泉镇",
    "汛桥镇",
    "汇溪镇",
    "小芝镇",
    "河头镇",
    "永丰镇",
    "市网络诉求办",
    "市商务局",
    "市消防救援大队",
    "市税务局",
    "市人民法院",
    "市纪委监委",
    "市通信发展办",
)

_RESIDENTS: tuple[str, ...] = (
    "灵江边的老杨", "紫阳街23号", "东湖晨跑", "括苍山下", "小满不满", "巾山看塔", "麦饼加蛋", "海苔饼", "阿强在大洋", "杜桥眼镜哥",
    "橘子红了", "一只柚子", "望江门", "临海小周", "台州老司机", "豆面碎", "夜班护士", "送奶工阿明", "两个孩子的妈", "退休教师",
    "鹿城来的人", "青团", "白塔桥头", "崇和门", "羊脚蹄", "蛋清羊尾", "小陈同学", "骑车上班", "汛桥大叔", "长城脚下",
    "江南人家", "早起买菜", "东塍灯笼", "桃渚海风", "上盘西兰花", "沿江人", "河头茶农", "白水洋豆腐", "尤溪溪水", "涌泉蜜橘",
    "楼上的邻居", "不吃香菜", "半夜写代码", "接娃路上", "跑步的鱼", "旧城拾光", "小区义务兵", "老照片", "路边一棵树", "阿婆的孙子",
)  # fmt: skip

#: every account, official ones first
ACCOUNTS: tuple[Account, ...] = (
    *(Account(9001 + n, f"{unit}(示例)" if n == 0 else f"示例·{unit}", unit) for n, unit in enumerate(_UNITS)),
    *(Account(101 + n, name) for n, name in enumerate(_RESIDENTS)),
)
#: uid of an official account → the unit it speaks for; for the demo's configuration
OFFICIAL: dict[int, str] = {account.uid: account.unit for account in ACCOUNTS if account.unit}
#: unit → uid
OFFICIAL_UID: dict[str, int] = {unit: uid for uid, unit in OFFICIAL.items()}
RESIDENTS: tuple[Account, ...] = tuple(account for account in ACCOUNTS if not account.unit)
#: shown as 匿名, without a link
ANONYMOUS = 0

_NAMES: dict[int, str] = {account.uid: account.name for account in ACCOUNTS}


def name_of(uid: int) -> str:
    """The shown name; accounts outside the list are 网友 + number, uid 0 is 匿名."""
    if uid == ANONYMOUS:
        return "匿名"
    return _NAMES.get(uid) or f"网友{uid}"
