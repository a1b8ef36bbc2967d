"""The text of a Discuz! post as its author wrote it: without what the program adds around and inside it."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from crawlers.dom import Node, attr, find, find_all, has_class, text_of
from crawlers.sites.discuz.urls import absolute
from crawlers.sites.discuz.withheld import forum_says

#: texts of the stock smiley sets by the last part of their picture's path; a site's own set is configuration
SMILEY_TEXTS: dict[str, str] = {
    "smile.gif": ":)",
    "sad.gif": ":(",
    "biggrin.gif": ":D",
    "cry.gif": ":'(",
    "huffy.gif": ":@",
    "shocked.gif": ":o",
    "tongue.gif": ":P",
    "shy.gif": ":$",
    "titter.gif": ";P",
    "sweat.gif": ":L",
    "mad.gif": ":Q",
    "lol.gif": ":lol",
    "loveliness.gif": ":loveliness:",
    "funk.gif": ":funk:",
    "curse.gif": ":curse:",
    "dizzy.gif": ":dizzy:",
    "shutup.gif": ":shutup:",
    "sleepy.gif": ":sleepy:",
    "hug.gif": ":hug:",
    "victory.gif": ":victory:",
    "time.gif": ":time:",
    "kiss.gif": ":kiss:",
    "handshake.gif": ":handshake",
    "call.gif": ":call:",
}
_STOCK_IDS = dict(enumerate(SMILEY_TEXTS.values(), start=1))

#: a browser sets space between these
_CELLS = frozenset(("td", "th"))
_BLOCK = frozenset(
    "p div tr table li ul ol blockquote h1 h2 h3 h4 h5 h6 hr pre dl dt dd section article center form fieldset".split()  # noqa: SIM905
)
_DROPPED_TAGS = frozenset(("script", "style", "ignore_js_op", "button", "select", "textarea", "noscript", "object", "embed", "iframe"))
_DROPPED_CLASSES = frozenset(
    "quote pstatus locked jammer tip aimg_tip tattl attach_nopermission attach a_pr sign modact psth".split()  # noqa: SIM905
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])", re.IGNORECASE)
#: what the forum sets above a text that was edited
_NOTE = re.compile(r"本帖最后由\s.{1,60}\s于\s.{1,40}\s编辑")
#: elements in which templates set the forum's own sentences into a text
_SAYING = frozenset(("i", "em", "span", "div", "p", "h2", "h4", "b", "font"))
#: elements within such a sentence (a link, a time), of which it has two or three
_MOST_WITHIN = 12
_QUOTE_HEAD = re.compile(r".{1,40}\s发表于\s")
_COPY_LABELS = frozenset(("复制代码", "複製代碼"))
_PLACEHOLDERS = re.compile(r"(?:^|/)(?:none|loading|grey|blank|lazy|placeholder)\.(?:gif|png|jpg|svg)$", re.IGNORECASE)
_PID = re.compile(r"[?&;]pid=(\d+)|#pid(\d+)")
#: the edge of a block: a line end unless one is there already
_BREAK = "\x1e"
#: the same note where its element was lost
_NOTE_LINE = re.compile(rf"本帖最后由\s[^\n{_BREAK}]{{1,60}}\s于\s[^\n{_BREAK}]{{1,40}}\s编辑[^\w\n{_BREAK}]{{0,3}}(?=[\n{_BREAK}])")
_BREAKS = re.compile(f"[ \n{_BREAK}]*[\n{_BREAK}][ \n{_BREAK}]*")
_REFERENCE = re.compile(r"&#(?:\d{2,7}|[xX][0-9a-fA-F]{2,6});")


@dataclass(frozen=True, slots=True)
class Body:
    """A post's own text and what was taken out of it."""

    text: str
    quotes: str = ""
    images: tuple[str, ...] = ()
    edit_note: str = ""
    #: what the forum sets into it was cut in two: nobody can tell where the author's words begin
    torn: bool = False


def read_body(node: Node, base_url: str, smilies: Mapping[str, str] | None = None) -> Body:
    """The author's text of a body node: line breaks kept, quotes, notes, traps and tips left out, smilies as text."""
    if bare(node):
        return Body(_collect(node, {}, frozenset()))
    text, images = _collect(node, smilies or {}, frozenset()), _images(node, base_url, ("a_pr", "attach_nopermission", "quote"))
    quote = find(node, f".//*[{has_class('quote')}]", ".//blockquote")
    quoted = _quoted_pid(quote)
    headed = quote is not None and bool(_QUOTE_HEAD.match(text_of(quote)))
    if not text and quote is not None and not quoted and not headed:
        # somebody set the whole post in [quote]: it is the post, not a reference to another
        text = _collect(node, smilies or {}, frozenset(("quote",)))
        images = _images(node, base_url, ("a_pr", "attach_nopermission"))
    note = text_of(find(node, f".//*[{has_class('pstatus')}]"))
    torn = (headed and not quoted and not text) or (note.startswith("本帖最后由") and not note.endswith("编辑"))
    torn = torn or (quoted != "" and not text_of(find(quote, ".//a[@href]")))
    return Body(text=text, quotes=quoted, images=images, edit_note=note, torn=torn)


