"""phpwind's threads → records. Pure; raises `crawlers.pages.PageError`.

Times are to the minute, and a missing thread answers 200. A thread's first post is `#read_0` (8.x: `tpc`) in every thread, so its id is
made of the thread's: 0TID (no reply's id begins with 0). A reply that was pinned stands on top of the first page and in its place.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from crawlers.dom import Node, attr, find, find_all, has_class, outer_html, text_of
from crawlers.pages import Fetched, ParserFailure, ThreadPage
from crawlers.sites.assemble import Heading, RawPost, Unlinked, thread_page
from crawlers.sites.damage import detached, nested, spilled, strays, unread
from crawlers.sites.discuz.body import read_body
from crawlers.sites.discuz.frame import Frame
from crawlers.sites.own_text import emptied, own_words, quotes_in, torn
from crawlers.sites.phpwind.address import board_in, ids_of
from crawlers.sites.phpwind.frame import MEMBER, OUTSIDE, frame_of, pages_of, refusal, time_in, uid_in
from crawlers.sites.times import ShownTime

_FLOORS = {"楼主": 1, "沙发": 2, "板凳": 3, "地板": 4}
_POSTED = re.compile(r"(?:发布|发表|回复)于\s*[:：]?\s*(.{4,30})")
_EDITED = re.compile(r"\n?\[[^\[\]\n]{0,60}[于在]\s*([\d-]{8,10} [\d:]{4,8})\s*(?:重新)?编辑[^\[\]\n]{0,10}\][\s<>&#\"'\]]*$")
_POST_ID = re.compile(r"(?:read|readfloor)_(\d{1,12}|tpc)$")
#: said in place of a text: shielded, its author muted, deleted by a moderator, not yet looked at
_IN_PLACE = re.compile(
    r"(?:此帖已被屏蔽|(?:用户被禁言[,，]\s*)?该主题(?:已被管理员|自动|已)(?:屏蔽|删除)[!！]?|该帖(?:已被删除|还未通过检查))+"
)
_HIDDEN = re.compile(r"屏蔽|禁言|已被删除|等待审核")
#: characters of such a sentence, and signs that there are more
_LONGEST_WORD = 40
_MORE = re.compile(r"[，。？?]\s*\w")
_TITLE_END = re.compile(r"\s+[-–—|_]\s+|[|_]|$")
#: what may stand around such a sentence
_ENDS = re.compile(r"^\W+|[^\w!！]+$")
#: names of posts in the source; the elements that a post's text stands in
_NAMED = re.compile(r"""\bid\s*=\s*["']?(?:read|readfloor)_(\d{1,12}|tpc)\b""")
_TEXTS = (f".//*[{has_class('editor_content')}]", f".//*[{has_class('tpc_content')}]", ".//*[@id='J_read_main']")
_SHOWN = f"//*[{has_class('editor_content')} or {has_class('tpc_content')} or {has_class('J_read_floor')}]"
#: set where a text was taken out: no character that anybody writes
_MARK = "\ufdd0"
_MOST = 500
#: levels around a text that may hold its author and its time
_WIDEST = 8


def read_thread(page: Fetched, site: str, fetched_at: datetime, charset: str) -> ThreadPage:
    """The posts of a thread's page."""
    frame = frame_of(page, fetched_at, charset)
    tid = _thread_id(frame)
    nodes = _nodes(frame.root)
    if not nodes:
        raise refusal(frame, "帖子（#read_…）", of_thread=True)
    if not tid or len(nodes) > _MOST:
        raise ParserFailure("主题编号（read.php?tid=）" if not tid else f"一页不超过 {_MOST} 帖", frame.url[:200])
    number, pages = pages_of(frame)
    crumbs = find_all(frame.root, f"//*[{has_class('bread_crumb')} or {has_class('crumb')} or @id='breadCrumb']//a[@href]")
    crumb = next((link for link in reversed(crumbs) if board_in(attr(link, "href"))), None)
    views, replies = _counts(frame.root)
    heading = Heading(
        site=site,
        tid=tid,
        title=_title(frame.root, crumbs, tid),
        board=board_in(attr(crumb, "href")) if crumb is not None else ids_of(page.url)[1],
        board_name=text_of(crumb),
        page=number,
        pages=pages,
        views=views,
        replies=replies,
        server_now=frame.server_now,
        raw=page.body,
        whole=frame.whole,
        # a page without any class is no template's: what stands above and beside a text cannot be told
        partial=find(frame.root, "//*[@class]") is None,
    )
    read: dict[str, RawPost] = {}
    for post in _posts(frame, nodes, tid, number):
        if post.pid not in read or read[post.pid].lifted:
            read.pop(post.pid, None)
            read[post.pid] = post
    posts = list(read.values())
    if all(post.body is None and not post.shielded for post in posts):
        raise ParserFailure("帖子正文（.editor_content）", f"{len(posts)} 帖都没有")
    if all(post.shown is None for post in posts):
        raise ParserFailure("发表时间（发布于：…）", f"{len(posts)} 帖都没有")
    if not any(post.author for post in posts):
        raise ParserFailure("作者（.name a）", f"{len(posts)} 帖都没有")
    lost = unread(frame.text, _NAMED, [pid for pid, _ in nodes]) or strays(frame.root, _SHOWN, [node for _, node in nodes])
    return thread_page(replace(heading, lost=lost), posts, fetched_at)


