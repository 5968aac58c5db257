"""Links that show conversations to anybody: operators see that they are there and may take them back."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chat.actions.share_links import link_revoke
from chat.admin_bases import KeptAdmin
from chat.models import ShareLink


@admin.register(ShareLink)
class ShareLinkAdmin(KeptAdmin):
    """Neither the conversation's title nor the address, which nobody knows any more."""

    list_display = ("id", "creator", "created_at", "expires_at", "revoked_at")
    list_select_related = ("creator",)
    list_filter = ("expires_at", "revoked_at")
    search_fields = ("creator__username",)
    fields = (*list_display, "shared_session")
    readonly_fields = fields
    actions = ("take_back",)

    @admin.display(description=_("session"))
    def shared_session(self, link: ShareLink) -> str:
        return str(link.session_id)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("chat.change_sharelink"))

    @admin.action(description=_("Take back the links"), permissions=("revoke",))
    def take_back(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        links = chosen.filter(revoked_at=None).select_related("session")
        for link in links:
            link_revoke(session=link.session, link_id=link.id)
        self.message_user(request, _("Links that were taken back: %d.") % len(links))
