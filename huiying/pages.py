"""What the pages are handed of an opened home: the search index, the configured boards, settings and findings as plain rows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from huiying.app import App

if TYPE_CHECKING:
    from huiying.in_force import InForce
    from store.models import Post

log = logging.getLogger(__name__)

#: keys whose value is a secret wherever they stand
SECRET = ("password", "secret", "token", "webhook", "key")
LONGEST = 160
MEANINGS = {
    "sla.clock": "哪个时钟为准：posted 发帖起，detected 发现起",
    "sla.target": "首次回应时限，24 小时不间断",
    "sla.result_days": "结果回应，工作日，按法定节假日与调休",
    "sla.milestones": "上级时限，只提示，不因暂停顺延",
    "sla.target_rate": "实录上标出的目标",
    "sla.minimum_sample": "到期不足这些件，不算率、不排名",
    "alerts.max_age": "只用于来源第一次读；更早的入档，不开告警",
    "alerts.undo": "撤销窗口，派发消息等它过了才发",
    "alerts.duty_unit": "研判值班的单位",
    "judge.threshold": "标出的门槛",
    "judge.band": "门槛上下这么宽，请人细看",
    "judge.boards": "按版块另定的门槛",
    "judge.user_words": "分词时不拆开的本地词",
    "crawl.user_agent": "读取时自报的身份，写上站方找得到你的地址",
    "stores.search": "检索引擎",
    "digest.send_at": "日报定稿并送出的时刻",
    "digest.draft_at": "日报成稿的时刻",
    "web.host": "网页开在哪个地址",
    "web.port": "网页的端口",
    "extends": "没有写的键用这一份的值",
}


def hand_over(app: App) -> None:
    """Give the pages of this process what they need of `app`; nothing is opened before a page asks."""
    from dashboards import clock, wiring
    from huiying.in_force import InForce
    from huiying.judge_facts import JudgeTeller
    from huiying.searching import open_search
    from huiying.wire import configured_boards

    in_force = InForce(app)
    wiring.use(
        index=lambda: open_search(app).index,
        configured_boards=configured_boards(app.pipelines),
        config_path=app.loaded.path,
        findings=lambda: _findings(app),
        settings=lambda: list(_settings(app)),
        explain=_explainer(in_force),
        judge=JudgeTeller(app, in_force, clock.now),
        simulated=app.simulated,
    )


def _explainer(in_force: InForce) -> Callable[[Post], Mapping[str, Any]]:
    """What the judge in force tells of a post; it is loaded when the first page asks."""
    from nlp.model import WeightsError

    def explain(post: Post) -> Mapping[str, Any]:
        try:
            return in_force.told(post)
        except WeightsError as error:
            log.error("%s; the pages show no reasons", error)  # noqa: TRY400 - the sentence says all
            return {}

    return explain


def _findings(app: App) -> list[Any]:
    from dashboards.wiring import FoundFinding
    from huiying.checks import check_all

    return [
        FoundFinding(
            id=one.id,
            severity=one.severity,
            where=one.file + (f":{one.line}" if one.line else ""),
            key=one.key,
            message=one.message,
            hint=one.hint,
        )
        for one in check_all(app.home, app.loaded.path)
    ]


def _settings(app: App) -> Iterator[Any]:
    """The keys that the file itself writes, in its order; secrets stay the ${NAME} that the file holds."""
    from dashboards.wiring import Setting
    from huiying.config.yamltext import read_yaml

    marked = read_yaml(app.loaded.path)
    for section, value in marked.tree.items():
        for path, text in _leaves((section,), value):
            key = ".".join(map(str, path))
            _, line = marked.where(path)
            yield Setting(section=section, key=key, value=_shown(key, text), meaning=MEANINGS.get(key, ""), line=line)


def _leaves(path: tuple[str | int, ...], value: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, dict) and value and len(path) < 3:
        for key, inner in value.items():
            yield from _leaves((*path, key), inner)
    elif isinstance(value, dict):
        yield path, "；".join(f"{key}: {_flat(inner)}" for key, inner in value.items()) or "空"
    else:
        yield path, _flat(value)


def _flat(value: Any) -> str:
    if isinstance(value, list):
        if any(isinstance(entry, dict) for entry in value):
            return f"{len(value)} 项"
        return "、".join(map(str, value)) if value else "空"
    if isinstance(value, dict):
        return f"{len(value)} 项"
    return "" if value is None else str(value)


def _shown(key: str, text: str) -> str:
    secret = key.rpartition(".")[2] in SECRET or any(f"{word}:" in text for word in SECRET)
    if secret and not text.startswith("${"):
        return "已设，不显示"
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
