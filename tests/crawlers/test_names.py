"""Looking only for what a page has changes nothing that is found in it."""

from __future__ import annotations

from typing import Any

import pytest

from crawlers import dom, names
from crawlers.dom import find, find_all, has_class, parse
from crawlers.pages import PageError
from tests.crawlers.test_discuz_pages import CASES, FIXTURES, outcome_of

PAGE = (
    '<html><body><div id="ft" class="a b"><p class="c">x</p></div><p id="ft" class="d">y</p>'
    '<i id="post_7"><b class="a">z</b></i></body></html>'
)


@pytest.mark.parametrize(
    ("xpath", "texts"),
    [
        ("//*[@id='ft']", ["x"]),
        ("//p[@id='ft']", ["y"]),
        ("//*[@id='ft']//p", ["x"]),
        ("//*[@id='gone']", []),
        (f"//*[{has_class('a')}]", ["x", "z"]),
        (f"//*[{has_class('gone')}]", []),
        (f"//*[{has_class('gone')} or {has_class('d')}]", ["y"]),
        (f"//*[{has_class('gone')}] | //*[{has_class('c')}]", ["x"]),
        (f"//*[{has_class('c')}][not(ancestor::*[{has_class('gone')} or starts-with(@id,'none')])]", ["x"]),
        (f"//*[{has_class('c')}][not(ancestor::*[{has_class('a')} or {has_class('gone')}])]", []),
        (f"//*[{has_class('c')}][not({has_class('gone')} or {has_class('b')})]", ["x"]),
        (f"//*[{has_class('gone')}]/ancestor::*[{has_class('a')}]", []),
        ("//*[starts-with(@id,'post_')]", ["z"]),
        ("//*[starts-with(@id,'pid')]", []),
        ("//a[contains(@href,'uid=')]", []),
    ],
)
def test_a_path(xpath: str, texts: list[str]) -> None:
    root, _ = parse(PAGE)
    assert ["".join(node.itertext()) for node in find_all(root, xpath)] == texts


def test_an_id_is_looked_for_below_the_element_that_was_asked() -> None:
    root, _ = parse(PAGE)
    inner = find(root, "//i")
    assert find(inner, ".//*[@id='ft']") is None
    assert find(find(root, "//body"), ".//*[@id='ft']") is not None


def test_another_page_is_asked_in_full() -> None:
    first, _ = parse(PAGE)
    parse("<html><body><p class='other'>o</p></body></html>")
    assert find(first, f"//*[{has_class('c')}]") is not None


@pytest.mark.parametrize("case", CASES)
def test_every_fixture_reads_the_same_when_everything_is_looked_for(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usual: Any = outcome_of(case)
    monkeypatch.setattr(dom, "_BY_ID", ("never", "never"))
    monkeypatch.setattr(names, "narrowed", lambda node, xpath: xpath)
    full: Any = outcome_of.__wrapped__(case)
    assert (FIXTURES / case / "page.html").exists()
    if isinstance(usual, PageError):
        assert (type(usual), str(usual)) == (type(full), str(full))
    else:
        assert usual == full
