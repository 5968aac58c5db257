"""Routes in the admin, with their targets in the order of asking."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from providers.models import Route, RouteTarget


class TargetInline(admin.TabularInline[RouteTarget, Route]):
    model = RouteTarget
    extra = 1
    min_num = 1
    fields = ("position", "provider", "model", "weight")


@admin.register(Route)
class RouteAdmin(admin.ModelAdmin[Route]):
    inlines = [TargetInline]
    list_display = ("name", "label", "strategy", "in_order", "enabled")
    list_editable = ("enabled",)
    list_filter = ("strategy", "enabled")
    search_fields = ("name", "label")
    fields = ("name", "label", "strategy", "hedge_after", "enabled")

    @admin.display(description=_("targets"))
    def in_order(self, route: Route) -> str:
        return " → ".join(target.ref for target in route.targets.all())
