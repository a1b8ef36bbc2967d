"""RSS, robots.txt, user space, attachments, login: the small answers around the threads."""

from __future__ import annotations

from email.utils import format_datetime
from html import escape

from huiying.forum import bodytext, forms, queries
from huiying.forum.accounts import OFFICIAL, name_of
from huiying.forum.boards import BOARDS
from huiying.forum.markup import crumb, page
from huiying.forum.queries import Order
from huiying.forum.rows import PostRow
from huiying.forum.times import instant
from huiying.forum.view import SITE_NAME, View

#: the rules of a stock X3.5, in the order it has them
ROBOTS = """User-agent: *
Disallow: /api/
Disallow: /data/
Disallow: /source/
Disallow: /install/
Disallow: /template/
Disallow: /config/
Disallow: /uc_client/
Disallow: /uc_server/
Disallow: /static/
Disallow: /admin.php
Disallow: /search.php
Disallow: /member.php
Disallow: /connect.php
Disallow: /*?mod=misc*
Disallow: /*?mod=attachment*
Disallow: /*mobile=yes*
Disallow: /*?mod=redirect*
Disallow: /*?mod=post*
Disallow: /home.php?mod=spacecp*
"""


def rss(view: View, fid: int, base: str) -> str:
    """The 20 newest threads, no replies, no guid. `base` is the site's address with a final slash."""
    rows = queries.board_threads(view.store, fid, 1, Order.NEWEST) if fid else queries.guide_threads(view.store, 1, Order.NEWEST)
    name = BOARDS.get(fid, SITE_NAME)
    entries = []
    for row in rows:
        posts, _ = queries.thread_posts(view.store, row.tid, 1, per_page=1)
        words = bodytext.excerpt(posts[0].body, 255) if posts and not posts[0].shielded else ""
        entries.append(
            f"<item><title>{escape(row.title)}</title><link>{escape(base)}forum.php?mod=viewthread&amp;tid={row.tid}</link>"
            f"<description><![CDATA[{words.replace(']]>', ']]&gt;')}]]></description><category>{BOARDS.get(row.fid, '')}</category>"
            f"<author>{escape(name_of(row.uid))}</author><pubDate>{format_datetime(instant(row.created))}</pubDate></item>\n"
        )
    return (
        f'<?xml version="1.0" encoding="{view.charset}"?>\n<rss version="2.0">'
        f"<channel><title>{SITE_NAME} - {name}</title><link>{escape(base)}</link>"
        f"<description>Latest threads</description><copyright>{SITE_NAME}</copyright><generator>{SITE_NAME}</generator><ttl>60</ttl>\n"
        f"{''.join(entries)}</channel></rss>\n"
    )


def space(view: View, uid: int) -> str:
    name = name_of(uid)
    unit = f"<p>官方账号：{escape(OFFICIAL[uid])}</p>" if uid in OFFICIAL else "<p>新手上路</p>"
    threads = "".join(
        f'<li><a href="{view.thread_href(row.tid)}">{escape(row.title)}</a></li>' for row in queries.posts_of(view.store, uid)
    )
    content = f'<h1 class="mt">{escape(name)}</h1><p>UID: {uid}</p>{unit}<h2>主题</h2><ul>{threads or "<li>还没有主题</li>"}</ul>'
    return page(view, f"{name}的个人资料", content, trail=crumb(name))


def attachment(view: View, aid: str) -> str:
    return page(view, "附件", f'<p class="emp">示例论坛不保存附件（编号 {escape(aid)}）。</p>', trail=crumb("附件"))


def login(view: View) -> str:
    content = (
        '<form id="loginform" method="post" action="member.php?mod=logging&amp;action=login"><h1>登录</h1><p>示例论坛不接受登录。</p>'
        '<label>用户名 <input type="text" name="username" /></label> <label>密码 <input type="password" name="password" /></label>'
        '<button type="button" disabled="disabled">登录</button></form>'
    )
    return page(view, "登录", content, trail=crumb("登录"))


def edit_form(view: View, post: PostRow) -> str:
    return page(view, "编辑帖子", forms.edit(post), trail=crumb("编辑帖子"))
