"""Threads and boards that are awkward in what they hold."""

from __future__ import annotations

from datetime import timedelta

from huiying.forum.accounts import OFFICIAL_UID
from huiying.forum.boards import PASSWORD_FID, REDIRECT_FID
from huiying.forum.scenarios.base import Scenario
from huiying.forum.site import Site
from huiying.forum.store import ForumStore
from huiying.forum.web import Request, Response


class Sticky(Scenario):
    name = "sticky"
    promise = "三个总置顶主题出现在每个版块的第 1 页"

    def prepare(self, store: ForumStore) -> None:
        before = store.clock.now() - timedelta(days=3)
        for n, title in enumerate(("（置顶）示例论坛使用说明", "（置顶）发帖前请先读", "（置顶）各单位官方账号一览")):
            store.add_thread(
                fid=4, uid=OFFICIAL_UID["临海发布"], title=title, body=f"这是第 {n + 1} 个总置顶。", sticky=3, posted_at=before
            )
        store.add_thread(
            fid=1,
            uid=OFFICIAL_UID["临海发布"],
            title="（版内置顶）怎样写清一件事",
            body="时间、地点、发生了什么、想要什么。",
            sticky=1,
            posted_at=before,
        )


class Moved(Scenario):
    name = "moved"
    promise = "主题移到别的版块：旧 tid 302 到新的"

    def prepare(self, store: ForumStore) -> None:
        for n in range(3):
            posted = store.add_thread(
                fid=4, uid=130 + n, title=f"移动过的主题 {n + 1}：门口的窨井盖响", body="车一过就响，晚上睡不好。", needs_response=True
            )
            store.add_reply(tid=posted.tid, uid=140 + n, body="我家也听得到。")
            store.set_note(f"moved:{posted.tid}", str(store.move_thread(tid=posted.tid, fid=1)))


class Shielded(Scenario):
    name = "shielded"
    promise = "有的楼（含楼主）被屏蔽：没有 #postmessage_，只有 div.locked"

    def prepare(self, store: ForumStore) -> None:
        posted = store.add_thread(fid=4, uid=121, title="有几层楼看不到", body="大家自己看。")
        store.add_reply(tid=posted.tid, uid=122, body="这一楼被屏蔽了", shielded=True)
        store.add_reply(tid=posted.tid, uid=123, body="这一楼看得到")
        store.add_thread(fid=4, uid=124, title="楼主被屏蔽的主题", body="看不到的正文", shielded=True)
        later = store.add_thread(fid=4, uid=125, title="先看得到、后被屏蔽", body="先看得到的正文")
        store.edit(pid=later.pid, shielded=True)


class Renumbered(Scenario):
    name = "renumbered"
    promise = "删掉中间的楼，后面的楼层号前移，pid 不变"

    def prepare(self, store: ForumStore) -> None:
        posted = store.add_thread(fid=3, uid=126, title="楼层会变的主题", body="第一楼")
        replies = [store.add_reply(tid=posted.tid, uid=127 + n % 5, body=f"原来的 {n + 2} 楼") for n in range(14)]
        for n in (1, 4, 9):
            store.delete(pid=replies[n].pid)


class Bigpost(Scenario):
    name = "bigpost"
    promise = "有一个 1 MB 的帖子"

    def prepare(self, store: ForumStore) -> None:
        line = "这条路已经坑坑洼洼很久了，麻烦有关单位来看一看，早晚高峰特别堵。\n"
        store.add_thread(fid=1, uid=128, title="很长很长的一个帖子", body=line * (1_000_000 // len(line.encode())), needs_response=True)


class Future(Scenario):
    name = "future"
    promise = "有的帖子时间在将来（3 小时、2 天后）"

    def prepare(self, store: ForumStore) -> None:
        now = store.clock.now()
        posted = store.add_thread(fid=1, uid=129, title="时间在三小时后的帖子", body="发帖时间不对。", posted_at=now + timedelta(hours=3))
        store.add_reply(tid=posted.tid, uid=130, body="两天后的回复", posted_at=now + timedelta(days=2))


class Pictures(Scenario):
    name = "pictures"
    promise = "带图片、代码、引用、编辑、表情、匿名的帖子"

    def prepare(self, store: ForumStore) -> None:
        posted = store.add_thread(
            fid=1,
            uid=131,
            title="小区门口积水，拍了照 <b>大家看</b>",
            body="电话:(0576 8500 0000，没人接 ;P00\n[img]202611/21/pond.jpg[/img]\n水有这么深 :L",
            needs_response=True,
        )
        first = store.add_reply(tid=posted.tid, uid=132, body="[code]ping 127.0.0.1[/code]\n见 http://127.0.0.1/a?b=1&c=2 :lol 😂")
        store.add_reply(tid=posted.tid, uid=133, body="同意楼上", quotes=first.pid)
        store.add_reply(tid=posted.tid, uid=0, body="我是匿名的")
        store.edit(pid=first.pid, body="[code]ping 127.0.0.1[/code]\n改过了 😂")
        store.lock_thread(store.add_thread(fid=4, uid=134, title="已关闭的主题", body="不能再回了").tid)


class Redirect(Scenario):
    name = "redirect"
    promise = f"fid={REDIRECT_FID} 是跳转版块（302 出站外），fid={PASSWORD_FID} 是密码版块（302 回首页）"

    def before(self, request: Request, site: Site) -> Response | None:
        fid = request.number("fid")
        if fid == REDIRECT_FID or request.path.startswith(f"/forum-{REDIRECT_FID}-"):
            return Response.redirect(f"{site.url}elsewhere?from={REDIRECT_FID}")
        if fid == PASSWORD_FID or request.path.startswith(f"/forum-{PASSWORD_FID}-"):
            return Response.redirect(f"{site.url}forum.php")
        return None


class RssLate(Scenario):
    name = "rsslate"
    promise = "RSS 过了 60 分钟有效期后，第一次取到 0 条"

    def before(self, request: Request, site: Site) -> Response | None:
        if request.query.get("mod") != "rss":
            return None
        now = site.clock.monotonic()
        key = f"rss:{request.number('fid')}"
        seen = self._seen.get(key)
        self._seen[key] = now
        if seen is not None and now - seen < 3600:
            return None
        empty = (
            f'<?xml version="1.0" encoding="{site.charset}"?>\n<rss version="2.0">'
            "<channel><title>示例论坛</title><ttl>60</ttl></channel></rss>\n"
        )
        return Response.html(empty, site.charset)

    def __init__(self, argument: str = "") -> None:
        super().__init__(argument)
        self._seen: dict[str, float] = {}
