"""The posts of a Discuz! thread page, in the stock markup, a customised one or the mobile one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice

from crawlers import names
from crawlers.dom import Node, attr, find, find_all, has_class, outer_html, squeeze, text_of
from crawlers.sites.damage import holds_more, spilled, swallows, torn_markup
from crawlers.sites.discuz.blocks import INLINE
from crawlers.sites.discuz.body import Body, bare, read_body
from crawlers.sites.discuz.damage import foreign_marks, own
from crawlers.sites.discuz.fields import before_body
from crawlers.sites.discuz.frame import Frame
from crawlers.sites.discuz.special import PLAIN, read_special
from crawlers.sites.discuz.urls import uid_of
from crawlers.sites.discuz.withheld import of_a_part, unchecked, withholds
from crawlers.sites.times import ShownTime, read_time
from store.records import PostKind, Precision
from store.snapshots import PostDetail

_POST_ID = re.compile(r"^(?:post_|pid|postmessage_|post-)(\d+)$")
_STOCK_ID = re.compile(r"post_\d+$")
#: said in place of a post that was deleted; said in place of a body that may not be seen
_GONE = re.compile(r"(?:帖|回复|楼|内容)[^。]{0,6}已?被?[^。]{0,4}删除")
_HIDDEN = re.compile(r"作者被禁止或删除|内容自动屏蔽|该帖被管理员或版主屏蔽|此帖仅作者可见|本帖要求阅读权限|帖子加密|本帖为密码帖")
_TOLD_HIDDEN = re.compile(rf"(?:\W*提示\W{{1,4}}(?:(?:{_HIDDEN.pattern})\s*)+)+\W*")
_ANONYMOUS = re.compile(r"匿名|游客")
#: why a name has no link: anonymous, a guest, an account that is gone
NO_MEMBER = re.compile(r"匿名|游客|该用户已被删除|guest", re.IGNORECASE)
_BODY_OR_TIME = (".//*[starts-with(@id,'postmessage_')]", ".//*[starts-with(@id,'authorposton')]")
_FLOOR_NAMES = {"楼主": 1, "沙发": 2, "板凳": 3, "地板": 4}
#: characters of a floor's label; more is a label that was not closed
_LONGEST_FLOOR = 16
_FLOOR = re.compile(r"(\d{1,7})\s*(?:#|楼|$)")
#: pinned by the author ("顶 来自 5#") or shown on top for its votes
_LIFTED = re.compile(r"来自|^推荐$|^置顶|^顶$")
_ADDRESS = re.compile(r"\s*(?:\d{1,3}\.){1,3}(?:\d{1,3}|x)(?::\d+)?$|\s*[0-9a-fA-F:]{2,30}:x(?::\d+)?$")
_GID = re.compile(r"[?&;]gid=(\d+)")
_POSTED = re.compile(r"发表于\s*:?\s*(.{4,40})")
_EDITED = re.compile(r"于\s*(.{4,40}?)\s*(?:重新)?编辑")
_OUTSIDE_BODY = (
    "[not(ancestor-or-self::*[starts-with(@id,'postmessage_')])]"
    f"[not(ancestor::*[{has_class('t_f')} or {has_class('message')} or {has_class('pcb')} or {has_class('sign')}"
    f" or {has_class('cm')} or {has_class('typeoption')} or {has_class('pstl')} or {has_class('rate')}"
    # the nearest will do: all of two thousand take the square of their number
    " or starts-with(@id,'comment_') or starts-with(@id,'ratelog_')][1])]"
)
#: somebody's quotation has a blockquote inside
_TOUCH_NOTICE = f"./*[{has_class('quote')}][not(.//blockquote)][normalize-space(..)=normalize-space(.)]"
#: the column of somebody without a page, whatever word the site has for the anonymous
_LINKLESS = ".//*[starts-with(@id,'favatar')][not(.//a[not(starts-with(@href,'javascript'))])][string-length(normalize-space(.))>0]"
_NAMED = "[not(contains(@href,'do='))][string-length(normalize-space(.))>0]"
_TIME_HOLDERS = f".//*[self::time or {has_class('mtime')} or (self::em and ancestor::*[{has_class('authi')}])]{_OUTSIDE_BODY}"
_OTHERS_IDS = ("comment_", "ratelog_")
_OTHERS_CLASSES = frozenset(("t_f", "message", "pcb", "sign", "cm", "typeoption", "pstl", "rate"))
#: elements within which the stock template names the author
_SOON = 12
_LOCKED = f".//*[{has_class('locked')}]"
_REMARKS = f".//*[{has_class('pstl')} or starts-with(@id,'comment_')]"
_TEXTS = (f".//td[{has_class('t_f')}] | .//div[{has_class('t_f')}]", f".//div[{has_class('message')} or {has_class('postmessage')}]")
_FLOORS = (
    ".//*[starts-with(@id,'postnum')]",
    f".//a[{has_class('floor')}]{_OUTSIDE_BODY} | .//*[{has_class('floor')}]{_OUTSIDE_BODY}",
    f".//*[{has_class('mtit')}]//*[{has_class('y')}]",
)
#: without the column at the left there still is an empty cell of its kind beside an advertisement
_COLUMN = f".//*[{has_class('pls')} or starts-with(@id,'favatar')][.//*[{has_class('pi')}] or .//a[contains(@href,'uid')]]"
_AUTHORS = (
    f".//*[{has_class('authi')}]//a[{has_class('xw1')}]{_OUTSIDE_BODY}",
    f".//*[{has_class('authi')}]//a[contains(@href,'space') and contains(@href,'uid')]{_NAMED}{_OUTSIDE_BODY}",
    f".//a[{has_class('xw1')}]{_OUTSIDE_BODY}",
    f".//a[contains(@href,'uid=') or contains(@href,'space-uid-')]{_NAMED}{_OUTSIDE_BODY}",
)
_ATTACHED = f".//*[{has_class('pattl')} or {has_class('savephotop')}]"
_PLACES_OF_TIMES = ".//*[contains(text(),'发表于')]"
#: of such places in one post
_MOST_PLACES = 40
#: ids first; a custom template keeps at least one of them, because the forum's own scripts need it
_NODES = (
    "//*[starts-with(@id,'post_') and number(substring(@id,6))=number(substring(@id,6))]",
    "//*[self::table or self::div or self::li][starts-with(@id,'pid') and number(substring(@id,4))=number(substring(@id,4))]",
    "//*[starts-with(@id,'postmessage_')]/ancestor::*[.//*[starts-with(@id,'authorposton')]][1]",
    "//*[starts-with(@id,'postmessage_')]",
)


@dataclass(frozen=True, slots=True)
class ReadPost:
    """A post as its own node tells it; the thread page adds what only the page knows."""

    pid: str
    body: str
    uid: str
    author: str
    floor: int | None
    first: bool
    quotes: str
    shown: ShownTime | None
    shielded: bool
    detail: PostDetail
    #: neither a body nor a notice that it is hidden
    bodiless: bool = False
    #: stands out of its place: pinned, recommended, or a remark on another post
    lifted: bool = False
    #: the forum says in its place that it was deleted
    deleted: bool = False
    #: words stand between the fields and the text that belong to neither, or what stands beside the text is not whole
    loose: bool = False
    #: what kinds of special thread it begins
    kinds: frozenset[str] = frozenset()
    #: a part of it is not shown to guests
    withheld: bool = False
    #: a name without the link that members have, and no word about why
    unlinked: bool = False


#: forums show 10 to 100 posts a page; the print view 100
MOST_POSTS = 500


def post_nodes(root: Node) -> list[tuple[str, Node]]:
    """(pid, node) of every post, in the page's order, each pid once; no more than `MOST_POSTS` + 1."""
    found: dict[str, Node] = {}
    named = [name for name in names.ids(root) if _STOCK_ID.match(name)]
    if named and len(named) == len(set(named)):
        return [(name[5:], find(root, f"//*[@id='{name}']")) for name in named[: MOST_POSTS + 1]]
    for path in _NODES:
        for node in find_all(root, path):
            hit = _POST_ID.match(attr(node, "id")) or _inner_id(node)
            if hit and (hit[1] not in found or (_gap(found[hit[1]]) and not _gap(node))):
                found[hit[1]] = node  # the id of a deleted post's gap is made up, and may be another post's
            if len(found) > MOST_POSTS:
                break
        if found:
            break
    return list(found.items())


