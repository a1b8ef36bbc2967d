"""A believable evening of the town in a fresh home, made by the product's own intake, judge and ledger, then served.

python -m scripts.evening HOME PORT     prints one JSON line {"ready": …} once it serves; ends with its input
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from scripts.evening_posts import (
    ANSWERED,
    CALM,
    DOUBTFUL,
    JOINED,
    LIKE,
    MONTH,
    NOTE,
    OF_WATER,
    OFFICIAL,
    PRESSURE,
    SMELL,
    TOWNS,
    WAITING,
    WATER,
)
from scripts.evening_town import BOARDS, NOW, OFFICES, SECRET, SITE, Evening, at

PEOPLE = (
    ("wuchen", "吴晨", "commentator", (), True),
    ("linxiao", "林晓", "commentator", (), True),
    ("zhouming", "周明", "commentator", (), False),
    ("chenli", "陈立", "spokesperson", ("市水务集团",), False),
    ("luomin", "罗敏", "spokesperson", ("生态环境局临海分局",), False),
    ("qianfeng", "钱峰", "spokesperson", ("市住房和城乡建设局",), False),
    ("zhaoning", "赵宁", "editor", (), False),
    ("zheng", "郑副市长", "leader", (), False),
    ("shenjie", "沈洁", "administrator", (), False),
)


def tonight(town: Evening) -> None:
    """The posts that wait, the calm and the doubtful ones, one matter running, one answered, one paused, one event."""
    smell = ""
    for clock, board, title, body in (*WAITING, *CALM, *DOUBTFUL, LIKE):
        tid = town.write(at(clock), board, title, body, after=3 + len(body) % 5)
        if title.startswith("东塍镇夜里") and not smell:
            smell = tid
            for when, uid, words in SMELL:
                town.reply(tid, at(when), str(100 + int(tid) % 97) if uid == "105" else uid, words)
        if title.startswith("大田菜场"):
            town.move(at("21:37"), "claim", tid, "linxiao")
    for clock, board, title, body in JOINED:
        tid = town.write(at(clock), board, title, body)
        town.move(at(clock) + timedelta(minutes=8), "merge", tid, "linxiao", into=smell)
    running = town.write(at("19:38"), "百姓呼声", *WATER[:2], after=7)
    town.move(at("20:02"), "assign", running, "wuchen", unit="市水务集团", co_units=["沿江镇"], level=3)
    town.move(at("20:09"), "ack", running, "chenli")
    town.move(at("20:48"), "pause", running, "chenli", reason="水务抢修车辆在高速上遇事故绕行，到场前无法核实")
    town.move(at("20:50"), "approve_pause", running, "zhouming")
    town.move(at("21:02"), "resume", running, "chenli")
    for when, uid, words in WATER[2]:
        town.reply(running, at(when), uid, words)
    town.plan(at("21:36"), lambda: town.read(running))
    answered = town.write(at("17:20"), "百姓呼声", ANSWERED[0], ANSWERED[1], after=6)
    town.move(at("17:41"), "assign", answered, "linxiao", unit="市住房和城乡建设局", co_units=["古城街道"], level=3)
    town.move(at("17:50"), "ack", answered, "qianfeng")
    town.reply(answered, at("17:58"), "401", "我的车也在里面，谁来赔？")
    town.reply(answered, at("18:05"), "402", "物业的人态度很差，骂人。")
    town.edit(answered, at("18:20"), ANSWERED[2])
    town.delete(answered, at("18:40"), 3)
    town.reply(answered, at("19:24"), "9005", OFFICIAL)
    town.reply(answered, at("19:40"), "403", "看到泵在抽了，谢谢。")
    town.reply(answered, at("20:10"), "404", "那泡坏的车怎么办，能不能也给个说法？")
    other = town.write(at("18:05"), "百姓呼声", *PRESSURE)
    town.move(at("18:20"), "assign", other, "wuchen", unit="市水务集团")
    town.move(at("18:31"), "ack", other, "chenli")
    town.move(at("19:00"), "pause", other, "chenli", reason="要等小区物业开泵房门，物业电话约定 22 时到")
    town.move(at("19:04"), "approve_pause", other, "zhouming")
    for clock, title, body in OF_WATER:
        tid = town.write(at(clock), "百姓呼声", title, body)
        town.move(at(clock) + timedelta(minutes=15), "assign", tid, "linxiao", unit="市水务集团")
        if clock == "17:40":
            town.move(at("18:10"), "ack", tid, "chenli")
            town.reply(tid, at("19:02"), "9001", "已派人围挡，明早九点回填夯实，完工在本帖告知。市水务集团 24 小时热线可询。")


def month(town: Evening) -> None:
    """Thirty days before: five units with enough matters for a rate, some with few; most on time, a few late, some dismissed."""
    accounts = {unit: uid for uid, unit in OFFICES.items()}
    rota = [unit for unit in MONTH for _ in range(5 if unit in list(accounts)[:5] else 1)]
    total = 170
    for number in range(total):
        unit = rota[number * 11 % len(rota)]
        title, body = town.random.choice(MONTH[unit])
        place = town.random.choice(TOWNS)
        posted = at("22 00:00") - timedelta(days=30 - number * 30 // total, minutes=-int(town.random.triangular(420, 1380, 1180)))
        tid = town.write(posted, town.random.choice(list(BOARDS)[:5]), title.format(place), body.format(place), after=2 + number % 11)
        triaged = posted + timedelta(minutes=town.random.randrange(16, 34))
        if number % 14 == 5:
            town.move(triaged, "dismiss", tid, "linxiao", reason="个人纠纷，未求助监管")
            continue
        who = town.random.choice(("wuchen", "linxiao", "zhouming"))
        town.move(triaged, "assign", tid, who, unit=unit)
        late = number % (11 if unit == "市住房和城乡建设局" else 23) == 3
        took = timedelta(minutes=town.random.randrange(190, 420) if late else int(town.random.triangular(40, 175, 95)))
        town.reply(tid, posted + took, accounts[unit], "已到现场核实，正在处理，结果在本帖告知。联系本单位值班室。")
        if posted + timedelta(days=4) < NOW:
            town.move(posted + timedelta(days=town.random.randrange(2, 5)), "close", tid, who)


def people(town: Evening) -> None:
    from alerts.people import create

    for username, display, role, units, duty in PEOPLE:
        fields: dict[str, Any] = {"display": display, "units": units, "email": f"{username}@example.org", "on_duty": duty}
        create(username, role=role, password=SECRET, now=town.clock.now(), must_change=False, **fields)


def around(town: Evening) -> None:
    """What stands beside the ledger: messages sent, sources read, who looked at what, the words of the editor, the index."""
    from alerts.models import Person
    from dashboards.models import DigestNote
    from huiying.wire import configured_boards
    from store.access import record
    from store.health import begin, sync
    from store.heartbeat import beat

    beat("engine", NOW - timedelta(seconds=4))
    begin(SITE, at("01 08:00") - timedelta(days=9))
    sync(configured_boards(town.app.pipelines))
    for name, board in [("", ""), *BOARDS.items()]:
        _health(name, board)
    for clock, person, role, action, what, why, n in (
        ("18:02", "wuchen", "commentator", "login", "", "", None),
        ("18:44", "linxiao", "commentator", "search", "刺鼻气味", "", 6),
        ("19:15", "linxiao", "commentator", "unmask", f"{SITE}:5120002", "核对官方是否答复过这一问", 1),
        ("20:05", "luomin", "spokesperson", "denied", "alert:212", "", None),
        ("20:40", "zheng", "leader", "export", "record:2026-10-24..2026-11-22", "市府办月度通报用", 158),
        ("21:12", "shenjie", "administrator", "open", "people", "", None),
    ):
        record(person, role, action, what, why, n, now=at(clock))
    DigestNote.objects.create(date=at("23 08:00").date(), text=NOTE, by="zhaoning", at=NOW)
    Person.objects.exclude(username="zhouming").update(last_login=at("18:02"))
    town.rounds.follow_index()


#: board → how its newest read ended, failures in a row, class and text, and when it was read well last (minutes ago)
ODD = {
    "交通出行": ("parser", 9, "ParserError：主题列表读到 0 行", 180),
    "消费维权": ("wall", 3, "flood", 60),
    "房产家居": ("unreachable", 5, "connection refused", 100),
}


def _health(name: str, board: str) -> None:
    """The health of one board, and its last 24 hours."""
    from store.models import BoardHealth, HealthHour

    outcome, failures, failure, ago = ODD.get(name, ("ok", 0, "", 0.4))
    read, young = NOW - timedelta(minutes=ago), name == "跳蚤市场"
    fields: dict[str, Any] = {"board_name": name, "first_crawl_at": at("19:50") if young else at("01 08:00"), "last_attempt_at": NOW}
    fields |= {"last_success_at": read, "last_post_at": read - timedelta(minutes=3 + 5 * int(board or 0)), "outcome": outcome}
    fields |= {"expected_s": None if young else 400.0 + 90 * len(name), "failures_in_row": failures, "failure": failure}
    fields |= {"detail": "flood" if outcome == "wall" else "", "seconds_recent": 0.8, "seconds_usual": 0.7}
    fields |= {"yield_recent": 0.99, "yield_usual": 0.99, "covered_at": None if young else at("20:10")}
    fields |= {"canary_at": at("21:05")} if not board else {}
    fields |= {"yield_recent": 0.31, "canary_at": at("18:41")} if outcome == "parser" else {}
    fields |= {"quiet_until": NOW + timedelta(minutes=22)} if outcome == "wall" else {}
    fields |= {"backfilled": 2140} if young else {}
    if name == "建言献策":
        fields |= {"seconds_recent": 9.4}
    BoardHealth.objects.update_or_create(source=SITE, board=board, defaults=fields)
    if not board:
        BoardHealth.objects.filter(source=SITE, board="").update(waiting=310)
    for back in range(2 if young else 24):
        bad = back * 60 < ago - 5
        slow = name == "建言献策" and back < 3
        hour = NOW.replace(minute=0) - timedelta(hours=back)
        HealthHour.objects.create(source=SITE, board=board, hour=hour, reads=60, failures=58 * bad, slow=50 * slow, posts=0 if bad else 4)


def began_shift(user: Any, **said: Any) -> None:
    """Who logs in for a picture did so at the beginning of the evening."""
    user.last_login = at("18:02")
    user.save(update_fields=["last_login"])


def main() -> None:
    home, port = Path(sys.argv[1]), sys.argv[2]
    town = Evening(home)
    people(town)
    month(town)
    tonight(town)
    town.run()
    around(town)
    from alerts.models import Alert

    running = Alert.objects.get(title=WATER[0])
    answered = Alert.objects.filter(title=ANSWERED[0]).earliest("pk")
    smell = Alert.objects.filter(title__startswith="东塍镇夜里").earliest("posted_at")
    found = {
        "alert": running.pk,
        "answered": answered.pk,
        "smell": smell.pk,
        "event": smell.event_id,
        "thread": f"{SITE}/{answered.anchor.thread.tid}",
    }
    # The serving child opens the home anew and keeps this clock, on which the evening stands still.
    from django.contrib.auth.signals import user_logged_in

    from huiying.children import web

    print(json.dumps({"ready": found}), flush=True)  # noqa: T201
    user_logged_in.connect(began_shift)
    sys.argv = ["web", "--home", str(home), "--port", port]
    web.main()


if __name__ == "__main__":
    main()
