"""Whether what was read of a damaged page is the truth, a part of it that is marked, or something that nobody wrote."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from lxml import etree  # type: ignore[import-untyped]

from benchmarks._mutation import Mutation
from crawlers.pages import ThreadList, ThreadPage, ThreadRow
from store.records import Post, PostKind, Precision

#: by which a time may be early at its precision; without the server's clock another minute either way
_EARLY = {
    Precision.SECOND: timedelta(),
    Precision.MINUTE: timedelta(minutes=2),
    Precision.HOUR: timedelta(hours=1, minutes=2),
    Precision.DAY: timedelta(days=1),
}
_SLACK = timedelta(minutes=2)
#: pictures of smilies whose attributes are gone leave nothing to read
_SMILIES = re.compile(r":(?:lol|handshake|(?:loveliness|funk|curse|dizzy|shutup|sleepy|hug|victory|time|kiss|call):|'\(|[)(D@oP$LQ])|;P")
#: these take elements away without a trace, as a moderator does
_TAKING = frozenset(("remove",))
_DAY = timedelta(days=1)
_REPEATED = re.compile(r"(.{4,}?)\1+")


def _plain(text: str) -> str:
    """A text without spaces, smilies, and the signs that mutations scatter over a page."""
    return re.sub(r"[\s\"'<>&#\]\ufeff]+|br|amp;|65279;", "", _SMILIES.sub("", text))


def thread_errors(read: ThreadPage, true: ThreadPage, mutations: Sequence[Mutation], source: str) -> list[str]:
    """What is wrong about a thread page, one line each: (kind of error: post). `source`: the damaged page as text."""
    kinds = {kind for kind, _ in mutations}
    wanted = {post.pid: post for post in true.posts}
    markup = {detail.pid: detail.node for detail in true.details}
    # with the first post taken out whole, the page itself shows the second as the first
    first = true.posts[0]
    headless = bool(kinds & _TAKING) and (first.kind is PostKind.REPLY or first.pid not in {post.pid for post in read.posts})
    errors = [f"twice: {pid}" for pid in {post.pid for post in read.posts} if sum(post.pid == pid for post in read.posts) > 1]
    for post in read.posts:
        if post.pid not in wanted and _shortened(post, true, kinds):
            continue
        if post.pid not in wanted:
            errors.append(f"phantom: {post.pid}")
        else:
            bared = _bared(markup.get(post.pid, ""), source)
            if kinds & _TAKING and _quoted(markup.get(post.pid, ""), _plain(post.body)):
                continue
            errors += _post_errors(post, wanted[post.pid], read, kinds, bared)
            if post.kind is not wanted[post.pid].kind and not _marked(post, read) and not headless:
                errors.append(f"kind: {post.pid} {post.kind}")
    missing = [pid for pid in wanted if pid not in {post.pid for post in read.posts}]
    if missing and read.complete and true.complete and not kinds & _TAKING:
        errors.append(f"silent: {','.join(missing)}")
    return errors


def _shortened(post: Post, true: ThreadPage, kinds: set[str]) -> bool:
    """A remark's number is made of its words: with an element of them taken out or told twice it is, by the page itself, another."""
    part = post.pid.partition("-")[0]
    same = [one for one in true.posts if one.pid.startswith(f"{part}-") and one.uid == post.uid and one.posted_at == post.posted_at]
    if "-" not in post.pid:
        return False
    taken = bool(kinds & _TAKING) and any(_less(_plain(post.body), _plain(one.body)) for one in same)
    return taken or ("double" in kinds and any(not _plain(post.body).replace(_plain(one.body), "") for one in same))


def _marked(post: Post, read: ThreadPage) -> bool:
    return not read.complete or any(post.pid in finding for finding in read.findings)


def _bared(markup: str, source: str) -> list[str]:
    """Words of quotes, signatures and scripts within a post whose own tag is not in the damaged page: it shows them as the author's."""
    if not markup:
        return []
    words = []
    for one in etree.fromstring(markup, parser=etree.HTMLParser()).iter():
        whole = etree.tostring(one, encoding="unicode", method="html", with_tail=False)
        opened = whole.partition(">")[0] + ">" + (one.text or "")
        closed = len(one) > 0 or whole in source
        if opened not in source or not closed:
            words.append(_plain("".join(one.itertext())))
    return sorted((word for word in words if word), key=len, reverse=True)


def _quoted(markup: str, found: str) -> bool:
    """Whether a text is one of the quotes in the whole post: with the author's words taken out the page shows a post set in a quote."""
    quotes = etree.fromstring(f"<div>{markup}</div>", parser=etree.HTMLParser()).iter("blockquote")
    return any(_plain("".join(quote.itertext())) == found for quote in quotes)


