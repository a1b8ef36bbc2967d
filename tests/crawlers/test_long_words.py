"""No pattern takes its time over a long word: an id of forty letters, a row of telephone numbers."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.crawlers.served import ROOT

READ = """
from lxml import html
from crawlers.sites.discuz.foreign import post_marks
from crawlers.sites.discuz.pager import foreign_pages
from crawlers.sites.selectors.reading import Hit, post_id_of
page = html.document_fromstring('''<html><body><div id="{word}"><a name="{word}x"></a></div><div>
<a href="forum.php?mod=forumdisplay&amp;fid=2&amp;page=2">2</a> {numbers} 联系我们</div></body></html>''')
assert post_marks(page, "7") == []
assert foreign_pages(page, "http://bbs.example/forum.php?mod=forumdisplay&fid=2")
assert post_id_of(Hit(None, "{word}", is_text=True)) == "{word}"
"""


@pytest.mark.parametrize("word", ["navigation" * 7, "ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 3, "a-b_" * 18 + "z"])
def test_a_long_word_is_read_at_once(word: str) -> None:
    program = READ.replace("{word}", word).replace("{numbers}", "13800138000 " * 6)
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert ran.returncode == 0, ran.stderr
