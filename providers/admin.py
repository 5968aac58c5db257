"""Providers in the admin: keys are written and never shown, and a connection can be tested."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from providers.checking import check_provider, models_add
from providers.contract import ModelInfo
from providers.errors import ProviderError
from providers.forms import ProviderForm
from providers.models import Provider, ProviderModel


class ProviderModelInline(admin.TabularInline[ProviderModel, Provider]):
    model = ProviderModel
    extra = 0
    fields = ("name", "label", "enabled", "is_default", "context_length", "input_price", "output_price")


@admin.register(Provider)
class ProviderAdmin(admin.ModelAdmin[Provider]):
    form = ProviderForm
    inlines = [ProviderModelInline]
    list_display = ("__str__", "id", "kind", "enabled", "check_status", "check_latency_ms", "checked_at")
    list_filter = ("kind", "enabled", "check_status")
    readonly_fields = ("from_environment", "check_status", "check_latency_ms", "check_message", "checked_at")
    fieldsets = (
        (None, {"fields": ("id", "preset", "kind", "label", "base_url", "api_key", "clear_api_key")}),
        (_("Use"), {"fields": ("enabled", "position", "priority", "weight", "from_environment")}),
        (_("Limits"), {"fields": ("max_concurrency", "requests_per_minute", "tokens_per_minute")}),
        (
            _("Fine tuning"),
            {
                "fields": (
                    *("api_key_variable", "organization", "project", "api_version", "max_retries"),
                    *("default_headers", "timeouts", "proxy", "verify_tls", "ca_file", "extra"),
                ),
                "classes": ("collapse",),
            },
        ),
        (_("Last test"), {"fields": ("check_status", "check_latency_ms", "check_message", "checked_at")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Provider | None = None) -> tuple[str, ...]:
        """The id is in every reference to a model, so that it stays as it was made."""
        return (*self.readonly_fields, "id") if obj else self.readonly_fields

    def get_urls(self) -> list[URLPattern]:
        def named(step: str, view: Any) -> URLPattern:
            guarded = self.admin_site.admin_view(require_POST(view))
            pattern: URLPattern = path(
                f"<path:provider_id>/{step}/", guarded, name=f"providers_provider_{step}"
            )
            return pattern

        return [
            named("check", self.check_view),
            named("add_models", self.add_models_view),
            *super().get_urls(),
        ]

    def check_view(self, request: HttpRequest, provider_id: str) -> HttpResponse:
        """Test the connection and show what came of it."""
        provider = self._changeable(request, provider_id)
        context = {**self.admin_site.each_context(request), "provider": provider, "opts": self.opts}
        try:
            context["offered"] = check_provider(provider)
        except ProviderError as error:
            context["error"] = error.message
        context["known"] = set(provider.models.values_list("name", flat=True))
        return TemplateResponse(request, "admin/providers/provider/check.html", context)

    def add_models_view(self, request: HttpRequest, provider_id: str) -> HttpResponse:
        """List those models that were ticked on the page of the test."""
        provider = self._changeable(request, provider_id)
        ticked = [ModelInfo(id=name) for name in request.POST.getlist("name")]
        count = models_add(provider, ticked)
        said = ngettext("%(count)d model was added.", "%(count)d models were added.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS)
        return redirect(reverse("admin:providers_provider_change", args=[provider.pk]))

    def _changeable(self, request: HttpRequest, provider_id: str) -> Provider:
        provider = get_object_or_404(Provider, pk=provider_id)
        if not self.has_change_permission(request, provider):
            raise PermissionDenied
        return provider
