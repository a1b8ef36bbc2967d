"""The markup that a spider reads, page by page."""

from __future__ import annotations

from datetime import timedelta

from huiying.forum.accounts import OFFICIAL, OFFICIAL_UID
from tests.forum.conftest import RunningForum, Start


def _new(forum: RunningForum, title: str = "路灯坏了", body: str = "柏叶路一排路灯不亮", **fields: object) -> int:
    return int(forum.say("thread", **{"fid": 1, "uid": 101, "title": title, "body": body, **fields})["tid"])


def test_every_page_names_the_sample_forum(forum: RunningForum) -> None:
    tid = _new(forum)
    for address in (
        "",
        "forum.php?mod=forumdisplay&fid=1",
        f"thread-{tid}-1-1.html",
        "forum.php?mod=guide&view=new",
        "home.php?mod=space&uid=9002",
    ):
        page = forum.page(address)
        assert "示例论坛" in page.css("title::text").get("")
        assert "不是真实论坛" in page.css("#ft").get("")


def test_a_board_lists_threads_with_author_times_and_figures(forum: RunningForum) -> None:
    tid = _new(forum, title="<b>电话:(0576", kind="报修")
    forum.say("reply", tid=tid, uid=102, body="顶")
    row = forum.page("forum.php?mod=forumdisplay&fid=1").css(f"tbody#normalthread_{tid}")
    assert row.css("a.xst::text").get() == "<b>电话:(0576"
    assert f"tid={tid}" in row.css("a.xst::attr(href)").get("")
    assert row.css('a[href*="typeid=2"]::text').get() == "报修"
    author, last = row.css("td.by")
    assert author.css("cite a::attr(href)").get() == "home.php?mod=space&uid=101"
    assert author.css("em span::attr(title)").get() == "2026-11-22"
    assert last.css('em a[href*="goto=lastpost"] span::attr(title)').get() == "2026-11-22 12:00"
    assert row.css("td.num a.xi2::text").get() == "1"


def test_the_guide_lists_all_boards_newest_first(forum: RunningForum) -> None:
    first, second = _new(forum, fid=2), _new(forum, fid=3)
    rows = forum.page("forum.php?mod=guide&view=newthread").css("tbody[id^=normalthread_]")
    assert [row.attrib["id"] for row in rows[:2]] == [f"normalthread_{second}", f"normalthread_{first}"]
    assert rows[0].css('td.by a[href*="fid="]::text').get() == "交通出行"


def test_a_thread_shows_posts_by_the_outline(forum: RunningForum) -> None:
    tid = _new(forum, body="电话:(0731 没人接\n第二行")
    official = OFFICIAL_UID["市水务集团"]
    first = forum.thread_page(tid).css("div[id^=post_]::attr(id)").re_first(r"post_(\d+)$")
    reply = forum.say("reply", tid=tid, uid=official, body="已安排抢修", quote=first)["pid"]
    page = forum.thread_page(tid)
    assert page.css("span#thread_subject::text").get() == "路灯坏了"
    top = page.css(f"div#post_{first}")
    assert top.css("td.pls div.authi a.xw1::attr(href)").get() == "home.php?mod=space&uid=101"
    assert top.css(f"em#authorposton{first} span::attr(title)").get() == "2026-11-22 12:00:00"
    assert top.css(f"td.t_f#postmessage_{first} img[smilieid='2']")
    assert "楼主" in top.css(f"a#postnum{first}").get("")
    answer = page.css(f"div#post_{reply}")
    assert "gid=31" in answer.css('a[href*="gid="]::attr(href)').get("")
    assert answer.css("a.xw1::text").get() == "示例·市水务集团"
    assert f"pid={first}" in answer.css("div.quote blockquote a::attr(href)").get("")
    assert "沙发" in answer.css(f"a#postnum{reply}").get("")
    assert page.css("#ft").re_first(r"GMT\+8, (\S+ \d\d:\d\d)") == "2026-11-22 12:00"


def test_times_of_today_are_relative_and_lose_their_padding(start: Start) -> None:
    forum = start()
    tid = _new(forum)
    shown = []
    for wait in (0, 30, 120, 1900, 4000, 86_400, 86_400, 86_400, 5 * 86_400):
        forum.clock.advance(timedelta(seconds=wait))
        shown.append("".join(forum.thread_page(tid).css("em[id^=authorposton] ::text").getall()).removeprefix("发表于 "))
    # The clock stands at 12:00:00, then goes on to 13:40:50 of that day.
    assert shown == [
        "刚刚", "30\xa0秒前", "2\xa0分钟前", "半小时前", "1\xa0小时前",
        "昨天\xa012:00", "前天\xa012:00", "3\xa0天前", "2026-11-22 12:00:00",
    ]  # fmt: skip


