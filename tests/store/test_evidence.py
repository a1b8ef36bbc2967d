from __future__ import annotations

import pytest

from store.evidence import masked_html


@pytest.mark.parametrize(
    ("markup", "kept"),
    [
        ('<td id="postmessage_13812345678">电话 13812345678<br></td>', '<td id="postmessage_13812345678">电话 &lt;号码&gt;<br></td>'),
        ('<a href="tel:13812345678">拨打</a>', '<a href="tel:&lt;号码&gt;">拨打</a>'),
        ('<a href="mailto:a.b@example.org">写信</a>', '<a href="mailto:&lt;号码&gt;">写信</a>'),
        ("1&#51;812345678", "&lt;号码&gt;"),
        ("<p>138<b>1234</b>5678</p>", "<pre>&lt;号码&gt;</pre>"),
        ("<p>已派人抢修，今晚 8 点前恢复 &lt;供水&gt;</p>", "<p>已派人抢修，今晚 8 点前恢复 &lt;供水&gt;</p>"),
        ("", ""),
        ("<p", "&lt;p"),
    ],
)
def test_numbers_go_and_tags_stay(markup, kept):
    assert masked_html(markup) == kept


def test_a_huge_node_is_bounded():
    assert len(masked_html("水" * 1_000_000)) == 100_000