def _posts(frame: Frame, nodes: list[tuple[str, Node]], tid: str, page: int) -> list[RawPost]:
    """Every post in the page's order; of two that were torn into each other the inner is read first, and taken out."""
    texts = next(([path] for path in _TEXTS if find(frame.root, path[1:]) is not None), [])
    inner = nested([node for _, node in nodes])
    read: list[RawPost] = []
    for pid, node in reversed(nodes):
        read.insert(0, _post(frame, pid, node, tid, page, texts))
        if node in inner:
            detached(node)
    return read


def _thread_id(frame: Frame) -> str:
    """The thread of the address; a static copy of an old page names it only inside."""
    if tid := ids_of(frame.url)[0]:
        return tid
    own = find(frame.root, "//*[@id='J_post_title']//a", "//link[@rel='canonical']")
    if tid := ids_of(attr(own, "href"))[0]:
        return tid
    told = attr(find(frame.root, "//input[@id='js-tid']", "//input[@name='tid']"), "value")
    return told if told.isascii() and told.isdigit() else ""


def _nodes(root: Node) -> list[tuple[str, Node]]:
    """(number, node) of every post in the page's order; a pinned one twice."""
    for path in ("//*[starts-with(@id,'readfloor_')]", f"//*[starts-with(@id,'read_')]{OUTSIDE}", "//*[starts-with(@id,'read_')]"):
        found = [(hit[1], node) for node in find_all(root, path) if (hit := _POST_ID.match(attr(node, "id")))]
        if found:
            return _around(found)
    return []


def _around(found: list[tuple[str, Node]]) -> list[tuple[str, Node]]:
    """Old templates name only the texts: a post is the largest part around one that holds no other, with author and time."""
    whole = sum(find(node, f".//a{MEMBER}") is not None and bool(_POSTED.search(text_of(node))) for _, node in found)
    if len(found) > _MOST or 2 * whole > len(found):
        return found
    texts = {node for _, node in found}
    wider = []
    for pid, node in found:
        post = node
        for climbed, above in enumerate(node.iterancestors()):
            if above.tag in ("body", "html") or climbed == _WIDEST or sum(one in texts for one in above.iter()) > 1:
                break
            post = above
        wider.append((pid, post))
    return wider


def _title(root: Node, crumbs: list[Node], tid: str) -> str:
    """The thread's title without the link to its kind. Further pages have it only in the path above, cut, and in the page's own title."""
    node = find(root, "//*[@id='J_post_title']", "//*[@id='subject_tpc']", f"//h1[{has_class('read_h1')}]", "//h1")
    if node is not None:
        told = text_of(node)
        for link in find_all(node, ".//a[contains(@href,'type=') or contains(@href,'modelid=')]"):
            kind = text_of(link)
            told = told.removeprefix(kind).strip() if kind else told
        return told
    shown = next((text_of(link) for link in reversed(crumbs) if ids_of(attr(link, "href"))[0] == tid), "")
    stem = re.sub(r"(?:\.{2,}|…)$", "", shown)
    page = text_of(find(root, "//title"))
    if stem != shown and page.startswith(stem):
        return stem + _TITLE_END.split(page[len(stem) :], maxsplit=1)[0]
    return shown if stem == shown else ""


def _counts(root: Node) -> tuple[int | None, int | None]:
    """(views, replies) beside the title."""
    for holder in find_all(root, f"//*[{has_class('post_num')}]", f"//*[{has_class('readTop')}]//*[{has_class('pw_ulC')}]"):
        told = text_of(holder)
        views = re.search(r"阅读\s*[:：]\s*(\d{1,9})", told) or re.search(r"(\d{1,9})\s*阅读", told)
        replies = re.search(r"回复\s*[:：]\s*(\d{1,9})", told) or re.search(r"(\d{1,9})\s*回复", told)
        return (int(views[1]) if views else None), (int(replies[1]) if replies else None)
    return None, None


