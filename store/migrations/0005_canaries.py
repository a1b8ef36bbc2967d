"""What canary threads tell of a source's template, and how much of the wanted fields its pages yield."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("store", "0004_rhythms"),
    ]

    operations = [
        migrations.AddField(model_name="boardhealth", name="canary", field=models.TextField(blank=True)),
        migrations.AddField(model_name="boardhealth", name="canary_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="boardhealth", name="yield_recent", field=models.FloatField(null=True)),
        migrations.AddField(model_name="boardhealth", name="yield_usual", field=models.FloatField(null=True)),
    ]
