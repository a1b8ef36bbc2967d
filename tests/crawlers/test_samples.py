"""Page samples keep the structure and nobody's words, names or numbers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from crawlers.samples import keep_sample, scrub
from store.clock import parse_instant

NOW = parse_instant("2026-11-22T14:05:00+08:00")
FIXTURES = Path(__file__).parent / "fixtures" / "discuz"


def test_structure_stays_and_texts_go() -> None:
    kept = scrub((FIXTURES / "thread-stock" / "page.html").read_text(encoding="utf-8"))
    assert 'class="t_f"' in kept
    assert "发表于" in kept
    for secret in ("路灯", "老街住户", "城管局", "0731", "1234", "9001", "uid=77"):
        assert secret not in kept


def test_scripts_and_alternative_texts_go() -> None:
    kept = scrub('<script>var name = "张三";</script><img alt="李四" title=\'13800138000\'>')
    assert "张三" not in kept
    assert "李四" not in kept
    assert "138" not in kept


def test_samples_end_after_seven_days_and_twenty(tmp_path: Path) -> None:
    for number in range(25):
        keep_sample(tmp_path, "bbs", "thread", "<p>", NOW + timedelta(seconds=number))
    assert len(list(tmp_path.iterdir())) == 20
    later = parse_instant("2199-01-01T00:00:00+08:00")
    keep_sample(tmp_path, "bbs", "thread", "<p>", later)
    assert len(list(tmp_path.iterdir())) == 1
