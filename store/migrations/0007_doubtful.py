"""An index for the posts that the judge was unsure of: the list that people look through."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("store", "0006_waiting"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(condition=models.Q(("flag", False), ("unsure", True)), fields=["assessed_at"], name="doubtful_by_time"),
        ),
    ]
