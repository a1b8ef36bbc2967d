"""The town as phpwind 9 and as phpwind 8.7 (GBK) show it: own pages with the parts and the habits of the real ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from tests.crawlers.served import Answer
from tests.crawlers.town import PEOPLE, ROWS, Said, Talk, Town

EAST = ZoneInfo("Asia/Shanghai")
LOU = {0: "楼主", 1: "沙发", 2: "板凳", 3: "地板"}
BOARDS = {"1": "镇村", "2": "城管", "3": "交通"}


def at(moment: datetime, form: str = "%Y-%m-%d %H:%M") -> str:
    return moment.astimezone(EAST).strftime(form)


def pid_of(talk: Talk, said: Said, first: str) -> str:
    return first if said is talk.posts[0] else str(said.pid)


def stock9(made: Town, path: str) -> Answer:
    """Version 9: a list over the whole site, boards on a page of their own, a missing thread with status 200."""
    made.asked.append(path)
    parts = urlsplit(path)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    page = int(query.get("page", "1"))
    if parts.path == "/read.php":
        inner = _read9(made.talk(query["tid"]), page)
    elif parts.path == "/thread.php":
        inner = _list9(made.of(query["fid"]), page, f"thread.php?fid={query['fid']}", named=False)
    elif parts.path == "/index.php" and query.get("c") == "forumlist":
        inner = _index9(made)
    elif parts.path == "/index.php":
        talks = made.of() if query.get("order") != "postdate" else sorted(made.talks, key=lambda talk: talk.posts[0].at, reverse=True)
        inner = _list9(talks, page, "index.php?m=bbs&amp;c=forum", named=True)
    else:
        return 404, {}, b""
    talk = made.talk(query.get("tid", ""))
    title = f"<title>{escape(talk.title) if talk else '街坊'} - 街坊 - Powered by phpwind</title>"
    head = f'<meta charset="utf-8" /><meta name="generator" content="phpwind v9.1" />{title}'
    return 200, {}, f"<!doctype html><html><head>{head}</head><body>{inner}<div>Powered by phpwind v9.1</div></body></html>".encode()


def _pager9(path: str, page: int, pages: int) -> str:
    links = "".join(
        f"<strong>{number}</strong>" if number == page else f'<a href="{path}&amp;page={number}">{number}</a>'
        for number in range(1, pages + 1)
    )
    return f'<div class="pages">{links}</div>' if pages > 1 else ""


def _list9(talks: list[Talk], page: int, path: str, *, named: bool) -> str:
    rows = "".join(_row9(talk, named=named) for talk in talks[(page - 1) * ROWS : page * ROWS])
    pages = max(1, -(-len(talks) // ROWS))
    return f'<table id="J_posts_list">{rows}</table>{_pager9(path, page, pages)}'


def _row9(talk: Talk, *, named: bool) -> str:
    first, last = talk.posts[0], talk.posts[-1]
    board = f'<a href="thread.php?fid={talk.board}" class="st">[{BOARDS[talk.board]}]</a> ' if named else ""
    read = f"read.php?tid={talk.tid}&amp;fid={talk.board}"
    return (
        f'<tr><td class="author"><a data-uid="{first.uid}" href="index.php?m=space&amp;uid={first.uid}"><img src="a.jpg" /></a></td>'
        f'<td class="subject"><p class="title">{board}<a href="{read}" class="st" title="{escape(talk.title)}">'
        f"{escape(talk.title[:9])}...</a></p>"
        f'<p class="info">楼主：<a data-uid="{first.uid}" href="x?uid={first.uid}">{PEOPLE[first.uid]}</a>'
        f"<span>{at(first.at, '%Y-%m-%d')}</span> "
        f'最后回复：<a data-uid="{last.uid}" href="x?uid={last.uid}">{PEOPLE[last.uid]}</a><span><a href="{read}&amp;page=e#a">'
        f"{at(last.at, '%m-%d %H:%M')}</a></span></p></td>"
        f'<td class="num"><span>回复<em>{len(talk.posts) - 1}</em></span><span>浏览<em>9</em></span></td></tr>'
    )


def _index9(made: Town) -> str:
    rows = ""
    for board, name in BOARDS.items():
        talks = made.of(board)
        posts = sum(len(talk.posts) for talk in talks)
        last = f'<a href="read.php?tid={talks[0].tid}&amp;fid={board}" class="s4">{escape(talks[0].title)}</a><br />最后回复：<a>x</a>'
        last += f'<a href="read.php?tid={talks[0].tid}&amp;fid={board}&amp;page=e#a" class="last_name">{at(talks[0].last)}</a>'
        rows += (
            f'<tr><th class="new"><h3 class="fname"><a href="thread.php?fid={board}">{name}</a></h3></th>'
            f'<td><em class="org">{len(talks)}</em>&nbsp;/&nbsp;{posts}</td><td class="last">{last}</td></tr>'
        )
    return f'<h2 class="cname"><a href="index.php?m=bbs&amp;c=cate&amp;fid=90">全部</a></h2><table>{rows}</table>'


def _read9(talk: Talk | None, page: int) -> str:
    if talk is None:
        return '<div class="reg_message"><ul><li id="J_html_error">该帖子不存在或已被删除</li></ul></div>'
    page = min(page, talk.pages)  # past the end comes the last page
    shown = f'<a href="read.php?tid={talk.tid}&amp;fid={talk.board}">{escape(talk.title[:7])}...</a>'
    crumb = f'<div class="bread_crumb"><a href="thread.php?fid={talk.board}">{BOARDS[talk.board]}</a>{shown}</div>'
    posts = "".join(_floor9(talk, said, talk.posts.index(said)) for said in talk.page(page))
    pager = _pager9(f"read.php?tid={talk.tid}&amp;fid={talk.board}", page, talk.pages)
    return f'{crumb}{pager}<div id="J_posts_list">{posts}</div>{pager}'


def _floor9(talk: Talk, said: Said, lou: int) -> str:
    pid, body = pid_of(talk, said, "0"), escape(said.body)
    if said.body == "":
        body = '<div class="shield">此帖已被屏蔽</div>'
    title = (
        f'<div class="post_num"><li>回复：<em>{len(talk.posts) - 1}</em></li></div><h1 id="J_post_title">{escape(talk.title)}</h1>'
        if lou == 0
        else ""
    )
    return (
        f'<a name="{pid}"></a><div class="floor cc J_read_floor" id="read_{pid}">'
        f'<div class="face"><a data-uid="{said.uid}" href="x"><img /></a></div>'
        f'<div class="name"><a class="mr5" data-uid="{said.uid}" href="x?uid={said.uid}">{PEOPLE[said.uid]}</a></div>{title}'
        f'<span class="lou J_floor_copy" data-hash="read_{pid}">{LOU.get(lou, f"{lou}楼")}<sup>#</sup></span>'
        f'<span class="fl">发布于：{at(said.at)}</span><div id="J_read_main"><div class="editor_content">{body}</div></div>'
        f'<div class="signature">发布于：2001-01-01 00:00</div></div>'
    )


def old87(made: Town, path: str) -> Answer:
    """Version 8.7 in GBK: boards only, relative times with the minute in a title."""
    made.asked.append(path)
    parts = urlsplit(path)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    page = int(query.get("page", "1"))
    if parts.path == "/read.php":
        inner = _read87(made.talk(query["tid"]), page)
    elif parts.path == "/thread.php":
        inner = _list87(made.of(query["fid"]), page, query["fid"])
    elif parts.path == "/index.php":
        inner = _index87(made)
    else:
        return 404, {}, b""
    head = '<meta charset="gbk" /><title>街坊 - Powered by phpwind</title>'
    whole = f"<!doctype html><html><head>{head}</head><body>{inner}<div id='footer'>Powered by phpwind v8.7</div></body></html>"
    return 200, {"Content-Type": "text/html; charset=gbk"}, whole.encode("gbk")


def _ago(moment: datetime) -> str:
    minutes = int((datetime.now(UTC) - moment).total_seconds() // 60)
    return f"{minutes}分钟前" if minutes < 60 else f"{minutes // 60}小时前" if minutes < 1440 else at(moment, "%m-%d")


def _pager87(path: str, page: int, pages: int) -> str:
    links = "".join(
        f"<b>{number}</b>" if number == page else f'<a href="{path}&page={number}">{number}</a>' for number in range(1, pages + 1)
    )
    more = f'<a href="{path}&page=1" class="b">&laquo;</a>{links}<a href="{path}&page={pages}">&raquo;</a>'
    return f'<div class="pages">{more}<span class="pagesone">Pages: {page}/{pages}</span></div>' if pages > 1 else ""


def _list87(talks: list[Talk], page: int, board: str) -> str:
    rows = ""
    for talk in talks[(page - 1) * ROWS : page * ROWS]:
        first, last, read = talk.posts[0], talk.posts[-1], f"read.php?tid={talk.tid}"
        rows += (
            f'<tr class="tr3"><td class="icon"><a title="开放主题" href="{read}"><img src="n.gif" /></a></td><td class="subject">'
            f'<a href="{read}" id="a_ajax_{talk.tid}" class="subject_t f14">{escape(talk.title)}</a></td>'
            f'<td class="author"><a href="u.php?uid={first.uid}">{PEOPLE[first.uid]}</a><p>{at(first.at, "%Y-%m-%d")}</p></td>'
            f'<td class="num"><em>{len(talk.posts) - 1}</em>9</td><td class="author"><a href="u.php?username=x">x</a>'
            f'<p><a href="{read}&page=e#a" title="{at(last.at)}">{_ago(last.at)} <span>&raquo;</span></a></p></td></tr>'
        )
    pages = max(1, -(-len(talks) // ROWS))
    return f'<table><tbody id="threadlist">{rows}</tbody></table>{_pager87(f"thread.php?fid={board}", page, pages)}'


def _index87(made: Town) -> str:
    rows = ""
    for board, name in BOARDS.items():
        talks = made.of(board)
        posts = sum(len(talk.posts) for talk in talks)
        rows += (
            f'<tr class="tr3" id="fid_{board}"><th class="new"><h2><a href="thread.php?fid={board}" id="fn_{board}">{name}</a></h2></th>'
            f'<td class="num tac"><em>{len(talks)}</em>{posts}</td><td class="re"><p>'
            f'<a href="read.php?tid={talks[0].tid}&page=e#a" class="s4">'
            f'{escape(talks[0].title)}</a></p><p><a href="u.php?username=x">x</a></p><p class="s6">{at(talks[0].last)}</p></td></tr>'
        )
    return f'<a href="index.php?m=bbs&cateid=90">全部</a><table>{rows}</table>'


def _read87(talk: Talk | None, page: int) -> str:
    if talk is None:
        return '<div class="regTitle cc"><h5>提示</h5></div><table><tr><td><span>帖子ID非法</span></td></tr></table>'
    page = min(page, talk.pages)
    shown = f'<a href="read.php?tid={talk.tid}">{escape(talk.title)}</a>'
    crumb = f'<div id="breadCrumb"><a href="thread.php?fid={talk.board}">{BOARDS[talk.board]}</a>{shown}</div>'
    posts = ""
    for said in talk.page(page):
        pid, lou = pid_of(talk, said, "tpc"), talk.posts.index(said)
        body = escape(said.body) or "<span>该主题已被管理员屏蔽!</span>"
        title = f'<h1 id="subject_tpc" class="read_h1"><span></span>{escape(talk.title)}</h1>' if lou == 0 else ""
        posts += (
            f'<a name={pid}></a><div class="read_t" id="readfloor_{pid}">'
            f'<div class="r_name"><a href="u.php?uid={said.uid}">{PEOPLE[said.uid]}</a></div>'
            f'<div class="tipTop"><a class="s2 b cp" onclick="copyUrl(\'{pid}\')">{LOU.get(lou, f"{lou}楼")}</a>&nbsp;'
            f'<span title="{at(said.at)}">发表于: {_ago(said.at)}</span></div>{title}'
            f'<div class="tpc_content"><div class="f14 mb10" id="read_{pid}">{body}</div></div></div>'
        )
    return crumb + posts + _pager87(f"read.php?tid={talk.tid}", page, talk.pages)


Site = Callable[[Town, str], Answer]
