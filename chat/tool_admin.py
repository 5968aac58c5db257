"""Tools in the admin: servers, rules, and the history of calls (not what they said: that is the chat's)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chat.admin_bases import ReadOnlyAdmin
from chat.models import McpServer, ToolCall, ToolRule
from chat.tools.targets import commands
from providers.forms import HeadersField
from providers.validation import validate_base_url, validate_headers


class McpServerForm(forms.ModelForm[McpServer]):
    headers = HeadersField(
        label=_("Headers"),
        required=False,
        validators=[validate_headers],
        help_text=_("Such as an Authorization header. What is stored is not shown; empty keeps it."),
    )
    clear_headers = forms.BooleanField(label=_("Remove the stored headers"), required=False)
    command = forms.ChoiceField(label=_("Command"), required=False)

    class Meta:
        model = McpServer
        fields = (
            *("name", "transport", "url", "command", "headers", "clear_headers"),
            *("enabled", "by_default", "policy", "timeout_seconds"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted({*commands(), self.instance.command} - {""})
        self.fields["command"].choices = [("", "—"), *((name, name) for name in names)]  # type: ignore[attr-defined]
        self.fields["command"].help_text = McpServer._meta.get_field("command").help_text

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if cleaned.get("transport") == McpServer.Transport.STDIO:
            if cleaned.get("command") not in commands():
                self.add_error("command", _("Choose one of the commands from PARLEY_MCP_COMMANDS."))
        else:
            self._clean_address(cleaned.get("url") or "")
        moved = {"url", "transport"} & set(self.changed_data)
        told_anew = cleaned.get("headers") is not None or cleaned.get("clear_headers")
        if moved and self.instance.headers_encrypted and not told_anew:
            self.add_error("headers", _("The address has changed: enter the headers again, or remove them."))
        return cleaned

    def save(self, commit: bool = True) -> McpServer:
        if self.cleaned_data["clear_headers"]:
            self.instance.set_headers({})
        if self.cleaned_data["headers"] is not None:
            self.instance.set_headers(self.cleaned_data["headers"])
        self.instance.listed_at = None  # whoever answers next reads its tools anew
        saved: McpServer = super().save(commit=commit)
        return saved

    def _clean_address(self, url: str) -> None:
        try:
            validate_base_url(url)
        except ValidationError as error:
            self.add_error("url", error)


@admin.register(McpServer)
class McpServerAdmin(admin.ModelAdmin[McpServer]):
    form = McpServerForm
    list_display = ("name", "transport", "enabled", "policy", "tool_count", "error", "listed_at")
    readonly_fields = ("tool_names", "error", "listed_at", "from_environment")

    @admin.display(description=_("tools"))
    def tool_count(self, server: McpServer) -> int:
        return len(server.tools)

    @admin.display(description=_("tools"))
    def tool_names(self, server: McpServer) -> str:
        return ", ".join(tool["name"] for tool in server.tools) or "—"

    def get_readonly_fields(self, request: HttpRequest, obj: McpServer | None = None) -> Any:
        """What the environment says is changed there."""
        fixed = ("name", "transport", "url", "policy") if obj and obj.from_environment else ()
        return (*self.readonly_fields, *fixed)


@admin.register(ToolRule)
class ToolRuleAdmin(admin.ModelAdmin[ToolRule]):
    list_display = ("tool", "policy", "by_default")


@admin.register(ToolCall)
class ToolCallAdmin(ReadOnlyAdmin):
    list_display = ("tool", "server", "shown_state", "error_code", "decision", "decided_by", "started_at")
    list_filter = ("tool", "server", "error_code", "decision")
    fields = (
        *("run", "tool_call_id", "tool", "server", "shown_state", "side_effects", "error_code"),
        *("requested_at", "decision", "decided_by", "decided_at", "started_at", "ended_at"),
    )
    list_select_related = ("decided_by",)

    @admin.display(description=_("state"))
    def shown_state(self, call: ToolCall) -> str:
        return call.state
