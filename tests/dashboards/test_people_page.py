"""People and settings: the administrator's alone; each change is checked, logged and in the audit."""

from __future__ import annotations

from alerts.models import Audit, Person
from dashboards import wiring
from dashboards.wiring import FoundFinding, Setting
from store.models import AccessEntry
from tests.alerts.town import WATER, Town
from tests.dashboards.conftest import Login
from tests.dashboards.pages import text

NEW = {
    "username": "heqing",
    "display": "何青",
    "role": "spokesperson",
    "units": WATER,
    "email": "heqing@example.org",
    "password": "yan-jiang-2026!",
}


def test_pages_by_role(town: Town, login: Login) -> None:
    matrix = {"/record": 200, "/record/list": 200, "/sources": 200, "/search": 200, "/log": 403, "/people": 403, "/settings": 403}
    for name in ("wuchen", "chenli", "zhaoning", "zheng"):
        client = login(name)
        assert {address: client.get(address).status_code for address in matrix} == matrix
        assert client.get("/digest").status_code == 200
    admin = login("shenjie")
    assert {admin.get(address).status_code for address in matrix} == {200}
    assert admin.get("/digest").status_code == 403


def test_adding_a_person(town: Town, login: Login) -> None:
    client = login("shenjie")
    assert client.post("/people/add", NEW).status_code == 302
    person = Person.objects.get(username="heqing")
    assert (person.units, person.must_change_password) == ([WATER], True)
    assert AccessEntry.objects.filter(action="people", what="person:heqing").exists()
    assert Audit.objects.filter(kind="people", actor="shenjie").exists()
    page = text(client.get("/people"))
    assert "已添 何青" in page
    assert "邮件 h…@example.org" in page
    assert "heqing@example.org" not in page


def test_a_refusal_says_why_and_changes_nothing(town: Town, login: Login) -> None:
    client = login("shenjie")
    for wrong in ({"units": "没有的单位"}, {"password": "1234567890"}, {"username": "chenli"}, {"units": ""}):
        response = client.post("/people/add", {**NEW, **wrong})
        assert response.status_code == 422
        assert "什么都没有改动" in text(response)
    assert not Person.objects.filter(username="heqing").exists()
    assert client.post("/people/disable", {"username": "shenjie"}).status_code == 422
    assert client.post("/people/duty", {"username": "chenli", "on": "1"}).status_code == 422


def test_duty_password_disable(town: Town, login: Login) -> None:
    client = login("shenjie")
    client.post("/people/duty", {"username": "linxiao", "on": "1"})
    client.post("/people/password", {"username": "luomin", "password": "xin-de-mi-ma-7"})
    client.post("/people/disable", {"username": "chenli"})
    linxiao, luomin, chenli = (Person.objects.get(username=name) for name in ("linxiao", "luomin", "chenli"))
    assert linxiao.on_duty
    assert luomin.check_password("xin-de-mi-ma-7")
    assert luomin.must_change_password
    assert not chenli.is_active
    assert login("wuchen").post("/people/duty", {"username": "wuchen", "on": "0"}).status_code == 403


def test_settings_show_findings_first(town: Town, login: Login) -> None:
    finding = FoundFinding(
        id="C021", severity="warning", where="pipelines.yaml:101", key="channels.email", message="no mail server", hint="write its address"
    )
    rows = [
        Setting(section="sla", key="sla.target", value="3h", meaning="首次回应时限", line=40),
        Setting(section="sla", key="sla.clock", value="posted", line=41),
    ]
    wiring.use(findings=lambda: [finding], settings=lambda: rows)
    page = text(login("shenjie").get("/settings"))
    wiring.use()
    assert "0 错，1 提醒" in page
    assert "pipelines.yaml:101 channels.email no mail server" in page
    assert "第 40–41 行" in page
    assert page.index("检查结果") < page.index("sla.target")
