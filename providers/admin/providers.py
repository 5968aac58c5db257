"""Providers in the admin: keys are written and never shown, and a connection can be tested."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _

from providers.admin.figures import ProviderFigures
from providers.admin.transferring import as_file
from providers.admin.views import ProviderViews
from providers.briefly import forget
from providers.forms import ProviderForm, ProviderModelForm
from providers.models import Provider, ProviderModel
from providers.serializers import models_save, preset_fields
from providers.signals import writing, written
from providers.transfer import exported

_PRICES = ("input_price", "output_price", "cache_read_price", "cache_write_price")


class ProviderModelInline(admin.TabularInline[ProviderModel, Provider]):
    model = ProviderModel
    extra = 0
    fields = ("name", "enabled", "is_default", "context_length", *_PRICES[:2])
    formfield_overrides = {
        models.CharField: {"widget": forms.TextInput(attrs={"size": 30})},
        models.DecimalField: {
            "widget": forms.NumberInput(attrs={"class": "vBigIntegerField", "step": "any"})
        },
    }
    show_change_link = True


@admin.register(ProviderModel)
class ProviderModelAdmin(admin.ModelAdmin[ProviderModel]):
    """One model with its capabilities and all its prices; models are added on their provider's page."""

    form = ProviderModelForm
    list_display = ("name", "provider", "enabled", "is_default", "context_length", *_PRICES[:2])
    list_filter = ("provider", "enabled")
    search_fields = ("name", "label")
    readonly_fields = ("provider", "name")
    fieldsets = (
        (None, {"fields": ("provider", "name", "label", "enabled", "is_default")}),
        (_("Abilities"), {"fields": ("capabilities", "context_length", "max_output_tokens")}),
        (
            _("Prices"),
            {
                "fields": (_PRICES,),
                "description": _("US dollars per million tokens. Empty: those of the bundled list."),
            },
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Provider)
class ProviderAdmin(ProviderFigures, ProviderViews, admin.ModelAdmin[Provider]):
    form = ProviderForm
    inlines = [ProviderModelInline]
    list_display = (
        *("__str__", "id", "kind", "enabled", "check_status", "check_latency_ms"),
        *("breaker", "error_rate", "first_token"),
    )
    list_filter = ("kind", "enabled", "check_status")
    search_fields = ("id", "label")
    actions = ("switch_on", "switch_off", "export_chosen")
    readonly_fields = (
        *("from_environment", "check_status", "check_latency_ms", "check_message", "checked_at"),
        "lately",
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    *("preset", "id", "kind", "label", "base_url"),
                    *("api_key", "clear_api_key", "api_key_variable"),
                )
            },
        ),
        (_("Use"), {"fields": ("enabled", "position", "priority", "weight", "from_environment")}),
        (
            _("Limits"),
            {
                "fields": ("max_concurrency", "requests_per_minute", "tokens_per_minute", "max_retries"),
                "description": _("They hold for all processes together. Empty: no limit."),
            },
        ),
        (
            _("Account"),
            {"fields": ("organization", "project", "api_version"), "classes": ("collapse",)},
        ),
        (
            _("Connection"),
            {
                "fields": (
                    *("default_headers", "clear_headers", "timeouts"),
                    *("proxy", "proxy_login", "clear_proxy_login", "verify_tls", "ca_file", "extra"),
                ),
                "classes": ("collapse",),
            },
        ),
        (
            _("Health"),
            {"fields": ("lately", "check_status", "check_latency_ms", "check_message", "checked_at")},
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Provider | None = None) -> tuple[str, ...]:
        """The id is in every reference to a model, so that it stays as it was made."""
        return (*self.readonly_fields, "id") if obj else self.readonly_fields

    def get_urls(self) -> list[URLPattern]:
        return [*self.extra_urls(), *super().get_urls()]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A new provider begins with its preset's models, unless some were entered."""
        super().save_related(request, form, formsets, change)
        if not change and not form.instance.models.exists():
            models_save(form.instance, preset_fields(form.instance.preset).get("models", []))

    @admin.action(description=_("Switch on"), permissions=["change"])
    def switch_on(self, request: HttpRequest, rows: QuerySet[Provider]) -> None:
        _switch(rows, enabled=True)

    @admin.action(description=_("Switch off"), permissions=["change"])
    def switch_off(self, request: HttpRequest, rows: QuerySet[Provider]) -> None:
        _switch(rows, enabled=False)

    @admin.action(description=_("Export"), permissions=["view"])
    def export_chosen(self, request: HttpRequest, rows: QuerySet[Provider]) -> HttpResponse:
        return as_file(exported(rows), "providers.json")


@transaction.atomic
def _switch(rows: QuerySet[Provider], *, enabled: bool) -> None:
    writing.send(Provider)
    ids = list(rows.values_list("pk", flat=True))
    Provider.objects.filter(pk__in=ids).update(enabled=enabled)
    written.send(Provider, ids=ids, verb="changed", changed=["enabled"], enabled=enabled)
    transaction.on_commit(forget)
