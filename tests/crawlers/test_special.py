"""Special threads that lost a part of their markup on the way: never half a list of options, never another's words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawlers.pages import ThreadPage
from crawlers.sites.discuz.page import read_thread
from store.clock import parse_instant

FIXTURES = Path(__file__).parent / "fixtures" / "discuz"


def read(case: str, old: str, new: str) -> ThreadPage:
    folder = FIXTURES / case
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    source = (folder / "page.html").read_text(encoding="utf-8")
    assert old in source
    return read_thread(source.replace(old, new, 1), meta["url"], parse_instant(meta["fetched_at"]), "bbs")


@pytest.mark.parametrize(
    ("case", "old", "new", "body"),
    [
        # an option without its cell, its label or its number; votes in an option
        ("thread-poll", '<td class="pvt"><label for="option_2">', "<td>", "该不该给桥头巷装路灯？\n大家说说"),
        ("thread-touch-poll", '<label for="option_3">', "", "该不该给桥头巷装路灯？\n大家说说"),
        ("thread-poll", "1. &nbsp;", "", "该不该给桥头巷装路灯？\n大家说说"),
        ("thread-touch-poll", "</label><em", "<em", "该不该给桥头巷装路灯？\n大家说说"),
        ("thread-poll-pictures", '<p class="mtn mbn xi2">样式甲</p>', "", "路灯选哪种？"),
        # a side of a debate, or the place in which both stand
        ("thread-debate", "<p>没有别处可停</p>", "", "桥头巷要不要禁停？"),
        ("thread-touch-debate", '<div class="debate_box cl"><strong>正方观点', "<strong>正方观点", "桥头巷要不要禁停？"),
        # a field without its name, one that stands in another element, and the end of the list
        ("thread-activity", "<dt>活动地点:</dt>", "", "请社区一起来看看哪里要装灯"),
        ("thread-activity", "<dt>每人花销:</dt>", "<p>每人花销:</p>", "请社区一起来看看哪里要装灯"),
        ("thread-touch-activity", '<dt><span class="mtit">活动地点', '<li><dt><span class="mtit">活动地点', "请社区一起来看看哪里要装灯"),
        ("thread-reward", "<cite>10</cite>", "", "谁知道路灯归谁管？"),
        ("thread-reward", "<em>未解决</em>", "未解决", "谁知道路灯归谁管？"),
        ("thread-trade", "<strong>50</strong>", "", "小区物业费涨了，搬家处理"),
        (
            "thread-trade",
            '</em></div><div class="xs1 cl">',
            '</td></tr></table></em></div><div class="xs1 cl">',
            "小区物业费涨了，搬家处理",
        ),
    ],
)
def test_a_part_that_is_not_whole_is_left_out_and_said(case: str, old: str, new: str, body: str) -> None:
    page = read(case, old, new)
    assert page.posts[0].body == body
    assert not page.complete
    assert page.posts[1].body == "同感"


def test_a_list_of_goods_that_runs_into_the_text_is_no_text() -> None:
    page = read("thread-touch-trade", '<div class="trade_box"><em>商品数量', "<div><em>商品数量")
    assert "510" not in {post.pid for post in page.posts}
    assert not page.complete


@pytest.mark.parametrize(
    ("case", "old", "new"),
    [
        ("thread-rated", '<a href="home.php?mod=space&amp;uid=77" class="xw1">老街住户</a>', ""),
        ("thread-rated", '<div id="post_501">', '<div id="post_501>'),
    ],
)
def test_who_rated_a_post_is_never_its_author(case: str, old: str, new: str) -> None:
    assert {post.uid for post in read(case, old, new).posts} <= {"", "77"}


def test_a_row_of_a_form_that_stands_in_another_element_is_said() -> None:
    page = read("thread-form", "<tr><th>涉及部门:</th><td>城管局 </td></tr>", "<td><th>涉及部门:</th><td>城管局 </td></td>")
    assert not page.complete


def test_the_note_of_an_edit_that_lost_its_element_is_no_word_of_the_author() -> None:
    page = read("thread-poll", "同感", '本帖最后由 路人 于 <span title="2026-11-22 12:00">刚刚</span> 编辑 <br><br>同感')
    assert page.posts[1].body == "同感"
