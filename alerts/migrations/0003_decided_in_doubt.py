"""An index for decisions on posts that were not flagged, which the engine asks for in every round."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("alerts", "0002_proposals_pauses"),
        ("store", "0007_doubtful"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="label",
            index=models.Index(condition=models.Q(("field", "needs_response"), ("judged", "no")), fields=["at"], name="decided_in_doubt"),
        ),
    ]
