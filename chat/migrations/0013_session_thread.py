from django.conf import settings
from django.db import migrations, models

KINDS = ("ai_sdk_id", "ag_ui_thread")
AT_ONCE = 500  # rows


def name_threads(apps, schema_editor):
    """From the metadata, where doors of front ends kept the names. Of two with one name the first has it."""
    sessions = apps.get_model("chat", "ChatSession").objects
    for kind in KINDS:
        rows = sessions.filter(metadata__has_key=kind, thread=None).order_by("id")
        taken = set()
        for session in rows.only("owner_id", "metadata").iterator(AT_ONCE):
            key = (session.owner_id, f"{kind}:{session.metadata[kind]}"[:220])
            if key not in taken:
                taken.add(key)
                sessions.filter(id=session.id).update(thread=key[1])


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0012_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="chatsession",
            name="thread",
            field=models.CharField(blank=True, editable=False, max_length=220, null=True),
        ),
        migrations.RunPython(name_threads, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="chatsession",
            constraint=models.UniqueConstraint(fields=("owner", "thread"), name="thread_once_per_owner"),
        ),
    ]