def test_long_threads_have_pages_and_the_last_one_answers_for_those_behind_it(forum: RunningForum) -> None:
    tid = _new(forum)
    pids = [forum.say("reply", tid=tid, uid=110, body=f"第 {n} 条")["pid"] for n in range(23)]
    second = forum.thread_page(tid, "&page=2")
    assert second.css("div.pg strong::text").get() == "2"
    assert second.css("div.pg label span::attr(title)").get() == "共 3 页"
    assert second.css("div.pg a.nxt::attr(href)").get("").endswith("page=3")
    assert len(second.css("td.t_f")) == 10
    last = forum.thread_page(tid, "&page=99").css("div.plhin, table.plhin::attr(id)").getall()
    assert last == [f"pid{pid}" for pid in pids[19:]]
    newest = forum.thread_page(tid, "&ordertype=1").css("td.t_f::attr(id)").getall()
    assert newest[1] == f"postmessage_{pids[-1]}"
    assert forum.page("forum.php?mod=forumdisplay&fid=1").css(f"#normalthread_{tid} span.tps a::text").getall() == ["2", "3"]


def test_a_list_page_past_the_end_is_page_one_with_a_next_link(start: Start) -> None:
    forum = start()
    for n in range(21):
        _new(forum, title=f"帖子 {n}")
    page = forum.page("forum.php?mod=forumdisplay&fid=1&page=40")
    assert page.css("div.pg strong::text").get() == "1"
    assert page.css("div.pg a.nxt")
    assert page.css("tbody[id^=normalthread_] a.xst::text").get() == "帖子 20"
    assert len(forum.page("forum-1-2.html").css("tbody[id^=normalthread_]")) == 1


def test_what_is_not_there_answers_as_discuz_does(forum: RunningForum) -> None:
    missing = forum.client.get(forum.url + "forum.php?mod=viewthread&tid=77")
    assert missing.status_code == 404
    assert "messagetext" in missing.text
    board = forum.client.get(forum.url + "forum.php?mod=forumdisplay&fid=99")
    assert (board.status_code, "messagetext" in board.text) == (200, True)
    tainted = forum.client.get(forum.url + "forum.php?mod=guide&view=%22new%22")
    assert (tainted.status_code, tainted.headers["Retry-After"]) == (503, "3600")


def test_edits_leave_a_note_and_deletions_renumber_the_floors(forum: RunningForum) -> None:
    tid = _new(forum)
    pids = [forum.say("reply", tid=tid, uid=110 + n, body=f"回复 {n}")["pid"] for n in range(4)]
    forum.say("edit", pid=pids[1], body="改过的回复")
    forum.say("delete", pid=pids[0])
    page = forum.thread_page(tid)
    assert page.css(f"#postmessage_{pids[1]} i.pstatus")
    assert "沙发" in page.css(f"#postnum{pids[1]}").get("")
    assert not page.css(f"#post_{pids[0]}")
    first = page.css("td.t_f::attr(id)").re_first(r"\d+")
    forum.say("delete", pid=first)
    assert forum.client.get(f"{forum.url}thread-{tid}-1-1.html").status_code == 404


def test_the_feed_the_archiver_and_the_printable_page(forum: RunningForum) -> None:
    tid = _new(forum, title="订阅里的帖子", fid=6)
    feed = forum.client.get(forum.url + "forum.php?mod=rss&fid=6")
    assert feed.headers["Content-Type"].startswith("application/xml")
    assert f"tid={tid}" in feed.text
    assert "Sun, 22 Nov 2026 12:00:00 +0800" in feed.text
    assert "发表于 2026-11-22 12:00:00" in forum.page(f"archiver/?tid-{tid}.html").get()
    assert "2026-11-22 12:00" in forum.page(f"forum.php?mod=viewthread&tid={tid}&action=printable").get()
    assert "Disallow: /*?mod=redirect*" in forum.client.get(forum.url + "robots.txt").text


def test_only_this_machine_is_answered(forum: RunningForum) -> None:
    assert forum.client.get(forum.url, headers={"Host": "forum.example.cn"}).status_code == 403
    form = {"fid": "1", "uid": "101", "title": "x", "body": "y"}
    assert forum.client.post(forum.url + "sample/thread", data=form, headers={"Origin": "https://evil.example"}).status_code == 403


def test_forms_offer_residents_and_official_accounts(forum: RunningForum) -> None:
    page = forum.thread_page(_new(forum))
    assert page.css("form#reply optgroup[label=以官方账号] option").getall()
    assert {int(uid) for uid in page.css("optgroup[label=以官方账号] option::attr(value)").getall()} == set(OFFICIAL)
    assert forum.page("forum.php?mod=forumdisplay&fid=2").css("form#newthread input[name=fid]::attr(value)").get() == "2"


def test_a_wrong_field_is_named(forum: RunningForum) -> None:
    answer = forum.client.post(forum.url + "sample/thread", data={"fid": "9", "uid": "101", "title": "x", "body": "y"})
    assert (answer.status_code, "没有版块 9" in answer.text) == (400, True)
    assert forum.client.post(forum.url + "sample/reply", data={"tid": "1", "uid": "101", "body": "y"}).status_code == 404
    browser = forum.client.post(forum.url + "sample/thread", data={"fid": "1", "uid": "101", "title": "表单", "body": "内容"})
    assert browser.status_code == 303
    assert "mod=viewthread&tid=" in browser.headers["Location"]
