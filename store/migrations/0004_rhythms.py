"""Posts by hour of week, counted once; what is stored already is counted here."""

from collections import defaultdict
from datetime import timedelta

from django.db import migrations, models

#: how far back a first crawl reads unless the operator says otherwise (sources.….first_crawl)
FIRST_CRAWL = timedelta(days=30)


def count_what_is_stored(apps, schema_editor):
    from store.rhythm import WeekCounts

    health = apps.get_model("store", "BoardHealth")
    post = apps.get_model("store", "Post")
    rhythm = apps.get_model("store", "BoardRhythm")
    # The rates were 24 numbers by hour of day.
    health.objects.update(rates=[], rates_at=None)
    for source, begun in health.objects.filter(board="").exclude(first_crawl_at=None).values_list("source", "first_crawl_at"):
        told = defaultdict(list)
        since = begun - FIRST_CRAWL
        found = post.objects.filter(source=source, posted_at__gte=since, posted_at__lte=models.F("seen_at"))
        for board, at in found.values_list("board", "posted_at"):
            for name in {board, ""}:
                told[name].append(at)
        for board, instants in told.items():
            counted = WeekCounts(since).add(sorted(instants))
            rhythm.objects.create(source=source, board=board, since=since, week=counted.week, counts=counted.counts)


class Migration(migrations.Migration):

    dependencies = [
        ("store", "0003_search_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="boardhealth",
            name="rates_evidence",
            field=models.FloatField(default=0.0),
        ),
        migrations.AddField(
            model_name="thread",
            name="activity",
            field=models.FloatField(default=0.0),
        ),
        migrations.CreateModel(
            name="BoardRhythm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=60)),
                ("board", models.CharField(blank=True, max_length=60)),
                ("since", models.DateTimeField()),
                ("week", models.IntegerField(default=0)),
                ("counts", models.JSONField(default=list)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("source", "board"), name="one_rhythm_per_board")],
            },
        ),
        migrations.RunPython(count_what_is_stored, migrations.RunPython.noop),
    ]
