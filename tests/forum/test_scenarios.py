"""Each scenario does over HTTP what its promise says."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest

from huiying.forum.scenarios import SCENARIOS, UnknownScenario, scenarios_named
from tests.forum.conftest import RunningForum, Start

LIST = "forum.php?mod=forumdisplay&fid=1"


def _with(start: Start, scenario: str, **options: object) -> tuple[RunningForum, int]:
    forum = start(scenario=scenario, **options)
    return forum, int(forum.say("thread", fid=1, uid=101, title="一个帖子", body="第一行\n第二行")["tid"])


def test_every_scenario_starts_and_says_what_it_does() -> None:
    for name, kind in SCENARIOS.items():
        assert kind.promise
        assert scenarios_named(name)[0].name == name
    assert [one.name for one in scenarios_named("sticky,slow:2")] == ["sticky", "slow"]
    with pytest.raises(UnknownScenario, match="没有场景“nothing”；可用：plain"):
        scenarios_named("nothing")
    with pytest.raises(ValueError, match="'soon' is not a number"):
        scenarios_named("slow:soon")


def test_gbk_holds_emoji_as_twice_escaped_numbers(start: Start) -> None:
    forum = start(charset="gbk")
    tid = forum.say("thread", fid=1, uid=101, title="笑哭😂", body="橘子好甜😂")["tid"]
    answer = forum.client.get(f"{forum.url}thread-{tid}-1-1.html")
    assert answer.headers["Content-Type"] == "text/html; charset=gbk"
    text = answer.content.decode("gb18030")
    assert "橘子好甜&amp;#128514;" in text
    assert forum.truth()[-1]["body"] == "橘子好甜😂"
    browser = urlencode({"fid": 1, "uid": 101, "title": "联通", "body": "图&#128514;", "_charset_": "GBK"}, encoding="gbk")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    forum.client.post(forum.url + "sample/thread", content=browser, headers=form)
    assert (forum.truth()[-1]["title"], forum.truth()[-1]["body"]) == ("联通", "图😂")


@pytest.mark.parametrize(
    ("scenario", "sign"),
    [
        ("captcha", "验证问答"),
        ("sum", "= ?</strong>"),
        ("defence4", "页面重载开启"),
        ("antitheft", '<script language="javascript">'),
        ("notice", 'id="messagetext"'),
        ("notforum", "示例花店"),
    ],
)
def test_walls_answer_200_in_place_of_the_page(start: Start, scenario: str, sign: str) -> None:
    forum, tid = _with(start, scenario)
    for address in (LIST, f"forum.php?mod=viewthread&tid={tid}", "forum.php?mod=guide&view=newthread"):
        answer = forum.client.get(forum.url + address)
        assert answer.status_code == 200
        assert sign in answer.text
        assert "normalthread_" not in answer.text
    assert forum.client.get(forum.url + "robots.txt").text.startswith("User-agent")


def test_flood_stops_the_same_cookie_within_a_second(start: Start) -> None:
    forum, _ = _with(start, "flood")
    assert "频繁刷新限制" not in forum.client.get(forum.url + LIST).text
    assert "<title>频繁刷新限制</title>" in forum.client.get(forum.url + LIST).text
    forum.clock.advance(timedelta(seconds=1.1))
    assert "频繁刷新限制" not in forum.client.get(forum.url + LIST).text
    assert "频繁刷新限制" not in httpx.get(forum.url + LIST).text


def test_login_sends_guests_away(start: Start) -> None:
    forum, _ = _with(start, "login")
    answer = forum.client.get(forum.url + LIST)
    assert (answer.status_code, "mod=logging&action=login" in answer.headers["Location"]) == (302, True)
    assert 'id="loginform"' in forum.client.get(answer.headers["Location"]).text


def test_sticky_threads_stand_on_every_board(start: Start) -> None:
    forum, _ = _with(start, "sticky")
    seen = [set(forum.page(f"forum.php?mod=forumdisplay&fid={fid}").css("tbody[id^=stickthread_]::attr(id)").getall()) for fid in (1, 2, 5)]
    assert len(seen[1]) == 3
    assert seen[1] == seen[2]
    assert len(seen[0]) == 4


def test_moved_threads_redirect_to_their_new_number(start: Start) -> None:
    forum, _ = _with(start, "moved")
    old = forum.page("forum.php?mod=forumdisplay&fid=4").css("a.xst::attr(href)").re_first(r"tid=(\d+)")
    answer = forum.client.get(f"{forum.url}forum.php?mod=viewthread&tid={old}")
    assert answer.status_code == 302
    assert "移动过的主题" in forum.client.get(answer.headers["Location"]).text
    assert f"tid={old}" not in answer.headers["Location"]


def test_shielded_posts_have_no_body(start: Start) -> None:
    forum, _ = _with(start, "shielded")
    hidden = [row for row in forum.truth() if row["shielded"]]
    assert len(hidden) == 3
    for row in hidden:
        post = forum.thread_page(row["tid"]).css(f"div#post_{row['pid']}")
        assert post.css("div.locked")
        assert not post.css(f"#postmessage_{row['pid']}")
        assert row["body"] == ""


def test_renumbered_floors_keep_their_pids(start: Start) -> None:
    forum, _ = _with(start, "renumbered")
    gone = {row["pid"] for row in forum.truth() if row["what"] == "delete"}
    kept = [row["pid"] for row in forum.truth() if row["what"] == "reply" and row["pid"] not in gone]
    page = forum.page("forum.php?mod=forumdisplay&fid=3").css("a.xst::attr(href)").re_first(r"tid=(\d+)")
    shown = forum.thread_page(int(page or 0))
    assert shown.css("div[id^=post_]::attr(id)").re(r"^post_(\d+)$")[1:] == [str(pid) for pid in kept[:9]]
    assert shown.css(f"#postnum{kept[-3]} em::text").get() == "10"


def test_endless_lists_have_no_total_and_always_a_next_page(start: Start) -> None:
    forum, tid = _with(start, "endless")
    for page in (1, 2, 500):
        shown = forum.page(f"{LIST}&page={page}")
        assert shown.css(f"#normalthread_{tid}")
        assert shown.css("a.nxt::attr(href)").get("").endswith(f"page={page + 1}")
        assert not shown.css("div.pg label")


def test_broken_pages_end_early_and_cut_connections_too(start: Start) -> None:
    forum, _ = _with(start, "broken")
    assert "</html>" not in forum.client.get(forum.url + LIST).text
    forum.client.post(forum.url + "sample/scenario", data={"name": "cut"})
    with pytest.raises(httpx.RemoteProtocolError):
        forum.client.get(forum.url + LIST)


def test_a_gone_forum_comes_back(start: Start) -> None:
    forum, _ = _with(start, "plain")
    forum.client.post(forum.url + "sample/scenario", data={"name": "gone:30"})
    for _ in range(2):
        with pytest.raises(httpx.TransportError):
            httpx.get(forum.url)
    forum.clock.advance(timedelta(seconds=31))
    assert httpx.get(forum.url).status_code == 200


def test_a_scenario_ends_after_its_seconds(start: Start) -> None:
    forum, _ = _with(start, "plain")
    forum.client.post(forum.url + "sample/scenario", data={"name": "error503", "seconds": "60"})
    answer = forum.client.get(forum.url)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    forum.clock.advance(timedelta(seconds=61))
    assert forum.client.get(forum.url).status_code == 200


def test_slow_pages_are_late(start: Start) -> None:
    forum, _ = _with(start, "slow:0.2")
    assert forum.client.get(forum.url).elapsed >= timedelta(seconds=0.2)


@pytest.mark.slow
def test_a_huge_page_is_streamed(start: Start) -> None:
    forum, tid = _with(start, "huge")
    huge = forum.truth()[0]["tid"]
    assert forum.client.get(f"{forum.url}thread-{tid}-1-1.html").status_code == 200
    size = 0
    with forum.client.stream("GET", f"{forum.url}forum.php?mod=viewthread&tid={huge}") as answer:
        assert "Content-Length" not in answer.headers
        for chunk in answer.iter_raw():
            size += len(chunk)
    assert size > 50_000_000


def test_a_post_of_one_megabyte(start: Start) -> None:
    forum, _ = _with(start, "bigpost")
    row = forum.truth()[0]
    assert 990_000 < len(row["body"].encode()) <= 1_000_000
    assert len(forum.client.get(f"{forum.url}thread-{row['tid']}-1-1.html").content) > 990_000


def test_times_in_the_future_are_written_out(start: Start) -> None:
    forum, _ = _with(start, "future")
    page = forum.thread_page(forum.truth()[0]["tid"])
    assert page.css("em[id^=authorposton]::text").getall() == ["发表于 2026-11-22 15:00:00", "发表于 2026-11-24 12:00:00"]


def test_templates_differ_in_all_but_ids(start: Start) -> None:
    forum, tid = _with(start, "templates")
    listed = forum.page(LIST)
    assert listed.css(f"tbody#normalthread_{tid} a[href*='tid={tid}']::text").get() == "一个帖子"
    assert not listed.css("a.xst, td.by, td.num")
    thread = forum.thread_page(tid)
    assert thread.css("div[id^=postmessage_]")
    assert thread.css("div[id^=post_] a[href*='uid=101']")
    assert not thread.css("td.t_f, a.xw1, div.authi")


@pytest.mark.parametrize("scenario", ["article", "cards", "classic", "touch"])
def test_foreign_templates_share_nothing_with_the_stock_one_but_what_they_show(start: Start, scenario: str) -> None:
    forum = start(scenario=scenario)
    tid = forum.say("thread", fid=1, uid=101, title="路灯坏了", body="柏叶路一排路灯不亮")["tid"]
    pid = forum.say("reply", tid=tid, uid=9002, body="已派人去看")["pid"]
    board, thread = forum.page("forum.php?mod=forumdisplay&fid=1"), forum.thread_page(tid)
    assert "路灯坏了" in "".join(board.css("a ::text").getall())
    for words in ("路灯坏了", "柏叶路一排路灯不亮", "已派人去看", "灵江边的老杨", "示例·市水务集团"):
        assert words in "".join(thread.css("body ::text").getall())
    assert str(pid) in thread.get()
    assert not board.css("tbody[id^=normalthread_], a.xst, td.by")
    assert not thread.css("[id^=post_], [id^=postmessage_], [id^=authorposton], .authi, .t_f, .pcb, .xw1, .message, #thread_subject, .pg")


def test_relative_times_have_no_title_and_absolute_ones_no_words(start: Start) -> None:
    forum, tid = _with(start, "relative")
    assert forum.thread_page(tid).css("em[id^=authorposton]").re_first(">(.*)<") == "发表于 刚刚"
    forum.client.post(forum.url + "sample/scenario", data={"name": "absolute"})
    assert forum.thread_page(tid).css("em[id^=authorposton]::text").get() == "发表于 2026-11-22 12:00:00"


def test_jammer_noise_is_marked_as_such(start: Start) -> None:
    forum, tid = _with(start, "jammer")
    body = forum.thread_page(tid).css("td.t_f")
    assert body.css("font.jammer")
    assert body.css("span[style*='display:none']")
    words = "".join(body.xpath(".//text()[not(ancestor::font or ancestor::span or ancestor::script)]").getall())
    assert words.split() == ["第一行", "第二行"]


def test_rewritten_links_lead_to_the_same_pages(start: Start) -> None:
    forum, tid = _with(start, "rewrite")
    assert forum.page(LIST).css("a.xst::attr(href)").get() == f"thread-{tid}-1-1.html"
    assert forum.page("forum-1-1.html").css(f"#normalthread_{tid}")


def test_agents_see_what_their_names_earn(start: Start) -> None:
    forum, tid = _with(start, "agents")
    address = f"forum.php?mod=viewthread&tid={tid}"
    robot = forum.page(address, headers={"User-Agent": "some-spider"})
    assert not robot.css("a[id^=postnum]")
    assert robot.css("td.t_f")
    phone = forum.page(address, headers={"User-Agent": "scrapy-based"})
    assert not phone.css("td.t_f")
    assert phone.css("div.message")
    assert forum.page(address, headers={"User-Agent": "huiying/0.1"}).css("a[id^=postnum]")


def test_guide_off_and_boards_that_redirect(start: Start) -> None:
    forum, _ = _with(start, "guideoff,redirect")
    guide = forum.client.get(forum.url + "forum.php?mod=guide&view=newthread")
    assert (guide.status_code, "messagetext" in guide.text) == (200, True)
    assert forum.client.get(forum.url + "forum.php?mod=forumdisplay&fid=61").status_code == 302
    assert forum.client.get(forum.url + "forum.php?mod=forumdisplay&fid=62").headers["Location"].endswith("forum.php")


def test_pictures_quotes_codes_and_anonymous_posts(start: Start) -> None:
    forum, _ = _with(start, "pictures")
    row = forum.truth()[0]
    page = forum.thread_page(row["tid"])
    assert page.css("ignore_js_op img::attr(src)").get() == "static/image/common/none.gif"
    assert page.css("ignore_js_op img::attr(file)").get() == "data/attachment/forum/202611/21/pond.jpg"
    assert "复制代码" in page.css("div.blockcode").get("")
    assert "匿名" in page.css("div.authi::text").getall()
    assert page.css("span#thread_subject::text").get() == row["title"]
    assert "[img]" not in row["body"]
    assert re.search("没人接 ;P00", row["body"])


def test_an_empty_feed_after_its_hour(start: Start) -> None:
    forum, _ = _with(start, "rsslate")
    counts = []
    for wait in (0, 10, 3700, 5):
        forum.clock.advance(timedelta(seconds=wait))
        counts.append(forum.client.get(forum.url + "forum.php?mod=rss").text.count("<item>"))
    assert counts == [0, 1, 0, 1]


@pytest.mark.parametrize(("scenario", "status"), [("error403", 403), ("error429:7", 429), ("error500", 500), ("error503:120", 503)])
def test_errors_say_when_to_come_back(start: Start, scenario: str, status: int) -> None:
    forum, _ = _with(start, scenario)
    answer = forum.client.get(forum.url + LIST)
    assert answer.status_code == status
    assert answer.headers["Retry-After"] == (scenario.partition(":")[2] or "30")


def test_one_board_may_be_closed_to_guests(start: Start) -> None:
    forum, tid = _with(start, "boardnotice:1,boardlogin:2")
    assert "没有权限" in forum.page(LIST).css("#messagetext").get("")
    assert forum.client.get(forum.url + "forum-2-1.html").status_code == 302
    assert forum.page("forum.php?mod=guide&view=newthread").css(f"#normalthread_{tid}")


def test_a_skewed_server_writes_its_own_time_everywhere(start: Start) -> None:
    forum, tid = _with(start, "skewed:-90")
    page = forum.thread_page(tid)
    assert page.css("em[id^=authorposton] span::attr(title)").get() == "2026-11-22 11:58:30"
    assert page.css("#ft").re_first(r"GMT\+8, (\S+ \d\d:\d\d)") == "2026-11-22 11:58"


def test_the_mobile_page_has_another_markup(start: Start) -> None:
    forum, tid = _with(start, "mobile")
    assert forum.page(LIST).css(f"ul.threadlist a[href*='tid={tid}']::text").get() == "一个帖子"
    assert "刚刚" in forum.thread_page(tid).css("li.mtime::text").get("")


def test_a_guide_that_does_not_name_boards(start: Start) -> None:
    forum, tid = _with(start, "guidenoboard")
    row = forum.page("forum.php?mod=guide&view=newthread").css(f"#normalthread_{tid}")
    assert len(row.css("td.by")) == 2


def test_hollow_boards_say_that_they_are_empty_and_the_archive_lists_them(start: Start) -> None:
    forum, tid = _with(start, "hollow")
    assert f"thread-{tid}-" not in forum.client.get(forum.url + LIST).text
    assert f"tid-{tid}.html" in forum.client.get(f"{forum.url}archiver/?fid-1.html").text


def test_faceless_threads_name_nobody(start: Start) -> None:
    forum, tid = _with(start, "faceless")
    page = forum.client.get(f"{forum.url}forum.php?mod=viewthread&tid={tid}").text
    assert "第二行" in page
    assert "uid=101" not in page
