"""Every fact about forums that the spider must handle is named by a test: a page among the fixtures, or a test by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
FACTS = {
    "list rows; stickies in every board": ["page list-board", "crawl test_complete[sticky]"],
    "list times: a date, then date and minute": ["page list-board", "times test_"],
    "thread times, in a title when shown relative": ["page thread-stock", "crawl test_complete[absolute]", "crawl test_complete[relative]"],
    "relative times, by the server's clock": ["times test_", "page thread-mobile"],
    "post nodes among others of like names": ["page thread-stock"],
    "what is no text of the author's": ["page thread-stock", "page thread-all-quoted"],
    "smilies eat text": ["page thread-stock", "crawl test_complete[pictures,article]"],
    "official accounts by their numbers": ["store/intake test_an_official_reply_carries_its_unit", "page thread-remarks"],
    "no body": ["page thread-shielded", "page thread-nameless", "crawl test_complete[shielded,cards]"],
    "deleted posts renumber floors": ["crawl test_complete[renumbered,touch]", "store/intake test_a_post_is_deleted_only_when_missed"],
    "edits and locks do not bump": ["schedule test_", "store/intake test_an_edit_keeps_the_old_text"],
    "orders of a list and of a thread": ["crawl test_complete[newestfirst]", "addresses test_"],
    "a list past its end": ["page list-past-end", "crawl test_complete[endless]"],
    "a thread past its end": ["page thread-past-end"],
    "a board that leads elsewhere": ["walls test_boards_that_lead_elsewhere_end", "bad_input test_redirects_in_a_circle_end"],
    "deleted, moderated, never existed: 404": ["crawl test_a_thread_that_answers_404_is_reported_gone"],
    "messages with status 200": ["page notice-no-permission", "page notice-closed", "page notice-missing-board", "walls test_a_closed"],
    "guests not allowed, password boards": ["page notice-password-board", "page notice-front-list", "bad_input test_login_redirect"],
    "moved threads": ["crawl test_moved_threads_are_stored_under_their_real_id"],
    "rewritten addresses": ["crawl test_complete[rewrite]", "addresses test_"],
    "user agents that change the page": ["bad_input test_user_agents_that_change_the_page_are_refused"],
    "the mobile page": ["page thread-mobile", "walls test_the_mobile_page_is_read_and_told"],
    "too fast": ["page wall-flood", "walls test_a_wall_in_the_middle"],
    "scripts and sums": ["page wall-script", "page wall-sum", "walls test_a_wall_in_the_middle"],
    "antitheft": ["page wall-antitheft", "crawl test_trying_an_address_that_is_no_page"],
    "503 with Retry-After": ["bad_input test_retry_after_is_obeyed"],
    "pictures that load late": ["page thread-stock"],
    "bodies that differ at each fetch": ["crawl test_a_body_that_differs_at_each_fetch_is_no_edit"],
    "GBK and emoji": ["page thread-gbk", "crawl test_complete_in_gbk", "bad_input test_wrong_charset"],
    "RSS": ["page other-rss"],
    "archiver": ["page other-archiver", "canary_crawl test_a_list_whose_template_changed"],
    "robots.txt": ["bad_input test_robots_txt_is_obeyed", "crawl test_nothing_is_asked_that_stock_rules_for_robots_bar"],
    "guide": ["page list-guide", "page notice-guide-off", "crawl test_complete[guideoff]", "walls test_a_guide_behind_a_wall"],
    "changed templates": ["page changed-list", "page changed-thread", "crawl test_complete[cards,guideoff]"],
    "phpwind": ["phpwind test_every_post_is_read", "engine_pages phpwind/thread-stock9", "engine_pages phpwind/notice-missing"],
    "NodeBB": ["nodebb test_a_deleted_topic_is_reported_gone"],
    "Tieba": ["tieba test_a_wall_blocks_the_source"],
}


@pytest.mark.parametrize("fact", FACTS)
def test_a_test_names_it(fact: str) -> None:
    for named in FACTS[fact]:
        where, name = named.split(" ", 1)
        if where in ("page", "engine_pages"):
            assert (HERE / "fixtures" / ("discuz" if where == "page" else "") / name / "page.html").is_file(), named
            continue
        folder, _, file = where.rpartition("/")
        text = (HERE.parent / (folder or "crawlers") / f"test_{file}.py").read_text(encoding="utf-8")
        test, _, case = name.partition("[")
        assert f"def {test}" in text, named
        assert not case or f'"{case[:-1]}"' in text, named
