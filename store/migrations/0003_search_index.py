"""The embedded index: contentless FTS5 over pairs of characters; its row id is the order of results."""

from django.db import migrations, models

CREATE = "CREATE VIRTUAL TABLE search_fts USING fts5(tokens, content='', tokenize='ascii')"


def create_index(apps, schema_editor):
    # PostgreSQL has no FTS5; there the search store is Elasticsearch.
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(CREATE)


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE search_fts")


class Migration(migrations.Migration):

    dependencies = [
        ("store", "0002_reading_marks_and_health"),
    ]

    operations = [
        # Nothing was indexed before this migration, so the default is never seen.
        migrations.AddField(
            model_name="indexedtext",
            name="sort_key",
            field=models.BigIntegerField(default=0, unique=True),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="indexedtext",
            name="version",
            field=models.BigIntegerField(),
        ),
        migrations.RunPython(create_index, drop_index),
    ]