def _post_errors(post: Post, true: Post, read: ThreadPage, kinds: set[str], bared: Sequence[str]) -> list[str]:
    errors = []
    marked = _marked(post, read)
    if post.uid != true.uid and not (post.uid == "" and marked):
        errors.append(f"author: {post.pid} uid {post.uid!r}, not {true.uid!r}")  # the name is not stored
    errors += _time_errors(post, true, marked)
    errors += _body_errors(post, true, marked, kinds, bared)
    return errors


def _time_errors(post: Post, true: Post, marked: bool) -> list[str]:
    if post.precision is Precision.UNKNOWN:
        return [] if marked else [f"time: {post.pid} unknown, unmarked"]
    early = true.posted_at - post.posted_at
    if post.posted_at == true.posted_at or -_SLACK <= early <= _EARLY[post.precision] + _EARLY.get(true.precision, _SLACK) + _SLACK:
        return []
    return [f"time: {post.pid} {post.posted_at} ({post.precision}), not {true.posted_at} ({true.precision})"]


def _body_errors(post: Post, true: Post, marked: bool, kinds: set[str], bared: Sequence[str]) -> list[str]:
    damaged = "damage" in kinds
    if true.shielded and damaged:
        return []  # the words that say so are damaged
    if kinds & _TAKING and (true.shielded or (true.withheld and not post.body)):
        return []  # the sentence that it is hidden, or all that was shown beside it, was taken out
    if post.shielded != true.shielded:
        return [] if marked and not post.body else [f"shielded: {post.pid} {post.shielded}"]
    found, wanted = _plain(post.body), _plain(true.body)
    for words in bared:
        if words in found and words not in wanted:
            found = found.replace(words, "", 1)
    # with an element of the text taken out the page itself shows no more
    if found == wanted or ((marked or kinds & _TAKING) and (_is_part(found, wanted) or _gapped(found, wanted))):
        return []
    if "double" in kinds and (not found.replace(wanted, "") or _is_part(wanted, found)):
        return []  # as the page shows it
    if damaged and "double" in kinds:
        found = _REPEATED.sub(r"\1", found)
    if damaged and (marked or "\ufffd" not in found) and abs(len(found) - len(wanted)) <= 40:
        return []  # bytes that make other characters of the charset cannot be told from the right ones
    return [f"body: {post.pid} {post.body!r}, not {true.body!r}"[:400]]


def _less(found: str, whole: str) -> bool:
    return found == whole or _gapped(found, whole)


def _gapped(found: str, whole: str) -> bool:
    """Whether a text is another with one piece taken out of it."""
    gap = len(whole) - len(found)
    return gap > 0 and any(found == whole[:at] + whole[at + gap :] for at in range(len(found) + 1))


def _is_part(found: str, whole: str) -> bool:
    """Whether a text is made of pieces of another in their order: a beginning, or the whole with something left out."""
    at = 0
    while found:
        size = next((size for size in range(len(found), 0, -1) if found[:size] in whole[at:]), 0)
        if size == 0 or (size < 4 and size < len(found)):
            return False
        at = whole.index(found[:size], at) + size
        found = found[size:]
    return True


def list_errors(read: ThreadList, true: ThreadList, mutations: Sequence[Mutation]) -> list[str]:
    """What is wrong about a list: rows of other threads, wrong authors and times. Rows that are not there are asked for again."""
    wanted = {row.tid: row for row in true.rows}
    damaged = any(kind == "damage" for kind, _ in mutations)
    errors = []
    for row in read.rows:
        if row.tid not in wanted:
            errors.append(f"phantom: {row.tid}")
        else:
            errors += _row_errors(row, wanted[row.tid], damaged)
    return errors


def _row_errors(row: ThreadRow, true: ThreadRow, damaged: bool) -> list[str]:
    errors = []
    if row.uid not in ("", true.uid):
        errors.append(f"author: row {row.tid} uid {row.uid!r}, not {true.uid!r}")
    # signs that were scattered into a title are read by everybody, and a script whose own tag was taken away (x(), in a fixture)
    cut_short = row.title.endswith("...") and true.title.startswith(row.title[:-3])  # by the forum, which told the whole elsewhere
    if _plain(row.title).removesuffix("x()") != _plain(true.title) and not damaged and not cut_short:
        errors.append(f"title: row {row.tid} {row.title!r}, not {true.title!r}")
    if row.posted_at is not None and true.posted_at is not None and row.posted_at > _latest(true) + _SLACK:
        errors.append(f"time: row {row.tid} posted {row.posted_at}, not {true.posted_at}")
    return errors


def _latest(row: ThreadRow) -> datetime:
    """The last instant at which a thread can have been posted: of a row that tells the day alone any of that day before its last reply.

    Where nobody replied the last post is the first, and its time, told more closely, the thread's.
    """
    assert row.posted_at is not None
    if row.precision is not Precision.DAY:
        return row.posted_at
    replied = row.last_post_at if row.last_post_at is not None and row.last_precision is not Precision.DAY else None
    end = row.posted_at + _DAY
    if replied is None or replied >= end:
        return end
    return replied if row.replies == 0 else max(row.posted_at, replied - 2 * _SLACK)
