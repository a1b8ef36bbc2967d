"""Pages of a configured site → records. Pure; a rule that yields nothing where it should is a ParserFailure that names it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from crawlers.dom import Node, find, find_all, outer_html, parse, text_of
from crawlers.pages import Fetched, Notice, NoticeKind, ParserFailure, ThreadList, ThreadPage, ThreadRow, Wall, WallKind
from crawlers.sites.assemble import Heading, RawPost, Unlinked, thread_page
from crawlers.sites.damage import detached, nested, swallowed, torn_in
from crawlers.sites.decode import decode_page
from crawlers.sites.discuz.body import Body
from crawlers.sites.discuz.notices import wall_of
from crawlers.sites.discuz.rows import title_text
from crawlers.sites.discuz.urls import absolute
from crawlers.sites.engine import ExtractedField
from crawlers.sites.own_text import emptied, own_words, torn
from crawlers.sites.selectors.address import Address
from crawlers.sites.selectors.damage import holds_others, lost_posts
from crawlers.sites.selectors.reading import Reading, href_of, person_id_of, post_id_of
from crawlers.sites.selectors.rules import Rules
from store.records import Precision

#: longest list and longest page of a thread that is read
_MOST = 500


@dataclass(frozen=True, slots=True)
class Opened:
    """A page with its rules at work on it."""

    reading: Reading
    page: Fetched
    text: str
    whole: bool
    #: of a list, where its address does not tell
    number: int | None = None

    @property
    def outline(self) -> str:
        """What came, for the operator: never a text of somebody."""
        return f"标题“{text_of(find(self.reading.root, '//title'))[:60]}”，{len(self.text)} 字{'' if self.whole else '，页面不完整'}"

    def missing(self, name: str, what: str) -> ParserFailure:
        """The failure that names a rule."""
        return ParserFailure(f"{what}（rules.{name}：{self.reading.rules.text(name)}）", self.outline)

    def refuse(self) -> None:
        """Raise what the page is, when it is something else."""
        for name, wall in (("wall", WallKind.CAPTCHA), ("login", WallKind.LOGIN)):
            if hit := self.reading.first(name):
                raise Wall(wall, hit.text)
        wall_found = wall_of(self.reading.root, self.text, text_of(find(self.reading.root, "//title")), self.page.url)
        if wall_found is not None:
            raise wall_found


def open_page(page: Fetched, rules: Rules, fetched_at: datetime, charset: str, notes: list[ExtractedField] | None) -> Opened:
    """Decode and parse; raises ParserFailure when the text cannot be read in any charset."""
    decoded = decode_page(page.body, page.header_charset, charset)
    if decoded.unreadable > 0.05:
        raise ParserFailure("可读的字符集", f"{decoded.unreadable:.0%} 的字符读不出来（核对 charset）")
    root, parsed = parse(decoded.text)
    ended = not rules.end or rules.end.lower() in decoded.text[-4096:].lower()
    whole = parsed and ended and not swallowed(root, decoded.text)
    return Opened(Reading(rules, root, fetched_at, notes), page, decoded.text, whole)


def _pages(opened: Opened, address: Address | None) -> tuple[int, int]:
    """(this page, number of pages): as the address says, and as `next` and `last` tell; past its end a site shows no next."""
    reading = opened.reading
    found = address.read(opened.page.url) if address else None
    page = opened.number or (found.page if found else None) or 1
    following = reading.first("next")
    pages = page + (following is not None)
    there = address.read(absolute(opened.page.url, href_of(following))) if address and address.size and following else None
    if address and there and (step := (there.skipped or 0) - (found.skipped or 0 if found else 0)) not in (0, address.size):
        # with more than there are, records between two pages would never be read
        raise ParserFailure(f"每页 {address.size} 条（{address.template}）", f"下一页的网址多出 {step} 条：写 {{skip:{step}}}")
    for hit in reading.hits("last"):
        linked = address.read(absolute(opened.page.url, href_of(hit))) if address and href_of(hit) else None
        told = linked.page if linked else None
        if told is None and hit.text.isascii() and hit.text.isdigit() and len(hit.text) < 8:
            told = int(hit.text)
        pages = max(pages, told or 1)
    return page, pages


def next_of(opened: Opened) -> str:
    """The address of the next page as this one links to it, "" when it links to none of this site."""
    hit = next(iter(opened.reading.hits("next")), None)
    url = absolute(opened.page.url, href_of(hit)) if hit else ""
    return url if urlsplit(url).netloc == urlsplit(opened.page.url).netloc else ""


def read_index(opened: Opened) -> dict[str, tuple[str, str]]:
    """Board ids with their names and addresses: every link of the form of the board's address."""
    rules, reading = opened.reading.rules, opened.reading
    links = [hit.node for hit in reading.hits("board_link")] if rules.selectors["board_link"] else find_all(reading.root, "//a[@href]")
    boards: dict[str, tuple[str, str]] = {}
    for link in links:
        url = absolute(opened.page.url, link.get("href") or "") if link is not None else ""
        found = rules.board.read(url) if rules.board and url else None
        if found and text_of(link):
            boards.setdefault(found.id, (text_of(link), url))
    if not boards:
        opened.refuse()
        if rules.board is None:
            forms = "、".join(f"rules.{name}（{one.template}）" for name, one in (("list", rules.listing), ("thread", rules.thread)) if one)
            raise ParserFailure(f"{forms} 形式的网址", opened.page.url[:200])
        raise ParserFailure(f"版块链接（rules.board：{rules.board.template}）", opened.outline)
    return boards


