"""What operators see of the chat. Message contents are not shown."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from chat import agent_admin, key_admin, memory_admin, tool_admin  # noqa: F401 - they register themselves
from chat.models import ChatSession, Feedback, Run


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
