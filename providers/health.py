"""How a provider does, for operators: its admin page, the API and the statistics."""

from typing import Any

from providers.models import Provider
from providers.survey import Survey, survey
from providers.windows import SLOT, SLOTS, Totals

WORST_FIRST = ("open", "half-open", "closed")


def check_json(provider: Provider) -> dict[str, Any]:
    """The last test: `status` is never, ok or failed."""
    return {
        "status": provider.check_status,
        "latency_ms": provider.check_latency_ms,
        "message": provider.check_message,
        "checked_at": provider.checked_at,
    }


def health_of(provider: Provider, seen: Survey | None = None) -> dict[str, Any]:
    """The last test, and how the last minutes went, over all processes and by model. `breaker` is closed,
    open or half-open; for the provider, the worst of its models'. Rates and averages are null where nothing
    was asked. `seen` is a survey that was made already."""
    seen = seen or survey()
    models = {ref.partition("/")[2]: totals for ref, totals in seen.of(provider.pk).items()}
    states = {name: seen.breakers.get(f"{provider.pk}/{name}", "closed") for name in models if name}
    return {
        "provider": provider.pk,
        "enabled": provider.enabled,
        "check": check_json(provider),
        "window_seconds": int(SLOT * SLOTS),
        **totals_json(seen.total(provider.pk)),
        "breaker": min(states.values(), key=WORST_FIRST.index, default="closed"),
        "models": [
            {"model": name, **totals_json(models[name]), "breaker": state}
            for name, state in sorted(states.items())
        ],
    }


def totals_json(totals: Totals) -> dict[str, Any]:
    return {
        "requests": totals.requests,
        "errors": totals.errors,
        "error_rate": totals.error_rate,
        "average_ms": totals.average_ms,
        "average_first_token_ms": totals.average_first_token_ms,
        "in_flight": totals.in_flight,
        "waiting": totals.waiting,
    }
