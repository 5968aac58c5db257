"""The texts that search looks into, and an index of their trigrams, as each database has it."""

import django.db.models.deletion
from django.db import DatabaseError, migrations, models, transaction

# Kept by triggers, so that no writer has to know of it.
SQLITE = (
    """CREATE VIRTUAL TABLE chat_searchtext_fts USING fts5(
        text, content='chat_searchtext', content_rowid='id', tokenize='trigram')""",
    """CREATE TRIGGER chat_searchtext_added AFTER INSERT ON chat_searchtext BEGIN
        INSERT INTO chat_searchtext_fts(rowid, text) VALUES (new.id, new.text);
    END""",
    """CREATE TRIGGER chat_searchtext_removed AFTER DELETE ON chat_searchtext BEGIN
        INSERT INTO chat_searchtext_fts(chat_searchtext_fts, rowid, text) VALUES ('delete', old.id, old.text);
    END""",
    """CREATE TRIGGER chat_searchtext_changed AFTER UPDATE OF text ON chat_searchtext BEGIN
        INSERT INTO chat_searchtext_fts(chat_searchtext_fts, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO chat_searchtext_fts(rowid, text) VALUES (new.id, new.text);
    END""",
)
POSTGRES = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX chat_searchtext_trigrams ON chat_searchtext USING gin (text gin_trgm_ops)",
)


def make_index(apps, schema_editor):
    """Where PostgreSQL does not have pg_trgm, or does not let us have it, search reads the texts instead."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for statement in SQLITE:
                cursor.execute(statement)
            return
        try:
            with transaction.atomic(connection.alias):
                for statement in POSTGRES:
                    cursor.execute(statement)
        except DatabaseError:
            pass


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE chat_searchtext_fts")


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0011_drafts"),
    ]

    operations = [
        migrations.AddField(
            model_name="chatsession",
            name="indexed_seq",
            field=models.PositiveBigIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.CreateModel(
            name="SearchText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "message",
                    models.OneToOneField(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="chat.message",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chat.chatsession",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [models.Index(fields=["session", "-at", "-id"], name="search_by_session")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("message__isnull", True)),
                        fields=("session",),
                        name="search_title_once",
                    )
                ],
            },
        ),
        migrations.RunPython(make_index, drop_index),
    ]
