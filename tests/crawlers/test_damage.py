"""Pages of phpwind and Tieba that lost a part on the way: what is certain is read, what is missing is said, nothing is another's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawlers.pages import Fetched, ThreadList, ThreadPage
from crawlers.run import ENGINES
from crawlers.settings_types import SourceSettings
from crawlers.sites.decode import decode_page
from store.clock import parse_instant

FIXTURES = Path(__file__).parent / "fixtures"


def read(case: str, *changes: tuple[str, str]) -> ThreadPage | ThreadList:
    """A fixture as it is read after some words of its source were changed."""
    folder = FIXTURES / case
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    source = decode_page(next(folder.glob("page.*")).read_bytes(), meta.get("header_charset", "")).text
    for old, new in changes:
        assert old in source
        source = source.replace(old, new, 1)
    own = folder.parent / "source.json"
    given = json.loads(own.read_text(encoding="utf-8")) if own.is_file() else {}
    settings = {"name": "site", "engine": folder.parent.name, "url": "http://site.example/"} | given
    engine = ENGINES[folder.parent.name](SourceSettings(**settings))
    page = Fetched(meta["url"], source.encode(), "", 0.0)
    reader = engine.read_thread if meta["kind"] == "thread" else engine.read_list
    return reader(page, parse_instant(meta["fetched_at"]))


def thread(case: str, *changes: tuple[str, str]) -> ThreadPage:
    found = read(case, *changes)
    assert isinstance(found, ThreadPage)
    return found


@pytest.mark.parametrize(
    ("case", "lost"),
    [("phpwind/thread", ' id="read_502"'), ("phpwind/thread-80", ' class="tpc_content"'), ("tieba/thread", " data-field=")],
)
def test_a_post_that_lost_its_name_is_said(case: str, lost: str) -> None:
    whole, found = thread(case), thread(case, (lost, " "))
    assert whole.complete
    assert len(found.posts) == len(whole.posts) - 1
    assert not found.complete
    assert any("没有读到" in finding for finding in found.findings)


def test_a_time_in_a_signature_is_no_post_s() -> None:
    found = thread("phpwind/thread-87", ('<span title="2026-11-20 11:00">发表于: 前天 11:00</span>', ""))
    post = next(post for post in found.posts if post.pid == "503")
    assert post.posted_at.year == 2026
    assert "帖 503读不出发表时间，按前一帖的时间记" in found.findings


def test_signs_beside_the_word_that_a_text_is_hidden() -> None:
    assert thread("phpwind/thread-stock9", ("用户被禁言,该主题自动屏蔽!", ">用户被禁言,该主题自动屏蔽!'")).posts[3].shielded


@pytest.mark.parametrize("end", ["</body>", "</td></tr></table>"])
def test_words_behind_an_end_that_came_too_early(end: str) -> None:
    found = thread("phpwind/thread", ("人民路<br>", f"人民路{end}<br>"))
    assert not found.complete
    assert "012" not in {post.pid for post in found.posts} or found.posts[0].body.startswith("人民路\n")


def test_of_two_posts_that_were_torn_into_each_other_each_has_its_own_text() -> None:
    changes = (('</div><div class="l_post', '<div class="l_post'), ("</span></div>", "</span>"))
    whole, found = thread("tieba/thread"), thread("tieba/thread", *changes)
    assert {post.pid: post.body for post in found.posts}.items() <= {post.pid: post.body for post in whole.posts}.items()


def test_rows_of_phpwind_without_their_author() -> None:
    found = read("phpwind/list", ('<a data-uid="31" href="space.php?uid=31">老街3</a>', ""))
    assert isinstance(found, ThreadList)
    assert [(row.tid, row.uid) for row in found.rows] == [("11", "1"), ("12", ""), ("13", "47")]


def test_the_way_to_the_last_reply_is_no_title() -> None:
    found = read("phpwind/list-87", ('<a href="read.php?tid=12" id="a_ajax_12" class="subject_t f14">路灯坏了</a>', ""))
    assert isinstance(found, ThreadList)
    assert [row.tid for row in found.rows] == ["11", "13"]


@pytest.mark.parametrize("torn", ['<h2 class="post" id="p502">', ""])
def test_a_post_that_the_rules_do_not_find_is_said(torn: str) -> None:
    found = thread("selectors/thread", ('<article class="post" id="p502">', torn))
    assert [post.pid for post in found.posts] == ["501"]
    assert any("没有读到" in finding for finding in found.findings)


def test_what_stands_behind_a_lost_first_post_is_no_topic() -> None:
    found = thread("selectors/thread", ('<article class="post" id="p501">', '<b class="post" id="p501">'))
    assert [(post.pid, post.kind.value) for post in found.posts] == [("502", "reply")]
    assert not found.complete


def test_a_text_that_was_not_closed_does_not_take_the_next_post_s() -> None:
    found = thread("selectors/thread", ("天天向上</div></div>", "天天向上</div>"))
    assert [(post.pid, post.uid, post.body) for post in found.posts] == [("502", "900", "已派人")]
    assert "帖 501没有正文，未采用" in found.findings


def test_an_author_s_address_that_lost_a_mark_has_no_number() -> None:
    found = thread("selectors/thread", ('href="/u/31">老街住户', 'href=/u/31">老街住户'))
    assert found.posts[0].uid == ""
    assert "帖 501的作者没有编号" in found.findings


def test_a_text_that_holds_what_stands_beside_the_others_is_left_out() -> None:
    found = thread("selectors/thread", ("</p></div>", "</p>"))
    assert [post.pid for post in found.posts] == ["501"]
    assert "帖 502没有正文，未采用" in found.findings
