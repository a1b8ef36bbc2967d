"""Forms by which a person at this machine posts as a resident or 以官方账号."""

from __future__ import annotations

from functools import cache
from html import escape

from huiying.forum.accounts import ACCOUNTS, RESIDENTS
from huiying.forum.boards import KINDS
from huiying.forum.rows import PostRow

#: browsers fill it with the encoding they used for the form
_CHARSET_FIELD = '<input type="hidden" name="_charset_" />'


@cache
def _accounts() -> str:
    residents = "".join(f'<option value="{account.uid}">{escape(account.name)}</option>' for account in RESIDENTS[:20])
    official = "".join(f'<option value="{account.uid}">{escape(account.name)}</option>' for account in ACCOUNTS if account.unit)
    return (
        '<label class="who">以谁的名义 <select name="uid">'
        f'<optgroup label="网友">{residents}</optgroup><optgroup label="以官方账号">{official}</optgroup></select></label>'
    )


@cache
def new_thread(fid: int) -> str:
    kinds = '<option value="">不分类</option>' + "".join(f"<option>{name}</option>" for name in KINDS.values())
    return (
        f'<form class="say" id="newthread" method="post" action="sample/thread"><h2>发表新帖</h2>{_CHARSET_FIELD}'
        f'<input type="hidden" name="fid" value="{fid}" />{_accounts()}<label>分类 <select name="kind">{kinds}</select></label>'
        '<label class="wide">标题 <input type="text" name="title" required="required" maxlength="80" /></label>'
        '<label class="wide">内容 <textarea name="body" rows="6" required="required"></textarea></label>'
        '<button type="submit" id="newthread-submit">发表帖子</button></form>'
    )


def reply(tid: int) -> str:
    return (
        f'<form class="say" id="reply" method="post" action="sample/reply"><h2>回复</h2>{_CHARSET_FIELD}'
        f'<input type="hidden" name="tid" value="{tid}" /><input type="hidden" name="quote" value="" />{_accounts()}'
        '<label class="wide">内容 <textarea name="body" rows="5" required="required"></textarea></label>'
        '<button type="submit" id="reply-submit">回复</button></form>'
    )


def edit(post: PostRow) -> str:
    return (
        f'<form class="say" id="edit" method="post" action="sample/edit"><h2>编辑</h2>{_CHARSET_FIELD}'
        f'<input type="hidden" name="pid" value="{post.pid}" />'
        f'<label class="wide">内容 <textarea name="body" rows="8" required="required">{escape(post.body)}</textarea></label>'
        '<button type="submit">保存</button></form>'
        f'<form class="say" method="post" action="sample/delete"><input type="hidden" name="pid" value="{post.pid}" />'
        '<button type="submit" class="warn">删除此帖</button></form>'
    )
