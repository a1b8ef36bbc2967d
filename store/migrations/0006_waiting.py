"""How far a first crawl has come: which boards are covered, and how much is still to be read."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("store", "0005_canaries"),
    ]

    operations = [
        migrations.AddField(
            model_name="boardhealth",
            name="covered_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="boardhealth",
            name="waiting",
            field=models.IntegerField(default=0),
        ),
    ]
