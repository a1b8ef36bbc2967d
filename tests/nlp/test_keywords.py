from __future__ import annotations

from pathlib import Path

import pytest

from nlp.keywords import Keywords


@pytest.mark.slow
def test_user_words_stay_whole_and_the_cache_lies_in_the_home(tmp_path: Path) -> None:
    keywords = Keywords(user_words=("金鸡菜场",), tmp_dir=tmp_path)
    found = [keyword.word for keyword in keywords.of("金鸡菜场的下水道又堵了，金鸡菜场没人管")]
    assert found[0] == "金鸡菜场"
    assert list(tmp_path.iterdir())
    rising = keywords.trends(["停水了", "又停水了", "停水第三天", "路灯不亮"], ["路灯不亮", "公交太少", "垃圾没人清"])
    assert [trend.word for trend in rising] == ["停水"]
    assert rising[0].now == 3
    assert keywords.trends([], []) == []
