"""What operators see of the chat. Message contents are not shown."""

from django.contrib import admin

from chat import (  # noqa: F401 - they register themselves
    account_admin,
    agent_admin,
    alert_admin,
    audit_admin,
    key_admin,
    memory_admin,
    tool_admin,
)
from chat.admin_bases import ReadOnlyAdmin
from chat.models import ChatSession, Feedback, Run


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
