"""Pages of the admin that do something with a provider: test it, list its models, read and write files."""

from typing import Any, Final

import msgspec
from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from providers.checking import check_provider, models_add
from providers.contract import ModelInfo
from providers.errors import ProviderError
from providers.models import Provider
from providers.transfer import MAX_BYTES, Unusable, exported, imported

_SALT: Final = "parley.offered-models"
_HOUR: Final = 3600  # seconds that a list of offered models may be ticked in


class ImportForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("File (JSON or YAML)"))


class ProviderViews:
    """To be mixed into the provider's admin."""

    admin_site: Any
    opts: Any

    def extra_urls(self) -> list[URLPattern]:
        def guarded(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        def of_one(step: str, view: Any) -> URLPattern:
            where, name = f"<path:provider_id>/{step}/", f"providers_provider_{step}"
            pattern: URLPattern = path(where, guarded(require_POST(view)), name=name)
            return pattern

        return [
            path("import/", guarded(self.import_view), name="providers_provider_import"),
            path("export/", guarded(self.export_view), name="providers_provider_export"),
            of_one("check", self.check_view),
            of_one("add_models", self.add_models_view),
            of_one("switch", self.switch_view),
        ]

    def check_view(self, request: HttpRequest, provider_id: str) -> HttpResponse:
        """Test the connection and show what came of it."""
        provider = self._changeable(request, provider_id)
        context = {**self.admin_site.each_context(request), "provider": provider, "opts": self.opts}
        try:
            offered = check_provider(provider)
            context |= {"offered": offered, "kept": signing.dumps(_plain(offered), salt=_SALT, compress=True)}
        except ProviderError as error:
            context["error"] = error.message
        context["known"] = set(provider.models.values_list("name", flat=True))
        return TemplateResponse(request, "admin/providers/provider/check.html", context)

    def add_models_view(self, request: HttpRequest, provider_id: str) -> HttpResponse:
        """List those models that were ticked on the page of the test, or all of them."""
        provider = self._changeable(request, provider_id)
        ticked, every = set(request.POST.getlist("name")), "all" in request.POST
        offered = _offered(request.POST.get("kept", ""))
        count = models_add(provider, [info for info in offered if every or info.id in ticked])
        said = ngettext("%(count)d model was added.", "%(count)d models were added.", count)
        messages.success(request, said % {"count": count})
        return redirect(reverse("admin:providers_provider_change", args=[provider.pk]))

    def switch_view(self, request: HttpRequest, provider_id: str) -> HttpResponse:
        """On or off, for every process within two seconds."""
        provider = self._changeable(request, provider_id)
        provider.enabled = not provider.enabled
        provider.save(update_fields=["enabled", "updated_at"])
        said = _("%s is switched on.") if provider.enabled else _("%s is switched off.")
        messages.success(request, said % provider)
        return redirect(reverse("admin:providers_provider_change", args=[provider.pk]))

    def export_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("providers.view_provider"):
            raise PermissionDenied
        return as_file(exported())

    def import_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perms(["providers.add_provider", "providers.change_provider"]):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        problems: list[str] = []
        if request.method == "POST" and form.is_valid():
            try:
                done = imported(form.cleaned_data["file"].read(MAX_BYTES + 1))
            except Unusable as error:
                problems = error.problems
            else:
                said = _("%(created)d providers were made, %(changed)d changed.")
                messages.success(request, said % {"created": done.created, "changed": done.changed})
                return redirect(reverse("admin:providers_provider_changelist"))
        context = {**self.admin_site.each_context(request), "form": form, "problems": problems}
        return TemplateResponse(
            request, "admin/providers/provider/import.html", {**context, "opts": self.opts}
        )

    def _changeable(self, request: HttpRequest, provider_id: str) -> Provider:
        provider = get_object_or_404(Provider, pk=provider_id)
        if not request.user.has_perm("providers.change_provider"):
            raise PermissionDenied
        return provider


def as_file(content: dict[str, Any]) -> HttpResponse:
    answer = JsonResponse(content, json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = 'attachment; filename="providers.json"'
    return answer


def _plain(offered: list[ModelInfo]) -> list[Any]:
    return [msgspec.to_builtins(info) for info in offered]


def _offered(kept: str) -> list[ModelInfo]:
    """What the page of the test was given: nobody but this server can have written it."""
    try:
        return msgspec.convert(signing.loads(kept, salt=_SALT, max_age=_HOUR), list[ModelInfo])
    except signing.BadSignature:
        return []
