"""A town's pages at 21:38, served in a process of their own; it prints its port, and obeys lines on its input.

arrive TITLE   a post is flagged now; prints the alert's number
answer ID      an official account answers on the thread of that alert
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading

SECRET = "san-xiao-shi-hui-ying"


def main() -> None:
    os.environ["HUIYING_HOME"] = tempfile.mkdtemp(prefix="huiying-browser-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "huiying.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from waitress.server import create_server

    from alerts import evidence, moves, policy
    from alerts.models import Alert, Person
    from dashboards import clock
    from store.clock import FixedClock
    from store.heartbeat import beat
    from tests.alerts.doubtful import doubtful
    from tests.alerts.town import ECOLOGY, POLICY, WATER, Town, at

    call_command("migrate", verbosity=0)
    clock.use(FixedClock(at("21:38")))
    policy.use(POLICY)
    beat("engine", at("21:37:56"))
    town = Town()
    for person in Person.objects.all():
        person.set_password(SECRET)
        person.save()
    for number, posted in enumerate(("18:30", "18:47", "19:04", "19:26", "19:50", "20:11", "20:41", "21:10"), 1):
        town.alert(
            f"第 {number} 件：<b>水压</b>低，五楼以上洗不了澡，已经好几天了",
            posted=posted,
            seen=posted,
            body="能不能有人来看看？\n电话 <号码>。",
        )
    for number, posted in enumerate(("20:05", "20:35", "21:05"), 1):
        doubtful(town, f"又响了，第 {number} 回", posted=posted, seen=posted, body="不知道是哪里，响一阵就停。\n<b>睡不着</b>")
    owned = town.alert("沿江自来水管爆裂，老镇区三个小时没水", posted="19:38", seen="19:45")
    moves.assign(owned.pk, "wuchen", unit=WATER, co_units=[ECOLOGY], now=at("20:02"))
    moves.ack(owned.pk, "chenli", now=at("20:09"))
    server = create_server(get_wsgi_application(), host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    print(server.effective_port, owned.pk, flush=True)
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        if word == "arrive":
            print(town.alert(rest, posted="19:20", seen="21:37").pk, flush=True)
        elif word == "answer":
            alert = Alert.objects.get(pk=int(rest))
            reply = town.official_reply(alert.anchor.thread, posted="21:30", seen="21:31", body="已到现场，关阀抢修。", floor=2)
            evidence.observe([reply], at("21:38"), POLICY)
            print("ok", flush=True)


if __name__ == "__main__":
    main()
