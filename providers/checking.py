"""The connection test: ask a provider for its models, and record how that went."""

import asyncio
import time
from typing import Final

from django.utils import timezone

from providers.briefly import forget
from providers.catalogue import config_for
from providers.contract import ModelInfo, ProviderConfig
from providers.errors import ProviderError, ProviderTimeout
from providers.http import close_client
from providers.models import Provider, ProviderModel
from providers.registry import adapter_for

CHECK_SECONDS: Final = 15.0  # somebody is waiting in front of it


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


def add_models(provider: Provider, names: list[str]) -> int:
    """List models that the provider was found to offer; returns how many are new."""
    known = set(provider.models.values_list("name", flat=True))
    fresh = [name for name in dict.fromkeys(names) if name and name not in known]
    ProviderModel.objects.bulk_create(ProviderModel(provider=provider, name=name) for name in fresh)
    forget()
    return len(fresh)


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
