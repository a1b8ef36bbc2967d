"""`/sample/…`: posting, editing, deleting and switching scenarios, for people's forms, tests and benchmarks.

    POST /sample/thread    fid, uid, title, body[, kind]      → 303 to the thread
    POST /sample/reply     tid, uid, body[, quote]            → 303 to the post
    POST /sample/edit      pid, body                          → 303 to the post
    POST /sample/delete    pid                                → 303 to the thread or board
    POST /sample/shield    pid[, on=0|1]                      → 303 to the thread
    POST /sample/scenario  name[, seconds]                    → 204; the one given at start returns after `seconds`

With `Accept: application/json` the answer is {"tid", "pid", "posted_at"}; fields may be sent as JSON too. Scenarios never
stand before these addresses, except `gone`.
"""

from __future__ import annotations

from collections.abc import Callable

from huiying.forum import queries
from huiying.forum.boards import BOARDS
from huiying.forum.rows import Posted
from huiying.forum.scenarios import UnknownScenario, scenarios_named
from huiying.forum.site import Site
from huiying.forum.store import NoSuchPost
from huiying.forum.times import instant
from huiying.forum.web import Request, Response


class WrongField(ValueError):
    """A field of a form is missing or wrong; the text says which and why."""


def answer(request: Request, site: Site) -> Response:
    if request.method != "POST":
        return _refusal(405, "请用 POST 提交")
    action = _ACTIONS.get(request.path)
    if action is None:
        return (
            _refusal(404, f"没有 {request.path}；可用：{'、'.join([*_ACTIONS, '/sample/scenario'])}")
            if request.path != "/sample/scenario"
            else _scenario(request, site)
        )
    try:
        posted, where = action(request.form, site)
    except NoSuchPost as gone:
        return _refusal(404, f"{gone} 不存在或已删除")
    except ValueError as wrong:
        return _refusal(400, str(wrong))
    if request.wants_json:
        moment = instant(posted.posted_at).isoformat(timespec="seconds")
        return Response.json({"tid": posted.tid, "pid": posted.pid, "posted_at": moment})
    return Response.redirect(site.url + where, 303)


def _refusal(status: int, text: str) -> Response:
    return Response(status, text.encode(), "text/plain; charset=utf-8")


def _number(form: dict[str, str], name: str, *, default: int | None = None) -> int:
    value = form.get(name, "").strip()
    if not value and default is not None:
        return default
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise WrongField(f"{name}：要一个数字，收到“{value[:20]}”")
    return int(value)


def _words(form: dict[str, str], name: str, most: int) -> str:
    value = form.get(name, "").strip()
    if not value:
        raise WrongField(f"{name}：不能为空")
    if len(value) > most:
        raise WrongField(f"{name}：{len(value)} 字，最多 {most} 字")
    return value


def _thread_place(site: Site, posted: Posted) -> str:
    page = queries.page_of(site.store, posted.tid, posted.pid)
    return f"forum.php?mod=viewthread&tid={posted.tid}&page={page}#pid{posted.pid}"


def _thread(form: dict[str, str], site: Site) -> tuple[Posted, str]:
    fid = _number(form, "fid")
    if fid not in BOARDS:
        raise WrongField(f"fid：没有版块 {fid}；有 {'、'.join(f'{n} {name}' for n, name in BOARDS.items())}")
    title = " ".join(_words(form, "title", 80).split())
    posted = site.store.add_thread(
        fid=fid, uid=_number(form, "uid"), title=title, body=_words(form, "body", 2_000_000), kind=form.get("kind", "")[:8]
    )
    return posted, f"forum.php?mod=viewthread&tid={posted.tid}"


def _reply(form: dict[str, str], site: Site) -> tuple[Posted, str]:
    quotes = _number(form, "quote", default=0)
    posted = site.store.add_reply(tid=_number(form, "tid"), uid=_number(form, "uid"), body=_words(form, "body", 2_000_000), quotes=quotes)
    return posted, _thread_place(site, posted)


def _edit(form: dict[str, str], site: Site) -> tuple[Posted, str]:
    posted = site.store.edit(pid=_number(form, "pid"), body=_words(form, "body", 2_000_000))
    return posted, _thread_place(site, posted)


def _delete(form: dict[str, str], site: Site) -> tuple[Posted, str]:
    posted = site.store.delete(pid=_number(form, "pid"))
    row = queries.thread(site.store, posted.tid)
    return posted, f"forum.php?mod=viewthread&tid={posted.tid}" if row else "forum.php?mod=guide&view=newthread"


def _shield(form: dict[str, str], site: Site) -> tuple[Posted, str]:
    posted = site.store.edit(pid=_number(form, "pid"), shielded=form.get("on", "1") != "0")
    return posted, _thread_place(site, posted)


def _scenario(request: Request, site: Site) -> Response:
    try:
        form = request.form
        seconds = float(form["seconds"]) if form.get("seconds") else None
        scenarios = scenarios_named(form.get("name", "plain"))
    except (UnknownScenario, ValueError) as wrong:
        return _refusal(400, str(wrong))
    for scenario in scenarios:
        scenario.prepare_once(site.store)
    site.play(scenarios, seconds)
    return Response(204)


_ACTIONS: dict[str, Callable[[dict[str, str], Site], tuple[Posted, str]]] = {
    "/sample/thread": _thread,
    "/sample/reply": _reply,
    "/sample/edit": _edit,
    "/sample/delete": _delete,
    "/sample/shield": _shield,
}
