"""Three journeys through the whole product in a real browser, which touches only the product's and the forum's pages."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any, NamedTuple

import pytest
from aiosmtpd.controller import Controller

from benchmarks.running import Forum, Home, browser, log_in, wait_until
from huiying.forum.accounts import OFFICIAL_UID
from huiying.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
UNIT = "市水务集团"
TITLE = "沿江老镇区自来水又停了，没人通知"


class Mailbox:
    """A real SMTP server that keeps (recipient, subject) of what it accepted."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, str]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        letter = message_from_bytes(envelope.content, policy=policy.default)
        self.letters.append((envelope.rcpt_tos[0], str(letter["Subject"])))
        return "250 OK"


class Stage(NamedTuple):
    forum: Forum
    home: Home
    url: str
    mail: Mailbox
    chromium: Any


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    if not (shutil.which("chromium") or shutil.which("google-chrome")):
        pytest.skip("no Chromium: apt-get install chromium")
    folder = tmp_path_factory.mktemp("journeys")
    mailbox = Mailbox()
    mail_port = free_port("127.0.0.1", 18225)
    mail = Controller(mailbox, hostname="127.0.0.1", port=mail_port)
    mail.start()
    forum = Forum(folder / "forum")
    home = Home(folder / "home", forum.url, mail=mail_port, rate=600, delay="0", poll="1s", port=free_port("127.0.0.1", 8480))
    home.person("wuchen", "commentator", duty=True)
    home.person("chenli", "spokesperson", UNIT)
    home.person("zhouming", "leader")
    url = home.start()
    with browser() as chromium:
        yield Stage(forum, home, url, mailbox, chromium)
    home.stop()
    forum.close()
    mail.stop()


@pytest.fixture(scope="module")
def thread(stage: Stage) -> str:
    """The citizen's post, written on the forum's own page."""
    page = stage.chromium.new_page()
    page.goto(f"{stage.forum.url}forum.php?mod=forumdisplay&fid=1")
    page.fill("#newthread input[name=title]", TITLE)
    page.fill(
        "#newthread textarea[name=body]", "从早上停到现在，老人要吃药连热水都没有，打电话没人接。到底几点能来水，谁来管管？电话 13805761234"
    )
    page.click("#newthread-submit")
    page.wait_for_url(re.compile(r"tid=\d+|thread-\d+"))
    address: str = page.url
    page.close()
    return address


def test_1_a_commentator_confirms_by_keyboard(stage: Stage, thread: str) -> None:
    page = log_in(stage.chromium, stage.url, "wuchen")
    violations: list[str] = []
    page.on("console", lambda message: violations.append(message.text) if message.type == "error" else None)
    page.goto(f"{stage.url}/triage")
    row = page.locator("[data-alert]", has_text=TITLE)
    row.wait_for(timeout=20_000)
    page.keyboard.press("j")
    page.wait_for_function(
        "title => document.querySelector('.detail h1, .dhead h1')?.textContent.includes(title)", arg=TITLE, timeout=5_000
    )
    shown = page.locator(".detail .post").first.inner_text()
    assert "13805761234" not in shown
    assert "已隐去" in shown
    assert UNIT in page.locator(".acts .btn-go").inner_text()
    page.keyboard.press("y")
    page.locator(".toast", has_text="已确认").wait_for(timeout=5_000)
    row.wait_for(state="detached", timeout=10_000)
    assert not any(to.startswith("chenli") for to, _ in stage.mail.letters), "the message waits for the 12 seconds of undo"
    assert wait_until(30, lambda: any(to.startswith("chenli") for to, _ in stage.mail.letters))
    assert violations == []


def test_2_an_answer_on_the_forum_stops_the_clock_by_itself(stage: Stage, thread: str) -> None:
    page = log_in(stage.chromium, stage.url, "chenli")
    page.get_by_text(TITLE).first.click()
    page.wait_for_url(re.compile(r"/alerts/\d+"))
    alert = page.url.rsplit("/", 1)[1].split("?")[0].split("#")[0]
    page.keyboard.press("c")
    page.get_by_text("已签收，待回应").first.wait_for(timeout=5_000)
    forum = stage.chromium.new_page()
    forum.goto(thread)
    forum.select_option("#reply select[name=uid]", str(OFFICIAL_UID[UNIT]))
    forum.fill("#reply textarea[name=body]", "您好，主管接口脱开，抢修人员已到现场，预计 23:30 前恢复供水。")
    forum.click("#reply-submit")
    forum.get_by_text("抢修人员已到现场").wait_for()
    assert wait_until(30, lambda: (page.reload(), page.get_by_text("已首次回应").count())[1] > 0, every=1)
    (row,) = [row for row in stage.home.rows("alerts") if str(row["id"]) == alert]
    assert row["state"] == "ANSWERED"
    detail = stage.home.rows("alert", alert)[0]
    assert detail["evidence"][0]["kind"] == "observed"
    assert row["answered_at"] == detail["evidence"][0]["answered_at"]


def test_3_a_leader_clicks_from_a_number_to_the_posts_behind_it(stage: Stage, thread: str) -> None:
    page = log_in(stage.chromium, stage.url, "zhouming")
    page.goto(f"{stage.url}/record?period=today")
    stat = page.locator(".stat", has_text="答复率")
    counted = stat.locator("small").inner_text()
    stat.locator("a.go").click()
    page.goto(f"{stage.url}/record?period=today")
    heat = page.locator(".panel", has_text="何时发帖").locator("header a")
    total = int(re.search(r"\d+", heat.inner_text())[0])  # type: ignore[index]
    heat.click()
    assert page.locator(".rlist tbody tr").count() == total
    assert re.search(r"\d+ / \d+", counted) or counted == ""
    page.locator(".rlist tbody tr", has_text=TITLE).get_by_text("原帖").click()
    page.wait_for_url(re.compile(r"/threads/"))
    text = page.locator("main").inner_text()
    assert "抢修人员已到现场" in text
    assert "13805761234" not in text


def test_4_verify_and_record_agree_with_what_was_clicked(stage: Stage, thread: str) -> None:
    assert stage.home.huiying("verify", "--json").returncode == 0
    (total,) = stage.home.rows("record")
    assert (total["valid"], total["answered"], total["open_overdue"]) == (1, 1, 0)
    (unit,) = [row for row in stage.home.rows("record", "--by", "unit") if row["key"] == UNIT]
    assert unit["answered"] == 1
