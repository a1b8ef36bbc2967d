"""Logging in tells neither account nor password, locks after five, and asks for a new password where one is due."""

from __future__ import annotations

import pytest
from django.test import Client

from alerts.models import Person
from tests.alerts.town import Town
from tests.dashboards.conftest import Login
from tests.dashboards.pages import text

SECRET = "shui-guan-1938"


@pytest.fixture
def chenli(town: Town) -> Person:
    town.chenli.set_password(SECRET)
    town.chenli.save()
    return town.chenli


def test_the_right_password_leads_to_where_one_wanted(chenli: Person) -> None:
    client = Client()
    response = client.post("/login", {"username": "chenli", "password": SECRET, "next": "/alerts?scope=lead"})
    assert response.headers["Location"] == "/alerts?scope=lead"


def test_next_never_leads_to_another_host(chenli: Person) -> None:
    response = Client().post("/login", {"username": "chenli", "password": SECRET, "next": "https://example.org/"})
    assert response.headers["Location"] == "/"


@pytest.mark.parametrize("username", ["chenli", "nobody"])
def test_a_wrong_one_tells_neither_which(chenli: Person, username: str) -> None:
    response = Client().post("/login", {"username": username, "password": "wrong"})
    assert response.status_code == 403
    assert "账号或密码不对。还可再试 4 次" in text(response)


@pytest.mark.parametrize("username", ["chenli", "nobody"])
def test_five_wrong_ones_lock_and_the_right_one_does_not_help(chenli: Person, username: str) -> None:
    client = Client()
    for _ in range(4):
        client.post("/login", {"username": username, "password": "wrong"})
    last = client.post("/login", {"username": username, "password": "wrong"})
    again = client.post("/login", {"username": username, "password": SECRET})
    for response in (last, again):
        assert response.status_code == 429
        assert "锁住了" in text(response)
        assert "沈洁" in text(response)


def test_logging_out_needs_a_form(login: Login) -> None:
    client = login("chenli")
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").headers["Location"] == "/login"
    assert client.get("/alerts").status_code == 302


def test_a_first_password_must_be_changed(chenli: Person, login: Login) -> None:
    chenli.must_change_password = True
    chenli.save()
    client = login("chenli")
    assert client.get("/alerts").headers["Location"] == "/password"
    new = "qiang-xiu-dui-11"
    client.post("/password", {"old_password": SECRET, "new_password1": new, "new_password2": new})
    assert client.get("/alerts").status_code == 200
    assert Client().post("/login", {"username": "chenli", "password": new}).status_code == 302


def test_a_weak_password_is_refused_in_words(chenli: Person, login: Login) -> None:
    response = login("chenli").post("/password", {"old_password": SECRET, "new_password1": "123", "new_password2": "123"})
    assert response.status_code == 200
    assert "10" in text(response)
