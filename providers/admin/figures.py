"""How providers did lately, over all processes, for their list and their page in the admin."""

from typing import Any

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from providers.briefly import briefly
from providers.health import health_of
from providers.models import Provider
from providers.survey import Survey, survey

NOTHING = "—"


class ProviderFigures:
    """To be mixed into the provider's admin."""

    @admin.display(description=gettext_lazy("breaker"))
    def breaker(self, provider: Provider) -> str:
        return _states()[_health(provider)["breaker"]]

    @admin.display(description=gettext_lazy("errors"))
    def error_rate(self, provider: Provider) -> str:
        rate = _health(provider)["error_rate"]
        return NOTHING if rate is None else f"{rate:.0%}"

    @admin.display(description=gettext_lazy("first token (ms)"))
    def first_token(self, provider: Provider) -> str:
        return str(_health(provider)["average_first_token_ms"] or NOTHING)

    @admin.display(description=gettext_lazy("the last minutes"))
    def lately(self, provider: Provider) -> str:
        health, states = _health(provider), _states()
        models = [{**row, "breaker": states[row["breaker"]]} for row in health["models"]]
        told = {**health, "models": models, "minutes": health["window_seconds"] // 60}
        return render_to_string("admin/providers/provider/health.html", told)


def _states() -> dict[str, str]:
    return {"closed": _("closed"), "half-open": _("half open"), "open": _("open: left alone")}


def _health(provider: Provider) -> dict[str, Any]:
    return health_of(provider, _seen())


@briefly
def _seen() -> Survey:
    """One survey for all rows of a page."""
    return survey()
