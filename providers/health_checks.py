"""Testing all providers: on demand, and from time to time in the background, by one process at a time."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, ParamSpec, TypeVar

from channels.db import database_sync_to_async
from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from providers.catalogue import is_set_up
from providers.checking import check_provider
from providers.errors import ProviderError
from providers.health import health_of
from providers.models import Provider
from providers.survey import survey

logger = logging.getLogger(__name__)

LOOK_SECONDS: Final = 30.0  # between two looks for tests that are due, at most
AT_ONCE: Final = 4  # tests; each waits for one provider

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def health_check_all() -> dict[str, dict[str, Any]]:
    """Test every provider that is enabled and set up, now; by id, what `health_of` says after it."""
    providers = await _in_database(_enabled)
    await _tested(providers)
    return await _in_database(_healths, [provider.pk for provider in providers])


async def health_check_due() -> None:
    """Test what was not tested for PROVIDER_CHECK_SECONDS, and by no other process meanwhile."""
    await _tested(await _in_database(_taken))


def seconds_between_checks() -> float:
    """Between two looks for tests that are due; 0 for never."""
    seconds: float = settings.PROVIDER_CHECK_SECONDS
    return min(LOOK_SECONDS, seconds)


async def _tested(providers: list[Provider]) -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def test(provider: Provider) -> None:
        async with places:
            await _in_database(_test, provider)

    await asyncio.gather(*(test(provider) for provider in providers))


def _test(provider: Provider) -> None:
    try:
        check_provider(provider)
    except ProviderError as error:
        logger.warning("providers: the test of %s failed: %s", provider.pk, error.code)


def _enabled() -> list[Provider]:
    return [provider for provider in Provider.objects.filter(enabled=True) if is_set_up(provider)]


def _taken() -> list[Provider]:
    """Those that are due and that no other process took: the row itself is the lease, in every shape."""
    now = timezone.now()
    before = now - timedelta(seconds=settings.PROVIDER_CHECK_SECONDS)
    due = Provider.objects.annotate(last=Coalesce("checked_at", "created_at")).filter(last__lt=before)
    mine = [provider for provider in due.filter(enabled=True) if is_set_up(provider)]
    return [provider for provider in mine if _still(provider).update(checked_at=now)]


def _still(provider: Provider) -> "QuerySet[Provider]":
    """As it was read; equal to NULL is nothing in SQL."""
    row = Provider.objects.filter(pk=provider.pk)
    if provider.checked_at is None:
        return row.filter(checked_at__isnull=True)
    return row.filter(checked_at=provider.checked_at)


def _healths(ids: list[str]) -> dict[str, dict[str, Any]]:
    seen = survey()
    return {provider.pk: health_of(provider, seen) for provider in Provider.objects.filter(pk__in=ids)}


async def _in_database(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    bridged = database_sync_to_async(function, thread_sensitive=False)
    result: _T = await bridged(*args, **kwargs)
    return result
