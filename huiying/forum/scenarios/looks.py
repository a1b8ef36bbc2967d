"""Other ways of drawing the same posts."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from huiying.forum import queries
from huiying.forum.scenarios.base import Scenario
from huiying.forum.site import Site
from huiying.forum.times import TimeStyle
from huiying.forum.view import Look
from huiying.forum.web import Request, Response
from store.clock import Clock


class Plain(Scenario):
    name = "plain"
    promise = "照常的论坛"


class Gbk(Scenario):
    name = "gbk"
    promise = "GBK 编码；装不下的字写成 &amp;#128514;"
    charset = "gbk"


class Relative(Scenario):
    name = "relative"
    promise = "时间只有“3 分钟前”，没有 title，要靠页脚的服务器时间"

    def look(self, look: Look) -> Look:
        return replace(look, times=TimeStyle.BARE)


class Absolute(Scenario):
    name = "absolute"
    promise = "时间全部写成 2026-1-3 07:05:09"

    def look(self, look: Look) -> Look:
        return replace(look, times=TimeStyle.ABSOLUTE)


class Skewed(Scenario):
    name = "skewed"
    promise = "服务器的钟快 7 分钟（skewed:秒，可为负）：帖子与页脚都按它写；只在启动时有效"

    def clock(self, clock: Clock) -> Clock:
        return _Skewed(clock, timedelta(seconds=self.number(420)))


@dataclass(frozen=True)
class _Skewed:
    """A clock that is wrong by a fixed time."""

    true: Clock
    ahead: timedelta

    def now(self) -> datetime:
        return self.true.now() + self.ahead

    def monotonic(self) -> float:
        return self.true.monotonic()


class Templates(Scenario):
    name = "templates"
    promise = "自定义模板：class 全部不同，id 相同"

    def look(self, look: Look) -> Look:
        return replace(look, template="county")


class Article(Scenario):
    name = "article"
    promise = "外来模板：首帖的作者与时间只在标题下，class 无意义，回复时间夹在文字里"

    def look(self, look: Look) -> Look:
        return replace(look, template="article")


class Cards(Scenario):
    name = "cards"
    promise = "外来模板：卡片，没有 id，只有 data-pid；作者与 time[datetime] 在正文之后"

    def look(self, look: Look) -> Look:
        return replace(look, template="cards")


class Classic(Scenario):
    name = "classic"
    promise = "外来模板：X 之前的表格，大写标签、属性无引号、viewthread.php，时间到分"

    def look(self, look: Look) -> Look:
        return replace(look, template="classic")


class Touch(Scenario):
    name = "touch"
    promise = "外来模板：手机样式的列表，只有相对时间，页脚没有时钟"

    def look(self, look: Look) -> Look:
        return replace(look, template="touch")


class Rewrite(Scenario):
    name = "rewrite"
    promise = "链接写成 thread-T-P-x.html 与 forum-F-P.html"

    def look(self, look: Look) -> Look:
        return replace(look, rewrite=True)


class Jammer(Scenario):
    name = "jammer"
    promise = "正文里夹防复制的隐藏字（font.jammer、display:none、script）"

    def look(self, look: Look) -> Look:
        return replace(look, jammer=True)


class Endless(Scenario):
    name = "endless"
    promise = "列表超出末页答第 1 页，总有下一页，不写总页数"

    def look(self, look: Look) -> Look:
        return replace(look, endless=True)


class GuideOff(Scenario):
    name = "guideoff"
    promise = "导读关闭：200 提示页，只能逐版读"

    def look(self, look: Look) -> Look:
        return replace(look, guide=False)


class GuideNoBoard(Scenario):
    name = "guidenoboard"
    promise = "导读不写帖子所在版块"

    def look(self, look: Look) -> Look:
        return replace(look, guide_board=False)


class GuideLag(Scenario):
    name = "guidelag"
    promise = "导读每 900 秒才重排一次，其间新主题不出现（guidelag:秒）；首页与版块照常"

    def __init__(self, argument: str = "") -> None:
        super().__init__(argument)
        self._copies: dict[str, tuple[float, tuple[int, ...]]] = {}

    def before(self, request: Request, site: Site) -> Response | None:
        which = request.query.get("view", "new")
        if request.query.get("mod") == "guide" and site.clock.monotonic() - self._copies.get(which, (-1e9, ()))[0] >= self.number(900):
            order = queries.Order.NEWEST if which == "newthread" else queries.Order.LAST_POST
            threads = [row for page in range(1, 6) for row in queries.guide_threads(site.store, page, order)]
            self._copies[which] = (site.clock.monotonic(), tuple(row.tid for row in threads))
        return None

    def look_for(self, request: Request, look: Look) -> Look:
        return replace(look, guide_copy={which: tids for which, (_, tids) in self._copies.items()})


class NewestFirst(Scenario):
    name = "newestfirst"
    promise = "主题默认倒序：第 1 页是楼主和最新回复，ordertype=2 才是正序"

    def look(self, look: Look) -> Look:
        return replace(look, newest_first=True)


class Hollow(Scenario):
    name = "hollow"
    promise = "模板改版：版块列表改由脚本填充，页面里只写“尚无主题”；导读、存档页与主题页照常"

    def look(self, look: Look) -> Look:
        return replace(look, hollow=True)


class Faceless(Scenario):
    name = "faceless"
    promise = "模板改版：主题页的作者改成图片，姓名与链接都没有了；其余照常"

    def after(self, request: Request, response: Response, site: Site) -> Response:
        if request.query.get("mod") != "viewthread" or not isinstance(response.body, bytes):
            return response
        page = re.sub(rb"<(a)[^>]*[?&;]uid=\d+[^>]*>.*?</\1>", b'<i class="face"></i>', response.body, flags=re.DOTALL)
        return replace(response, body=page)
