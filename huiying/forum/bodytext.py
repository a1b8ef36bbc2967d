"""A post's body: plain text with smilies and a few marks, as HTML and as the words a reader sees.

Marks: `[img]path[/img]` an attached picture, `[code]…[/code]` a block that carries "复制代码". Addresses become links.
Smilies are drawn as pictures wherever their characters stand, even in "电话:(0576": a reader of the page must turn
`img[smilieid]` back into the characters.
"""

from __future__ import annotations

import re
from html import escape

#: characters → (smilieid, file name) of the stock set
SMILIES: dict[str, tuple[int, str]] = {
    ":)": (1, "smile"),
    ":(": (2, "sad"),
    ":D": (3, "biggrin"),
    ":'(": (4, "cry"),
    ":@": (5, "huffy"),
    ":o": (6, "shocked"),
    ":P": (7, "tongue"),
    ":$": (8, "shy"),
    ";P": (9, "titter"),
    ":L": (10, "sweat"),
    ":Q": (11, "mad"),
    ":lol": (12, "lol"),
    ":loveliness:": (13, "loveliness"),
    ":funk:": (14, "funk"),
    ":curse:": (15, "curse"),
    ":dizzy:": (16, "dizzy"),
    ":shutup:": (17, "shutup"),
    ":sleepy:": (18, "sleepy"),
    ":hug:": (19, "hug"),
    ":victory:": (20, "victory"),
    ":time:": (21, "time"),
    ":kiss:": (22, "kiss"),
    ":handshake": (23, "handshake"),
    ":call:": (24, "call"),
}
_MARK = re.compile(
    r"\[img\](?P<img>[^\[\]\s]{1,200})\[/img\]"
    r"|\[code\](?P<code>.*?)\[/code\]"
    r"|(?P<url>https?://[^\s<>\"'）。，]+)"
    r"|(?P<smiley>" + "|".join(re.escape(text) for text in sorted(SMILIES, key=len, reverse=True)) + ")",
    re.DOTALL,
)
_PICTURES = re.compile(r"\[img\][^\[\]\s]{1,200}\[/img\]")
_CODE = re.compile(r"\[/?code\]")


def plain(body: str) -> str:
    """The words a reader sees: without pictures and marks, smilies as their characters."""
    return _CODE.sub("", _PICTURES.sub("", body)).strip()


def smiley_html(text: str) -> str:
    smilieid, name = SMILIES[text]
    return f'<img src="static/image/smiley/default/{name}.gif" smilieid="{smilieid}" border="0" alt="" />'


def picture_html(path: str, aid: int) -> str:
    """An attached picture: the real path stands in `file` and `zoomfile`, `src` is an empty gif."""
    real = escape(f"data/attachment/forum/{path}")
    return (
        "<ignore_js_op>"
        f'<img id="aimg_{aid}" aid="{aid}" src="static/image/common/none.gif" zoomfile="{real}" file="{real}" class="zoom" alt="" />'
        f'<div class="tip tip_4 aimg_tip" id="aimg_{aid}_menu" style="display:none"><p>{escape(path)} <em>(56.2 KB, 下载次数: 3)</em></p>'
        f'<p><a href="forum.php?mod=attachment&amp;aid={aid}">下载附件</a></p></div></ignore_js_op>'
    )


def _words(text: str) -> str:
    return escape(text, quote=False).replace("\r\n", "\n").replace("\n", "<br />\n")


def html(body: str, pid: int) -> str:
    """HTML of the body, everything escaped; `pid` numbers the pictures."""
    parts: list[str] = []
    at = 0
    for found in _MARK.finditer(body):
        parts.append(_words(body[at : found.start()]))
        at = found.end()
        if found["img"] is not None:
            parts.append(picture_html(found["img"], pid * 10 + len(parts) % 10))
        elif found["code"] is not None:
            parts.append(f'<div class="blockcode"><div><ol><li>{_words(found["code"])}</li></ol></div><em>复制代码</em></div>')
        elif found["url"] is not None:
            address = escape(found["url"])
            parts.append(f'<a href="{address}" target="_blank" rel="nofollow noopener">{address}</a>')
        else:
            parts.append(smiley_html(found["smiley"]))
    parts.append(_words(body[at:]))
    return "".join(parts)


def excerpt(body: str, length: int = 60) -> str:
    """The first words, for a quotation."""
    words = " ".join(plain(body).split())
    return words if len(words) <= length else words[:length] + " ..."