def _gap(node: Node) -> bool:
    """The place of a post that was deleted: no body, no time, one sentence."""
    told = text_of(node)
    return len(told) < 60 and bool(_GONE.search(told)) and find(node, *_BODY_OR_TIME) is None


def _inner_id(node: Node) -> re.Match[str] | None:
    inner = find(node, ".//*[starts-with(@id,'postmessage_')]")
    return _POST_ID.match(attr(inner, "id"))


def read_post(pid: str, node: Node, frame: Frame, smilies: Mapping[str, str] | None = None, *, odd: bool = True) -> ReadPost:
    """One post of a page; only with `odd` it is looked for special threads, and for parts that the forum withholds."""
    found = _body_node(pid, node)
    found, special = read_special(node, found) if odd else (found, PLAIN)
    holder = found if found is node or (found is not None and not _torn(pid, found)) else None
    # a text that is there and cannot be read was lost on the way: nothing beside it says that it is hidden
    said = found is None and not swallows(node)
    told, withheld = text_of(holder), odd and withholds(node, holder)
    in_place = holder is not None and (_told_hidden(holder, told) or (odd and unchecked(holder)))
    if in_place:
        holder = None  # the touch template says it in the text's own place
    hidden = in_place or (said and _says_hidden(node))
    body = read_body(holder, frame.url, smilies) if holder is not None else Body("")
    if body.torn:
        holder, body = None, Body("")
    before, loose = before_body(node, holder) if holder is not None else ("", False)
    markup = outer_html(holder) if holder is not None else ""
    if holder is not None:
        # from here on the author's text is out of the tree: nothing in it can pass for a name, a time or a floor
        tail = holder.tail
        holder.clear()
        holder.tail = tail
    words = "\n".join(filter(None, (before, body.text, *(special.lines if markup else ()))))
    label = _floor_label(pid, node)
    floor = _floor(label)
    author = _author(node)
    group = next((link for link in node.iterdescendants("a") if "gid=" in attr(link, "href") and _outside_body(link)), None)
    group_hit = _GID.search(attr(group, "href"))
    name = _without_address(_name_of(author) if author is not None else _nameless(node))
    # beside a nameless post's text other members may be linked
    alone = author is None and bool(_ANONYMOUS.fullmatch(name))
    uid = uid_of(attr(author, "href")) or ("" if alone else _uid_alone(node))
    unlinked = bool(name) and not uid and not NO_MEMBER.search(_beside(node)) and find(node, _LINKLESS) is None
    edited = _edit_time(body.edit_note, frame)
    images = body.images + _attached_images(pid, node, frame, body.images)
    return ReadPost(
        pid=pid,
        body=words,
        uid=uid,
        author=name,
        floor=floor,
        first=label == "楼主" or floor == 1,
        quotes=body.quotes,
        shown=_shown_time(pid, node, frame),
        shielded=hidden or (withheld and not words and not images),
        withheld=withheld,
        bodiless=holder is None and not hidden,
        lifted=bool(_LIFTED.search(label.replace(" ", ""))),
        deleted=holder is None and _gap(node),
        unlinked=unlinked,
        loose=loose or special.doubtful,
        kinds=special.kinds,
        detail=PostDetail(
            pid=pid,
            edited_at=edited.at if edited else None,
            images=images,
            group_id=group_hit[1] if group_hit else "",
            group_name=text_of(group),
            node=markup,
        ),
    )


