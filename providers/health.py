"""How a provider does, for operators: its admin page, the API and the statistics."""

from typing import Any

from providers.models import Provider


def check_json(provider: Provider) -> dict[str, Any]:
    """The last test: `status` is never, ok or failed."""
    return {
        "status": provider.check_status,
        "latency_ms": provider.check_latency_ms,
        "message": provider.check_message,
        "checked_at": provider.checked_at,
    }


def health_of(provider: Provider) -> dict[str, Any]:
    return {"provider": provider.pk, "enabled": provider.enabled, "check": check_json(provider)}
