"""The audit log in the admin: read, never written."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from chat.admin_bases import KeptAdmin
from chat.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(KeptAdmin):
    list_display = ("number", "at", "action", "object_id", "shown_who", "address")
    list_filter = ("who", "kind", "action")
    search_fields = ("username", "object_id", "address")
    date_hierarchy = "at"
    show_full_result_count = False

    @admin.display(description=_("who"))
    def shown_who(self, entry: AuditEntry) -> Any:
        return entry.username or entry.get_who_display()