def bare(node: Node) -> bool:
    """Whether a body holds words and line ends and nothing else, as most do."""
    return all(child.tag == "br" and not child.keys() and not len(child) for child in node)


def _quoted_pid(quote: Node | None) -> str:
    if quote is None:
        return ""
    for link in find_all(quote, ".//a[@href]"):
        if hit := _PID.search(attr(link, "href")):
            return hit[1] or hit[2]
    return ""


def _dropped(node: Node, kept: frozenset[str]) -> bool:
    if node.tag in _DROPPED_TAGS:
        return True
    classes = attr(node, "class")
    if classes and not _DROPPED_CLASSES.isdisjoint(classes.split()) and kept.isdisjoint(classes.split()):
        return True
    style = attr(node, "style")
    if style and _HIDDEN.search(style):
        return True
    if node.tag == "blockquote" and _quoted_pid(node) and "quote" not in kept:
        return True
    if node.tag in _SAYING and _said_by_forum(node):
        return True
    if node.tag in ("em", "a", "span") and (attr(node, "onclick").startswith("copycode") or (node.text or "").strip() in _COPY_LABELS):
        return True
    return node.tag == "span" and attr(node, "id").startswith("attach_")


def _said_by_forum(node: Node) -> bool:
    """Whether an element is nothing but a sentence of the forum's own; one that holds many others is none, and is not looked through."""
    if len(node) and next(islice(node.iterdescendants(), _MOST_WITHIN, None), None) is not None:
        return False
    told = ("".join(node.itertext()) if len(node) else node.text or "").strip()
    return bool(told) and (_NOTE.fullmatch(told) is not None or forum_says(told))


def _collect(root: Node, smilies: Mapping[str, str], kept: frozenset[str]) -> str:
    """Walk without recursion (a hostile page nests thousands deep)."""
    pieces: list[str] = [_flowing(root.text)]
    stack = [iter(root)]
    trail: list[Node] = []
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
            if trail:
                left = trail.pop()
                if left.tag in _BLOCK:
                    pieces.append(_BREAK)
                elif left.tag in _CELLS:
                    pieces.append(" ")
                pieces.append(_flowing(left.tail))
            continue
        if not isinstance(node.tag, str) or _dropped(node, kept):
            pieces.append(_flowing(node.tail))
            continue
        if node.tag in ("br", "img"):
            pieces += ["\n" if node.tag == "br" else _smiley(node, smilies), _flowing(node.tail)]
            continue
        pieces += [_BREAK if node.tag in _BLOCK else "", _flowing(node.text)]
        trail.append(node)
        stack.append(iter(node))
    return tidy("".join(pieces))


def _flowing(text: str | None) -> str:
    """Text between tags: its line ends are spaces, as a browser shows them."""
    return text.replace("\n", " ") if text else ""


def tidy(text: str) -> str:
    """Single spaces, at most one blank line in a row, character references that the forum escaped twice undone."""
    if "&#" in text:
        text = _REFERENCE.sub(lambda hit: entities.unescape(hit[0]), text)
    text = re.sub(r"[\u200b\u200c\u2060\ufeff]", "", text)
    text = re.sub(r"[ \t\u00a0\u3000\r\f\v]+", " ", text)
    if (begins := text.lstrip(f" \n{_BREAK}")).startswith("本帖最后由") and (note := _NOTE_LINE.match(begins)):
        text = begins[note.end() :]  # the forum's note without its element
    return _BREAKS.sub(lambda hit: "\n" * max(1, min(2, hit[0].count("\n"))), text).strip()


def _smiley(node: Node, smilies: Mapping[str, str]) -> str:
    """The characters that the forum turned into this picture, "" for a real picture."""
    number = attr(node, "smilieid") or attr(node, "data-smilieid")
    source = attr(node, "src") or attr(node, "file")
    if not number and "/smiley/" not in source:
        return ""
    told = attr(node, "alt") or attr(node, "title")
    if number in smilies:
        return smilies[number]
    if told and not told.endswith((".gif", ".png")):
        return told
    name = source.split("?", 1)[0].rsplit("/", 1)[-1]
    if name in smilies:
        return smilies[name]
    if name in SMILEY_TEXTS:
        return SMILEY_TEXTS[name]
    return _STOCK_IDS.get(int(number), "") if number.isdigit() and len(number) < 6 else ""


def _images(node: Node, base_url: str, others: tuple[str, ...]) -> tuple[str, ...]:
    """The author's pictures: none of an advertisement, a call to log in, or somebody else's post."""
    around = " or ".join(map(has_class, others))
    found: list[str] = []
    for image in find_all(node, f".//img[not(ancestor::*[{around}][1])]"):
        if attr(image, "smilieid") or "/smiley/" in attr(image, "src"):
            continue
        for name in ("zoomfile", "file", "data-src", "data-original", "src"):
            path = attr(image, name)
            if path and not _PLACEHOLDERS.search(path.split("?", 1)[0]) and not path.startswith("data:"):
                url = absolute(base_url, path)
                if url and "/image/common/" not in url and "/image/filetype/" not in url:
                    found.append(url)
                break
    return tuple(dict.fromkeys(found))