def read_list(opened: Opened) -> ThreadList:
    """The rows of a list. Raises PageError when there are none, unless `empty` says that there need be none."""
    rules, reading = opened.reading.rules, opened.reading
    found = rules.board.read(opened.page.url) if rules.board else None
    board = found.id if found else ""
    page, pages = _pages(opened, rules.board if board else rules.listing)
    nodes = [hit.node for hit in reading.hits("row") if not hit.is_text][:_MOST]
    if not nodes:
        opened.refuse()
        if reading.first("empty"):
            return ThreadList(rows=(), page=page, pages=pages, board=board)
        raise opened.missing("row", "列表行")
    rows: dict[str, ThreadRow] = {}
    unread: list[str] = []
    untitled = 0
    broken = torn_in(reading.root, opened.text)
    for index, node in enumerate(nodes):
        reading.record = f"行 {index + 1}"
        row = _row(opened, node, board) if node not in broken else None
        if row is None:
            unread.append(href_of(next(iter(reading.hits("link", node)), None)))
        elif not row.title:
            untitled += 1
        else:
            rows.setdefault(row.tid, row)
    if not rows and untitled:
        raise opened.missing("title" if rules.selectors["title"] else "link", "主题标题")
    if not rows:
        example = next(filter(None, unread), "")
        linked = f"（行中的链接例如 {example[:120]}）" if example else ""
        raise opened.missing("link", f"{len(nodes)} 行中能认作 rules.thread（{rules.thread.template}）的主题链接{linked}")
    kept = tuple(rows.values())
    for name in ("row_time", "row_posted"):
        if rules.selectors[name] and not any(row.last_post_at if name == "row_time" else row.posted_at for row in kept):
            raise opened.missing(name, "列表行的时间")
    told = next(filter(None, unread), "")
    link = f"能认作 rules.thread（{rules.thread.template}）的主题链接，例如 {told[:120]}" if told else "主题链接"
    findings = tuple(f"{count} 行没有{what}" for count, what in ((len(unread), link), (untitled, "标题")) if count)
    if not opened.whole and len(kept) > 1:
        kept, findings = kept[:-1], (*findings, "页面不完整：最后一行未采用")
    return ThreadList(rows=kept, page=page, pages=pages, board=board, findings=findings)


