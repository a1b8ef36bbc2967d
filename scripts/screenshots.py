"""Pictures of every page into docs/screenshots, on a screen of an office and on a phone.

python -m scripts.screenshots [NAME…]      names as in docs/pages.md; none = all
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.running import browser, end, first_json, spawn
from huiying.ports import free_port
from scripts.evening_town import SECRET

TARGET = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
SIZES = ((1366, 768), (390, 844))


@dataclass(frozen=True, kw_only=True, slots=True)
class Shot:
    """One page: who looks at it, where, and what is pressed before."""

    person: str
    #: an address in which {alert}, {answered}, {smell}, {event}, {thread} stand for the evening's own
    at: str
    press: tuple[str, ...] = ()


SHOTS: dict[str, Shot] = {
    "login": Shot(person="", at="/login"),
    "triage": Shot(person="wuchen", at="/triage?scope=all&alert={smell}"),
    "triage-dismiss": Shot(person="wuchen", at="/triage?scope=all&alert={smell}#no"),
    "look": Shot(person="wuchen", at="/triage/look"),
    "alerts": Shot(person="chenli", at="/alerts"),
    "alert": Shot(person="chenli", at="/alerts/{alert}"),
    "alert-answered": Shot(person="qianfeng", at="/alerts/{answered}"),
    "thread": Shot(person="linxiao", at="/threads/{thread}"),
    "event": Shot(person="linxiao", at="/events/{event}"),
    "record": Shot(person="zheng", at="/record"),
    "record-list": Shot(person="zheng", at="/record/list?what=all"),
    "digest": Shot(person="zhaoning", at="/digest"),
    "sources": Shot(person="shenjie", at="/sources"),
    "search": Shot(person="wuchen", at="/search?q=东塍 气味"),
    "log": Shot(person="shenjie", at="/log"),
    "people": Shot(person="shenjie", at="/people"),
    "settings": Shot(person="shenjie", at="/settings"),
    "denied": Shot(person="luomin", at="/alerts/{alert}"),
}
#: on a phone the post of triage lies over the list
PHONE = {
    "triage": Shot(person="wuchen", at="/triage?scope=all"),
    "triage-dismiss": Shot(person="wuchen", at="/triage?scope=all&alert={smell}#d", press=("n",)),
}


class Visitors:
    """One logged-in context for each person and size."""

    def __init__(self, chromium: Any, base: str) -> None:
        self.chromium, self.base = chromium, base
        self._pages: dict[tuple[str, int], Any] = {}

    def page(self, person: str, width: int, height: int) -> Any:
        if (person, width) not in self._pages:
            context = self.chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai")
            page = self._pages[person, width] = context.new_page()
            if person:
                page.goto(f"{self.base}/login")
                page.fill("input[name=username]", person)
                page.fill("input[name=password]", SECRET)
                page.keyboard.press("Enter")
                page.wait_for_url(lambda address: "/login" not in address)
        return self._pages[person, width]


def take(names: list[str], found: Mapping[str, str], base: str, say: Callable[[str], Any]) -> None:
    """The pictures of `names`, each in both sizes."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        visitors = Visitors(chromium, base)
        for name in names:
            for width, height in SIZES:
                shot = PHONE.get(name, SHOTS[name]) if width < 720 else SHOTS[name]
                page = visitors.page(shot.person, width, height)
                page.goto("about:blank")
                page.goto(base + shot.at.format(**found))
                page.wait_for_load_state("networkidle")
                for key in shot.press:
                    page.keyboard.press(key)
                page.wait_for_timeout(250)
                page.screenshot(path=TARGET / f"{name}-{width}.png")
                wide = page.evaluate("document.documentElement.scrollWidth")
                say(f"{name}-{width}.png" + (f": {wide} px wide, wider than the screen" if wide > width else ""))


def shrink() -> None:
    """Fewer colours where Pillow is at hand; a page of ours has few."""
    try:
        from PIL import Image
    except ImportError:
        return
    for path in TARGET.glob("*.png"):
        with Image.open(path) as picture:
            if picture.mode != "P":
                picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    names = sys.argv[1:] or list(SHOTS)
    if unknown := [name for name in names if name not in SHOTS]:
        sys.exit(f"no such page: {', '.join(unknown)}; known: {', '.join(SHOTS)}")
    home = Path(tempfile.mkdtemp(prefix="huiying-pictures-"))
    port = free_port("127.0.0.1", 8540)
    server = spawn("scripts.evening", str(home), str(port), HUIYING_QUIET="1")
    try:
        found = first_json(server, 240)["ready"]
        take(names, found, f"http://127.0.0.1:{port}", print)
        shrink()
    finally:
        end(server)
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
