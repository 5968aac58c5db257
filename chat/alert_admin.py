"""Incidents in the admin: what is wrong, since when, and what was."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from chat.admin_bases import ReadOnlyAdmin
from chat.models import Alert


class IsOpen(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("goes on")), ("0", _("is over"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        return queryset if value is None else queryset.filter(ended_at__isnull=value == "1")


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ("kind", "subject", "said", "began_at", "ended_at")
    list_filter = (IsOpen, "kind")
    search_fields = ("subject", "said")

    def get_urls(self) -> list[URLPattern]:
        live = path("live/", self.admin_site.admin_view(self.live_view), name="chat_alert_live")
        return [live, *super().get_urls()]

    def live_view(self, request: HttpRequest) -> HttpResponse:
        """What goes on, as it changes."""
        context = {**self.admin_site.each_context(request), "title": _("Live"), "opts": self.opts}
        return TemplateResponse(request, "admin/chat/alert/live.html", context)