def _row(opened: Opened, node: Node, board: str) -> ThreadRow | None:
    rules, reading = opened.reading.rules, opened.reading
    hits = reading.hits("link", node)
    hit = hits[0] if hits else None
    reading.note("link", hit, href_of(hit))
    url = absolute(opened.page.url, href_of(hit)) if hit else ""
    found = rules.thread.read(url) if hit and href_of(hit) else None
    if hit is None or found is None:
        return None
    in_board, board_name, board_url = None, "", ""
    # a board's list shows threads of other boards, too: pinned everywhere, or of a board below it
    if rules.board and (link := reading.first("board_link", node)):
        board_url = absolute(opened.page.url, href_of(link))
        in_board = rules.board.read(board_url)
        board_name = text_of(link.node) if in_board and link.node is not None else ""
    posted, replied = reading.time("row_posted", node), reading.time("row_time", node)
    author, uid = reading.first("row_author", node), reading.first("row_author_id", node)
    return ThreadRow(
        tid=found.id,
        title=reading.text("title", node) if rules.selectors["title"] else title_text(hit.node) if hit.node is not None else hit.text,
        url=url,
        board=in_board.id if in_board else board,
        board_name=board_name,
        board_url=board_url,
        uid=person_id_of((href_of(uid) or uid.text) if uid else href_of(author) if author and not author.is_text else ""),
        author=author.text if author else "",
        posted_at=posted.at if posted else None,
        precision=posted.precision if posted else Precision.UNKNOWN,
        replies=reading.number("replies", node),
        views=reading.number("views", node),
        last_post_at=replied.at if replied else None,
        last_precision=replied.precision if replied else Precision.UNKNOWN,
        sticky=reading.first("sticky", node) is not None,
    )


def read_thread(opened: Opened, site: str, fetched_at: datetime) -> ThreadPage:
    """The posts of a thread's page. Raises PageError when there are none to read."""
    rules, reading, url = opened.reading.rules, opened.reading, opened.page.url
    nodes = [hit.node for hit in reading.hits("post") if not hit.is_text]
    if not nodes:
        if hit := reading.first("gone"):
            raise Notice(NoticeKind.MISSING_THREAD, hit.text)
        opened.refuse()
        raise opened.missing("post", "帖子")
    if len(nodes) > _MOST:
        raise ParserFailure(f"一页不超过 {_MOST} 帖（rules.post）", f"{len(nodes)}")
    found = rules.thread.read(url)
    if found is None:
        raise ParserFailure(f"主题网址（rules.thread：{rules.thread.template}）", url[:200])
    page, pages = _pages(opened, rules.thread)
    title = reading.text("subject") or text_of(find(reading.root, "//h1", "//title"))
    names = {hit.text: number for number, node in enumerate(nodes) for hit in reading.hits("post_id", node)[:1]}
    lost = lost_posts(reading, opened.text, nodes, names)
    inner = nested(nodes)
    posts: dict[int, RawPost] = {}
    # the inner of two that were torn into each other comes first, and is taken out
    for index, node in reversed(list(enumerate(nodes))) if inner else enumerate(nodes):
        reading.record = f"帖 {index + 1}"
        posts[index] = _post(opened, node, first=index == 0 and page == 1 and not lost.before)
        if node in inner:
            detached(node)
    found_posts = [posts[index] for index in range(len(nodes))]
    odd = [post for post in found_posts if post.odd]
    broken = torn_in(reading.root, opened.text)
    read: list[RawPost] = []
    unnamed = hollow = 0
    for post, node in zip(found_posts, nodes, strict=True):
        # what most texts hold is the template's; what one holds and others do not is another's
        if node in broken or (post.odd and len(found_posts) >= 2 * len(odd)):
            post = replace(post, body=None)
        if post.pid:
            read.append(post)
        elif post.author or post.body or post.images:
            unnamed += 1
        else:
            hollow += 1  # the frame that a script fills when somebody writes
    if page == pages == 1 and opened.whole and read and read[0].first and _newest_first(read):
        # with a post lost nobody knows whether it was the question
        read = [replace(post, first=post is read[-1] and not unnamed and not lost.names) for post in reversed(read)]
    if not read:
        raise opened.missing("post_id", f"{len(nodes)} 帖的编号")
    # one post without a part is that post's; all of them without it is the rule's
    for name, what, there in (
        ("body", "正文", any(post.body is not None or post.shielded for post in read)),
        ("time", "发表时间", any(post.shown for post in read)),
        ("author", "作者", any(post.author for post in read)),
    ):
        if not there:
            raise opened.missing(name, f"{len(read)} 帖的{what}")
    heading = Heading(
        site=site,
        tid=found.id,
        title=title,
        page=page,
        pages=pages,
        raw=opened.page.body,
        whole=opened.whole,
        # a page without any link lost the addresses of its authors
        partial=bool(unnamed) or find(reading.root, "//*[@href]") is None,
        lost=lost.names,
        findings=tuple(f"{count} {what}，未采用" for count, what in ((unnamed, "帖没有编号"), (hollow, "个空框架不是帖子")) if count),
    )
    return thread_page(heading, read, fetched_at)


