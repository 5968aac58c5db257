"""What operators see of the chat. Message contents are not shown."""

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat import (  # noqa: F401 - they register themselves
    account_admin,
    agent_admin,
    alert_admin,
    audit_admin,
    key_admin,
    memory_admin,
    share_admin,
    tool_admin,
)
from chat.actions.audit import audit_append
from chat.actions.runs import runs_cancel
from chat.admin_bases import ReadOnlyAdmin
from chat.models import ApiKey, ChatSession, Feedback, Run


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = (
        *("brief_id", "kind", "status", "provider", "model", "agent", "user", "shown_key"),
        *("cost", "attempt", "created_at", "finished_at"),
    )
    list_filter = ("status", "kind", "provider", "model", "created_at")
    list_select_related = ("user",)
    search_fields = ("=id", "=session__id", "user__username", "=api_key")
    search_help_text = _("The id of a run, a session or a key, or a person's name.")
    date_hierarchy = "created_at"
    actions = ("stop",)
    # What was said, and what was given along.
    exclude = ("input", "set_aside", "context", "options", "tools", "pace")
    readonly_fields = ("shown_key",)

    def has_stop_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("chat.change_run")

    @admin.action(description=_("Stop"), permissions=["stop"])
    def stop(self, request: HttpRequest, rows: QuerySet[Run]) -> None:
        going = list(rows.filter(status__in=Run.ACTIVE))
        for run in going:
            audit_append("run.stopped", run.pk, user_id=run.user_id)
        runs_cancel(going)
        self.message_user(request, gettext("Asked to stop: {count}").format(count=len(going)))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        key = ApiKey.objects.filter(pk=OuterRef("api_key"))
        told = Concat("name", Value(" …"), "hint")
        rows: QuerySet[Run] = super().get_queryset(request)
        return rows.annotate(key_told=Subquery(key.annotate(told=told).values("told")))

    @admin.display(description=_("run"), ordering="id")
    def brief_id(self, run: Run) -> str:
        """The end, for the beginning is the time."""
        return f"…{str(run.pk)[-8:]}"

    @admin.display(description=_("API key"))
    def shown_key(self, run: Run) -> str:
        """None with a cookie; a key that was deleted by its id."""
        told: str | None = getattr(run, "key_told", None)
        return told or (str(run.api_key) if run.api_key else "—")


@admin.register(ChatSession)
class ChatSessionAdmin(ReadOnlyAdmin):
    list_display = ("id", "owner", "created_at", "updated_at")
    fields = ("id", "owner", "model", "created_at", "updated_at")


@admin.register(Feedback)
class FeedbackAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "user", "rating", "comment", "session_name")
    list_filter = ("rating",)
    raw_id_fields = ("message",)
