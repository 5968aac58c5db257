"""Agents in the admin: the same checks as over the API."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from chat.agents.checks import CHECKS
from chat.models import Agent


class AgentForm(forms.ModelForm[Agent]):
    class Meta:
        model = Agent
        fields = (
            *(
                "name",
                "label",
                "description",
                "enabled",
                "listed",
                "model",
                "instructions",
                "tools",
                "options",
            ),
            *("output_schema", "stages", "team", "pace", "max_steps", "timeout_seconds"),
        )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        cleaned["options"] = cleaned.get("options") or {}  # an empty field
        for name in cleaned.keys() & CHECKS.keys():
            try:
                CHECKS[name](cleaned[name])
            except ValidationError as error:
                self.add_error(name, error)
        return cleaned


@admin.register(Agent)
class AgentAdmin(admin.ModelAdmin[Agent]):
    form = AgentForm
    list_display = ("name", "label", "model", "enabled", "listed")
    list_filter = ("enabled", "listed")
    search_fields = ("name", "label", "description")
