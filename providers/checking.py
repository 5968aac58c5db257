"""The connection test: ask a provider for its models, and record how that went."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from providers.briefly import forget
from providers.catalogue import config_for
from providers.contract import ModelInfo, ProviderConfig
from providers.errors import ProviderError, ProviderTimeout
from providers.health import check_json
from providers.http import close_client
from providers.models import Provider, ProviderModel
from providers.registry import adapter_for
from providers.signals import writing, written

CHECK_SECONDS: Final = 15.0  # somebody is waiting in front of it
MOST_TOLD: Final = 50  # names in one entry of the audit log
MAX_NAME: Final = 200  # characters of a model's name


def check_provider(provider: Provider) -> list[ModelInfo]:
    """What the provider offers. Raises ProviderError. For threads without an event loop of their own."""
    started = time.monotonic()
    try:
        offered = asyncio.run(_offered(config_for(provider)))
    except ProviderError as error:
        _record(provider, Provider.Check.FAILED, started, error.message)
        raise
    _record(provider, Provider.Check.OK, started, "")
    return offered


def checked_json(provider: Provider) -> dict[str, Any]:
    """Test the connection and tell how it went, and what is offered."""
    try:
        offered = check_provider(provider)
    except ProviderError as error:
        failure = {"code": error.code, "message": error.message}
        provider.refresh_from_db()
        return {**check_json(provider), "error": failure, "models": []}
    provider.refresh_from_db()
    return {**check_json(provider), "models": [info.id for info in offered]}


def models_add(provider: Provider, offered: Iterable[ModelInfo]) -> int:
    """List models with what the provider told of them; returns how many are new. Known ones stay."""
    known = set(provider.models.values_list("name", flat=True))
    fresh = {info.id: info for info in offered if info.id and info.id not in known}
    with transaction.atomic():
        writing.send(Provider)
        rows = (_row(provider, info) for info in fresh.values())
        ProviderModel.objects.bulk_create(rows, ignore_conflicts=True)
        if fresh:
            written.send(Provider, ids=[provider.pk], verb="changed", models_added=list(fresh)[:MOST_TOLD])
    forget()
    return len(fresh)


def _row(provider: Provider, info: ModelInfo) -> ProviderModel:
    return ProviderModel(
        provider=provider,
        name=info.id[:MAX_NAME],
        label=info.label[:MAX_NAME] if info.label != info.id else "",
        context_length=info.context_length or None,
        capabilities=None if info.capabilities is None else sorted(info.capabilities),
    )


async def _offered(config: ProviderConfig) -> list[ModelInfo]:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await adapter_for(config).models()
    except TimeoutError as error:
        raise ProviderTimeout(provider=config.provider_id) from error
    finally:
        await close_client()


def _record(provider: Provider, status: str, started: float, message: str) -> None:
    """An update of these columns alone: the operator's own may be changing meanwhile."""
    Provider.objects.filter(pk=provider.pk).update(
        check_status=status,
        check_latency_ms=round((time.monotonic() - started) * 1000),
        check_message=message,
        checked_at=timezone.now(),
    )