def _post(frame: Frame, number: str, node: Node, tid: str, page: int, texts: list[str]) -> RawPost:
    first = number in ("0", "tpc")
    named = f"descendant-or-self::*[@id='read_{number}'][not(.//*[{has_class('editor_content')}])][not(.//a[@data-uid])]"
    # where the page names its texts, what has no such name is none
    holder = find(node, *([named] if texts[:1] != [_TEXTS[0]] else []), *texts)
    beside = find_all(node, f".//*[{has_class('read_attach_pic')} or starts-with(@id,'read_Att_')]", ".//*[starts-with(@id,'att_')]")
    own, markup, in_place = None, "", False
    if holder is not None:
        markup = outer_html(holder)
        told = [text_of(said) for said in (holder, *find_all(holder, f".//*[{has_class('shield')}]"))]
        in_place = any(_IN_PLACE.fullmatch(_ENDS.sub("", words)) for words in told)
        quotes = [*quotes_in(holder), *find_all(holder, ".//h6[starts-with(@class,'quote') or .='引用']")]
        mixed = any((hit := _POST_ID.match(attr(one, "id"))) and hit[1] != number for one in find_all(holder, ".//*[@id]"))
        mixed = mixed or spilled(holder) or torn(holder) or find(holder, f".//*[{has_class('signature')}]") is not None
        own = own_words(holder, frame.url, quotes) if not in_place and not mixed else None
        emptied(holder)  # from here on nothing the author wrote can pass for a name, a time or a floor
        holder.text = _MARK
    for signature in find_all(node, f".//*[{has_class('signature')}]"):
        emptied(signature)
    text, edited = own.text if own else None, _edited(frame, node)
    if text and (note := _EDITED.search(text)):
        edited, text = time_in(frame, note[1]), text[: note.start()].rstrip()
    if text is not None and not first:
        titled = _reply_title(node)
        text = f"{titled}\n{text}".strip() if titled is not None and _MARK not in titled else None
    author = find(node, f".//*[{has_class('name')} or {has_class('r_name')}]//a[string-length(normalize-space(.))>0]", f".//a{MEMBER}")
    pictures = [*own.images, *(picture for part in beside for picture in _pictures(part, frame.url))] if own else []
    return RawPost(
        pid=f"0{tid}" if first else number,
        body=text,
        shown=_posted(frame, node),
        uid=uid_in(author),
        author=text_of(author),
        unlinked=_unlinked(author),
        floor=_floor(node),
        first=first,
        shielded=own is None and (in_place or any(_says_hidden(one.text or "") for one in node.iter() if isinstance(one.tag, str))),
        url=f"{frame.base}read.php?tid={tid}" + (f"&page={page}" if page > 1 else "") + f"#read_{number}",
        images=tuple(dict.fromkeys(pictures)),
        edited_at=edited.at if edited else None,
        node=markup if own else "",
        lifted=_pinned(node),
    )


def _says_hidden(told: str) -> bool:
    """A sentence of the program's own, not one that somebody wrote about it."""
    return len(told) < _LONGEST_WORD and bool(_HIDDEN.search(told)) and not _MORE.search(told)


def _unlinked(author: Node | None) -> Unlinked:
    guest = author is None or "uid=0" in attr(author, "href") or attr(author, "data-uid") == "0"
    return Unlinked.NO if guest or uid_in(author) else Unlinked.TORN


def _posted(frame: Frame, node: Node) -> ShownTime | None:
    """The time behind 发布于; 8.x shows "3 小时前" and the minute in a title."""
    for holder in find_all(node, ".//*[@title][starts-with(normalize-space(.),'发表于') or starts-with(normalize-space(.),'发布于')]"):
        if shown := time_in(frame, attr(holder, "title")):
            return shown
    # a signature below the text may say the same words
    hit = _POSTED.search(text_of(node).partition(_MARK)[0])
    return time_in(frame, hit[1]) if hit else None


def _edited(frame: Frame, node: Node) -> ShownTime | None:
    note = find(node, f".//*[{has_class('edit_log')}]")
    hit = re.search(r"\d{4}-\d{1,2}-\d{1,2} [\d:]{4,8}", text_of(note))
    return time_in(frame, hit[0]) if hit else None


def _reply_title(node: Node) -> str | None:
    """A title that a reply was given (8.x), not the "Re:" that the program sets; None where nobody knows where it ends."""
    titled = find(node, ".//*[starts-with(@id,'subject_')]")
    if titled is not None and titled.tag != "div":
        return None
    told = text_of(titled)
    return "" if re.match(r"(?:Re|回)\s*[:：]", told, re.IGNORECASE) else told


def _floor(node: Node) -> int | None:
    """The place in the thread: the program counts from 0, and gives the first ones names."""
    named = f".//*[{has_class('J_floor_copy')} or {has_class('lou')} or {has_class('floor')}][not(self::div)]"
    told = find(node, named, ".//a[contains(@onclick,'copyUrl')]")
    label = text_of(told).replace(" ", "").rstrip("#")
    counted = re.fullmatch(r"(\d{1,7})(?:楼|F|层)?", label)
    return _FLOORS.get(label) or (int(counted[1]) + 1 if counted else None)


def _pinned(node: Node) -> bool:
    if find(node, f".//*[{has_class('inside_digs_icon')}]") is not None:
        return True
    return text_of(find(node, ".//a[contains(@onclick,'copyUrl')]")).startswith("置顶")


def _pictures(part: Node, url: str) -> list[str]:
    """The pictures that are attached to a post, without the signs for kinds of files."""
    return [picture for picture in read_body(part, url).images if "/file/" not in picture]