def _newest_first(read: Sequence[RawPost]) -> bool:
    """Whether a site sets the answer above the question: the whole thread goes back in time."""
    times = [post.shown.at for post in read if post.shown]
    floors = [post.floor for post in read if post.floor is not None]
    if len(floors) > 1 and floors[0] < floors[-1]:
        return False
    return len(times) > 1 and times[0] > times[-1] and times == sorted(times, reverse=True)


def _post(opened: Opened, node: Node, *, first: bool) -> RawPost:
    reading = opened.reading
    named = reading.hits("post_id", node)
    pid = post_id_of(named[0] if named else None)
    pid = "" if pid == "0" else pid  # a place in the thread, no id of the site
    reading.record = f"帖 {pid}" if pid else reading.record
    reading.note("post_id", named[0] if named else None)
    quoted = post_id_of(reading.first("quoted", node))
    shielded = reading.first("shielded", node) is not None
    holder = reading.first("body", node)
    noted, timed = (next((hit.node for hit in reading.hits(name, node)), None) for name in ("edited", "time"))
    body: Body | None = None
    markup, odd = "", False
    if holder is not None and not holder.is_text and holder.node is not None and holder.node is not node:
        markup = outer_html(holder.node)
        others = [hit.node for name in ("strip", "edited") for hit in reading.every(name, holder.node) if hit.node is not None]
        odd = holds_others(reading, holder.node)
        body = None if shielded or torn(holder.node) else own_words(holder.node, opened.page.url, others)
        # from here on the author's text is out of the tree: nothing in it can pass for a name or a time
        emptied(holder.node)
    elif holder is not None and not shielded:
        body = Body(holder.text)
    author = reading.first("author", node)
    uid = reading.first("author_id", node)
    linked = href_of(author) if author and not author.is_text and not reading.rules.selectors["author_id"] else ""
    person = (href_of(uid) or uid.text) if uid else linked
    edited = reading.time("edited", node)
    bare = author is not None and author.node is not None and author.node.tag == "a"
    return RawPost(
        pid=pid,
        body=body.text if body else None,
        # without its own time a post does not have that of its edit
        shown=reading.time("time", node) if noted is None or noted is not timed else None,
        uid=person_id_of(person),
        author=author.text if author else "",
        unlinked=Unlinked.TORN if person and not person_id_of(person) else Unlinked.BARE if bare else Unlinked.NO,
        odd=odd,
        floor=reading.number("floor", node),
        first=first,
        quotes=quoted or (body.quotes if body else ""),
        shielded=shielded,
        edited_at=edited.at if edited else None,
        url=f"{opened.page.url.partition('#')[0]}#{node.get('id') or pid}",
        images=body.images if body else (),
        node=markup,
    )
