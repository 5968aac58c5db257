"""What operators see of the chat. Message contents are not shown."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chat import agent_admin, memory_admin, tool_admin  # noqa: F401 - they register themselves
from chat.models import ApiKey, ChatSession, Feedback, Run
from chat.models.keys import HINT, key_digest, new_key


class ApiKeyForm(forms.ModelForm[ApiKey]):
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        required=False,
        choices=[("chat", _("chat")), ("admin", _("administration"))],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all that the owner may."),
    )

    class Meta:
        model = ApiKey
        fields = ("user", "name", "scopes", "expires_at", "revoked_at")


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin[ApiKey]):
    form = ApiKeyForm
    list_display = ("name", "user", "hint", "created_at", "last_used_at", "expires_at", "revoked_at")
    fields = ("user", "name", "scopes", "expires_at", "revoked_at")
    autocomplete_fields = ("user",)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """A new key is made here and shown this once."""
        if not change:
            key = new_key()
            obj.digest, obj.hint = key_digest(key), key[-HINT:]
            messages.warning(request, _("Copy the key now, it is not shown again: %s") % key)
        super().save_model(request, obj, form, change)


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "status", "provider", "model", "user", "cost", "created_at", "finished_at")
    list_filter = ("status", "kind", "provider", "model")


@admin.register(ChatSession)
class ChatSessionAdmin(ReadOnlyAdmin):
    list_display = ("id", "owner", "created_at", "updated_at")
    fields = ("id", "owner", "model", "created_at", "updated_at")


@admin.register(Feedback)
class FeedbackAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "user", "rating", "comment", "session_name")
    list_filter = ("rating",)
    raw_id_fields = ("message",)
