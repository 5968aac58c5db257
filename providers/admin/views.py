"""Pages of the admin that do something with a provider: test it, list its models, read and write files."""

from typing import Any, Final

import msgspec
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from providers.admin.transferring import TransferViews
from providers.checking import check_provider, models_add
from providers.contract import ModelInfo
from providers.errors import ProviderError
from providers.models import Provider
from providers.transfer import exported, imported

_SALT: Final = "parley.offered-models"
_HOUR: Final = 3600  # seconds that a list of offered models may be ticked in


class ProviderViews(TransferViews):
    """To be mixed into the provider's admin."""

    import_note = gettext_lazy(
        "What the file names is made or changed; the rest stays. "
        "Stored keys stay where the address is the same."
    )

    def extra_urls(self) -> list[URLPattern]:
        def guarded(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        def of_one(step: str, view: Any) -> URLPattern:
            where, name = f"<path:provider_id>/{step}/", f"providers_provider_{step}"
            pattern: URLPattern = path(where, guarded(require_POST(view)), name=name)
            return pattern

        return [
            *self.transfer_urls(),
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

    def exported_rows(self) -> dict[str, Any]:
        return exported()

    def imported_rows(self, data: bytes) -> str:
        done = imported(data)
        said = _("%(created)d providers were made, %(changed)d changed.")
        return said % {"created": done.created, "changed": done.changed}

    def _changeable(self, request: HttpRequest, provider_id: str) -> Provider:
        provider = get_object_or_404(Provider, pk=provider_id)
        if not request.user.has_perm("providers.change_provider"):
            raise PermissionDenied
        return provider


def _plain(offered: list[ModelInfo]) -> list[Any]:
    return [msgspec.to_builtins(info) for info in offered]


def _offered(kept: str) -> list[ModelInfo]:
    """What the page of the test was given: nobody but this server can have written it."""
    try:
        return msgspec.convert(signing.loads(kept, salt=_SALT, max_age=_HOUR), list[ModelInfo])
    except signing.BadSignature:
        return []