def _says_hidden(node: Node) -> bool:
    """Whether a post without a text says that it is hidden; a part that is hidden has a text around it."""
    return any(not of_a_part(text_of(one)) for one in find_all(node, _LOCKED)) or bool(_HIDDEN.search(text_of(node)))


def _told_hidden(holder: Node, told: str) -> bool:
    """Whether the forum says in a text's place that it hides it; somebody's quotation of that is a text."""
    notice = not bare(holder) and find(holder, _TOUCH_NOTICE) is not None and _HIDDEN.search(told)
    return bool((notice and ("提示" in told or _HIDDEN.fullmatch(told))) or _TOLD_HIDDEN.fullmatch(told))


def _body_node(pid: str, node: Node) -> Node | None:
    if attr(node, "id") == f"postmessage_{pid}":
        return node
    holders = find_all(node, f".//*[@id='postmessage_{pid}']") or own(pid, find_all(node, ".//*[starts-with(@id,'postmessage_')]"))
    if not holders:
        holders = own(pid, find_all(node, *_TEXTS))
    return holders[0] if holders else None


def _torn(pid: str, holder: Node) -> bool:
    """Whether a text holds another's, or parts of the page around it, or goes on behind its end."""
    if spilled(holder) or torn_markup(holder):
        return True
    return not bare(holder) and (foreign_marks(holder, pid) or holds_more(holder) or find(holder, _REMARKS) is not None)


def _floor_label(pid: str, node: Node) -> str:
    told = find(node, f".//*[@id='postnum{pid}']", *_FLOORS)
    return text_of(told)


def _floor(label: str) -> int | None:
    compact = label.replace(" ", "")
    if compact in _FLOOR_NAMES:
        return _FLOOR_NAMES[compact]
    hit = _FLOOR.search(compact) if len(compact) <= _LONGEST_FLOOR and ":" not in compact else None
    return int(hit[1]) if hit else None


def _author(node: Node) -> Node | None:
    """The link to the author's page, never a link within the text."""
    found = _stock_author(node)
    if found is None:
        column = find(node, _COLUMN)
        found = find(column if column is not None else node, *_AUTHORS)
    return None if found is not None and "<" in attr(found, "href") else found


def _stock_author(node: Node) -> Node | None:
    """What the paths for any template hit, where the stock one has it: the first link of the column at the left."""
    column = None
    for one in islice(node.iterdescendants(), _SOON):
        classes = attr(one, "class").split()
        if column is None and "pls" in classes:
            column = one
        elif column is None and attr(one, "id").startswith("favatar"):
            return None
        elif column is not None and one.tag == "a":
            named = "xw1" in classes and "uid" in attr(one, "href") and _outside_body(one)
            return one if named and _within(one, "authi", column) else None
    return None


