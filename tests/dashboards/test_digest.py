"""The digest: a draft that is said to be one, words that are all stored, one issue a day, sent once."""

from __future__ import annotations

import io
import re

import pytest
from docx import Document

from alerts.models import Delivery
from alerts.policy import current
from alerts.states import DeliveryState
from dashboards import digest, digest_forms, digest_send
from dashboards.digest_checks import checks
from dashboards.digest_sheet import sheet
from dashboards.models import DigestIssue, DigestNote
from store.clock import FixedClock
from store.models import AccessEntry, BoardHealth, Post
from tests.alerts.town import WATER, Town, at
from tests.dashboards.conftest import Login
from tests.dashboards.month import Month
from tests.dashboards.pages import read, text

NOW = at("21:38")


def draft() -> DigestIssue:
    return digest.find(digest.today(NOW, current()), NOW, current())


def test_an_empty_day_is_still_an_issue(town: Town, login: Login) -> None:
    page = text(login("zheng").get("/digest"))
    assert "草稿" in page
    assert page.count("本日无。") == 5


def test_every_sentence_rests_on_a_stored_post(month: Month, login: Login) -> None:
    made = sheet(draft(), current())
    assert made.sentences == made.linked > 3
    body = login("zhaoning").get("/digest")
    threads = {attrs["href"] for tag, attrs in read(body).tags if tag == "a" and (attrs.get("href") or "").startswith("/threads/bbs/")}
    assert threads
    for address in threads:
        assert login("wuchen").get(str(address)).status_code == 200
    # quotations are the citizen's own words
    for quoted in re.findall(r"「([^」]+)」</a>", body.content.decode()):
        assert Post.objects.filter(body__startswith=quoted.removesuffix("…")).exists()


def test_a_spokesperson_is_led_to_the_forum_and_not_to_others_alerts(month: Month, login: Login) -> None:
    links = [attrs.get("href") or "" for tag, attrs in read(login("chenli").get("/digest")).tags if tag == "a"]
    assert not [link for link in links if re.match(r"/(alerts/\d|threads/)", link)]
    assert [link for link in links if link.startswith("http://bbs.example/")]


def test_figures_of_the_day_lead_to_their_alerts(month: Month, login: Login) -> None:
    client = login("zhaoning")
    body = client.get("/digest").content.decode()
    table = body[body.index('class="fig"') :]
    links = re.findall(r'<td><a href="(/record/list[^"]+)">(\d+)</a></td>', table[: table.index("</table>")])
    assert len(links) == 5
    for address, number in links:
        assert f"<h1>{number} 件</h1>" in client.get(address.replace("&amp;", "&")).content.decode()


def test_the_note_is_the_editors_alone(month: Month, login: Login) -> None:
    for name in ("wuchen", "chenli", "zheng"):
        assert login(name).post("/digest/note", {"note": "我来写"}).status_code == 403
        assert login(name).post("/digest/send", {}).status_code == 403
        assert "审定并送出" not in text(login(name).get("/digest"))
    assert not DigestNote.objects.exists()
    assert not DigestIssue.objects.exists()
    login("zhaoning").post("/digest/note", {"note": "建议恢复供水后\n再复一次。<b>"})
    page = login("zheng").get("/digest").content.decode()
    assert "<b>编者：</b>建议恢复供水后" in page
    assert "再复一次。&lt;b&gt;" in page


def test_approved_and_sent_once(month: Month, login: Login) -> None:
    client = login("zhaoning")
    client.post("/digest/note", {"note": "已核对。"})
    day = digest.today(NOW, current()).isoformat()
    response = client.post("/digest/send", {"date": day})
    assert response.status_code == 302
    issue = DigestIssue.objects.get()
    assert (issue.approved_by, issue.note, issue.sent_at) == ("zhaoning", "已核对。", NOW)
    sent = Delivery.objects.filter(cause="digest")
    assert {one.person for one in sent} == {"zheng", "zhaoning", "chenli", "luomin"}
    assert all(one.subject == "【回应】舆情日报第 1 期" and one.state == DeliveryState.PENDING for one in sent)
    again = client.post("/digest/send", {"date": day})
    assert again.status_code == 409
    assert Delivery.objects.filter(cause="digest").count() == 4
    page = text(client.get(f"/digest?date={day}"))
    assert "已审" in page
    assert "草稿" not in page.replace("在编的这一期（草稿）", "")
    assert AccessEntry.objects.filter(action="send", count=4).exists()
    assert client.post("/digest/note", {"note": "改", "date": day}).status_code == 409


def test_unreviewed_it_goes_out_at_its_hour(month: Month, evening: FixedClock) -> None:
    DigestNote.objects.create(date="2026-11-23", text="已存的话", by="zhaoning", at=NOW)
    assert digest_send.send_due(at("23 07:59"), current()) == 0
    assert digest_send.send_due(at("23 08:00"), current()) == 4
    assert digest_send.send_due(at("23 08:01"), current()) == 0
    issue = DigestIssue.objects.get()
    assert issue.note == "已存的话"
    assert Delivery.objects.filter(subject="【回应】舆情日报第 1 期（未审）").count() == 4
    assert sheet(issue, current()).unreviewed == "未审"


def test_word_text_and_page_say_the_same(month: Month) -> None:
    month.alert(WATER, day=22, hour=19, answered=None, title="{{ 7*7 }} & <b>水管</b>")
    issue = draft()
    words = digest_forms.as_text(issue, NOW, current())
    document = Document(io.BytesIO(digest_forms.as_docx(issue, NOW, current())))
    in_word = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for line in ("{{ 7*7 }} & <b>水管</b>", "一、负面舆情", "四、热点话题", "第 1 期（总第 1 期）", "2026 年 11 月 23 日"):
        assert line in in_word
        assert line in words
    relations = [relation.target_ref for relation in document.part.rels.values() if relation.is_external]
    assert [target for target in relations if target.startswith("http://huiying.example/threads/bbs/")]
    page = digest_forms.as_html(issue, NOW, current())
    assert "&lt;b&gt;水管" in page
    assert "<link" not in page
    assert "http://huiying.example/threads/bbs/" in page


def test_the_checks_find_an_edited_quotation(month: Month) -> None:
    issue = draft()
    assert all(check.ok for check in checks(issue, sheet(issue, current())))
    first = next(item for item in issue.content["items"] if item["group"] == "负面舆情")
    Post.objects.filter(pid=first["post"].split(":")[1]).update(body="全改了")
    found = [check for check in checks(issue, sheet(issue, current())) if not check.ok]
    assert [check.words for check in found] == [f"「{first['title']}」的原帖后来改过，引文是改前的"]


@pytest.mark.parametrize("address", ["/digest/2026-11-23.docx", "/digest/2026-11-23.txt"])
def test_downloads_are_logged(month: Month, login: Login, address: str) -> None:
    response = login("zheng").get(address)
    assert response.status_code == 200
    assert AccessEntry.objects.filter(action="export", what="digest:2026-11-23").exists()


def test_a_day_without_an_issue_is_not_found(month: Month, login: Login) -> None:
    for address in ("/digest?date=2020-01-01", "/digest?date=zzz", "/digest/2020-01-01.docx"):
        assert login("zheng").get(address).status_code == 404


def test_a_source_that_is_not_read_is_said(month: Month, wired: None) -> None:
    BoardHealth.objects.create(source="bbs", board="", outcome="wall", last_success_at=at("20:51"))
    words = digest_forms.as_text(draft(), NOW, current())
    assert "成稿时读不到：临海论坛（47 分没有读成），其间的帖不在内。" in words
