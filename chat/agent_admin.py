"""Agents in the admin: the same checks as over the API."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat.agents.checks import CHECKS, check_circle
from chat.agents.files import exported, imported
from chat.models import Agent
from providers.admin.transferring import TransferViews


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
        self._refuse_circle(cleaned)
        return cleaned

    def _refuse_circle(self, cleaned: dict[str, Any]) -> None:
        told = cleaned.get("name", ""), cleaned.get("stages"), cleaned.get("team")
        try:
            check_circle(*told, instead_of=self.instance.name)
        except ValidationError as error:
            self.add_error(None, error)


@admin.register(Agent)
class AgentAdmin(TransferViews, admin.ModelAdmin[Agent]):
    import_note = _("What the file names is made or changed; the rest stays.")
    form = AgentForm
    list_display = ("name", "label", "model", "enabled", "listed")
    list_filter = ("enabled", "listed")
    search_fields = ("name", "label", "description")

    def get_urls(self) -> list[Any]:
        return [*self.transfer_urls(), *super().get_urls()]

    def exported_rows(self) -> dict[str, Any]:
        return exported()

    def imported_rows(self, data: bytes) -> str:
        made, changed = imported(data)
        return gettext("%(made)d agents were made, %(changed)d changed.") % {"made": made, "changed": changed}