def _within(node: Node, name: str, top: Node) -> bool:
    """Whether an element below `top`, around this one, has a class."""
    for above in node.iterancestors():
        if above is top:
            return False
        if name in attr(above, "class").split():
            return True
    return False


def _outside_body(node: Node) -> bool:
    """What `_OUTSIDE_BODY` asks, of one element."""
    if attr(node, "id").startswith("postmessage_"):
        return False
    for above in node.iterancestors():
        name, classes = above.get("id"), above.get("class")
        if name and name.startswith(("postmessage_", *_OTHERS_IDS)):
            return False
        if classes and not _OTHERS_CLASSES.isdisjoint(classes.split()):
            return False
    return True


def _name_of(link: Node) -> str:
    """A member's name; of a link that was not closed only what stands before other parts of the page."""
    if any(inner.tag not in INLINE and inner.tag != "img" for inner in link.iterdescendants()):
        return squeeze(link.text or "")
    return text_of(link)


def _nameless(node: Node) -> str:
    """The shown name of an author without a page: anonymous, or a deleted account."""
    told = ""
    # a column that tells a rank or numbers tells more than a name
    bare = f".//*[{has_class('pls')}][not(.//dl or .//a[contains(@href,'usergroup')])]"
    touch = f".//*[{has_class('mtit')}]/*[{has_class('z')}]{_OUTSIDE_BODY}"
    for path in (touch, f".//*[{has_class('pls')}]//*[{has_class('pi')}]", bare, f".//*[{has_class('authi')}]"):
        told = told or text_of(find(node, path))
    if not told and (hit := _ANONYMOUS.search(text_of(node))):
        return hit[0]
    return re.sub(r"\s*(该用户已被删除|当前离线|当前在线|发表于.*)$", "", told)[:40]


def _beside(node: Node) -> str:
    """What a post says of its author: not in the text, nor in remarks below it."""
    return " ".join(text_of(part) for part in find_all(node, f".//*[{has_class('pls')} or {has_class('authi')}]")) or text_of(node)


def _without_address(name: str) -> str:
    """A guest's name without the address that the forum sets behind it."""
    return _ADDRESS.sub("", name)


def _uid_alone(node: Node) -> str:
    """The author's id where the template shows no name: in the link of the avatar, or of "only this author's posts"."""
    for link in find_all(node, f".//*[{has_class('authi')} or {has_class('avatar')} or {has_class('pls')}]//a[@href]{_OUTSIDE_BODY}"):
        if "do=" not in attr(link, "href") and (uid := uid_of(attr(link, "href"))):
            return uid
    return ""


def _shown_time(pid: str, node: Node, frame: Frame) -> ShownTime | None:
    for holder in own(pid, find_all(node, f".//*[@id='authorposton{pid}']", ".//*[starts-with(@id,'authorposton')]")):
        if told := frame.time(holder):
            return told
    for holder in find_all(node, _TIME_HOLDERS):
        if told := frame.time(holder):
            return told
    for holder in filter(_outside_body, find_all(node, _PLACES_OF_TIMES)[:_MOST_PLACES]):
        if told := frame.time(holder):
            return told
        hit = _POSTED.search(text_of(holder))
        if hit and (told := read_time(hit[1], frame.now, frame.zone)):
            return told
    return None


def _edit_time(note: str, frame: Frame) -> ShownTime | None:
    """When the edit note says that the post was edited last."""
    hit = _EDITED.search(note)
    return read_time(hit[1], frame.now, frame.zone) if hit else None


def _attached_images(pid: str, node: Node, frame: Frame, known: tuple[str, ...]) -> tuple[str, ...]:
    """Pictures attached below the text rather than set into it."""
    found: list[str] = []
    for holder in find_all(node, _ATTACHED):
        found += read_body(holder, frame.url).images
    return tuple(url for url in dict.fromkeys(found) if url not in known)


def settle_times(posts: list[ReadPost], lower: ShownTime | None = None) -> list[ReadPost]:
    """Give a post without a readable time the earliest instant possible: that of the post before it, marked unknown."""
    settled: list[ReadPost] = []
    before = lower
    for post in posts:
        shown = post.shown
        if shown is None and before is not None:
            shown = ShownTime(before.at, Precision.UNKNOWN)
        settled.append(post if shown is post.shown else replace(post, shown=shown))
        before = shown or before
    return settled


def kind_of(post: ReadPost, *, index: int, page: int) -> PostKind:
    """A thread's first post says so; where the template hides floors, it is the first of page 1."""
    if post.first or (post.floor is None and index == 0 and page == 1 and not post.lifted):
        return PostKind.TOPIC
    return PostKind.REPLY
