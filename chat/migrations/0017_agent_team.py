"""Teams, paces and limits of agents, and what the agents of a run spent."""

import django.core.validators
from django.db import migrations, models

import providers.fields


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0016_sessions_that_end"),
    ]

    operations = [
        migrations.AddField(
            model_name="agent",
            name="pace",
            field=providers.fields.JSONField(
                blank=True,
                default=None,
                help_text="How its text is cut: a name in quotes, or an object with name and settings.",
                null=True,
                verbose_name="pace",
            ),
        ),
        migrations.AddField(
            model_name="agent",
            name="team",
            field=providers.fields.JSONField(
                blank=True,
                default=None,
                help_text="Names of agents that it may hand over to, each as a tool.",
                null=True,
                verbose_name="team",
            ),
        ),
        migrations.AddField(
            model_name="agent",
            name="timeout_seconds",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="How long one answer may take; then it ends with what there is.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(86400),
                ],
                verbose_name="seconds at most",
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="agents_spent",
            field=providers.fields.JSONField(blank=True, null=True),
        ),
    ]
