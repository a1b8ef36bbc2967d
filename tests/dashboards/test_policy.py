"""The page policy: nothing inline, nothing from elsewhere, hostile words stay words, failures have a number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

import dashboards
from alerts import moves
from dashboards.middleware import CSP
from store.models import AccessEntry
from tests.alerts.town import WATER, Town, at
from tests.dashboards.conftest import Login
from tests.dashboards.pages import read, text

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7|add:7 }} \" ' &amp;"
STATIC = Path(dashboards.__file__).parent / "static"


@pytest.fixture
def addresses(town: Town) -> list[str]:
    alert = town.alert(HOSTILE, body=HOSTILE + "\n电话 <号码>，" + HOSTILE)
    town.official_reply(alert.anchor.thread, posted="19:50", seen="19:51", body=HOSTILE)
    waiting = town.alert(HOSTILE)
    moves.assign(alert.pk, "wuchen", unit=WATER, now=at("20:02"))
    thread = alert.anchor.thread
    return [
        "/triage",
        f"/triage?alert={waiting.pk}",
        "/triage/list",
        f"/triage/alerts/{waiting.pk}",
        "/alerts",
        f"/alerts/{alert.pk}",
        f"/threads/{thread.site}/{thread.tid}",
        f"/events/{alert.event_id}",
        "/password",
        "/nowhere",
    ]


def test_no_inline_script_or_style_and_no_other_host(addresses: list[str], login: Login) -> None:
    client = login("wuchen")
    for address in addresses:
        response = client.get(address)
        page = read(response)
        assert response.headers["Content-Security-Policy"] == CSP
        assert page.scripts == 0, address
        for tag, attrs in page.tags:
            assert tag != "style", address
            assert "style" not in attrs, (address, tag)
            assert not [name for name in attrs if name.startswith("on")], (address, tag, attrs)
            for name in ("src", "action", "formaction"):
                assert (attrs.get(name) or "/").startswith("/"), (address, tag, attrs)
            if tag == "link":
                assert (attrs["href"] or "").startswith("/static/")


def test_hostile_words_are_shown_as_words(addresses: list[str], login: Login) -> None:
    client = login("wuchen")
    for address in addresses[1:8]:
        response = client.get(address)
        body = response.content.decode()
        assert "<script>alert" not in body, address
        assert "<img src=x" not in body, address
        assert "<script>alert(1)</script>" in text(response), address


def test_hidden_numbers_are_said_as_such(addresses: list[str], login: Login) -> None:
    response = login("wuchen").get(addresses[5])
    assert '<span class="mask">已隐去</span>' in response.content.decode()


def test_an_opened_post_stands_in_the_access_log_by_id(town: Town, login: Login) -> None:
    alert = town.alert()
    login("wuchen").get(f"/alerts/{alert.pk}")
    entry = AccessEntry.objects.get(action="open")
    assert (entry.person, entry.what) == ("wuchen", alert.anchor.ref)


def test_a_failure_shows_a_number_that_the_log_holds(
    town: Town, login: Login, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("disk on fire")

    monkeypatch.setattr("dashboards.listing.counts", broken)
    client = login("wuchen")
    client.raise_request_exception = False
    response = client.get("/alerts")
    assert response.status_code == 500
    number = re.search(r"编号 ([0-9a-f]{4}-\d{3,4})", text(response))
    assert number is not None
    assert number[1] in caplog.text
    assert "disk on fire" not in text(response)


def test_a_form_without_its_token_is_refused_in_words(login: Login, town: Town) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/login", {"username": "a", "password": "b"})
    assert response.status_code == 403
    assert "刷新" in text(response)


def test_every_icon_in_use_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'id="i-([a-z0-9-]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))
    folder = Path(dashboards.__file__).parent
    used: set[str] = set()
    for path in (*folder.rglob("*.html"), *(folder / "static/js").glob("*.js"), *folder.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        used |= set(re.findall(r'{% icon "([a-z0-9-]+)"', source)) | set(re.findall(r"icons\.svg#i-([a-z0-9-]+)", source))
        used |= set(re.findall(r'shape="([a-z0-9-]+)"', source)) - {"ring"}
    assert used <= sprite


def test_static_files_stay_small() -> None:
    assert sum(path.stat().st_size for path in STATIC.glob("*.css")) < 80_000
    assert sum(path.stat().st_size for path in (STATIC / "js").glob("*.js")) < 60_000
