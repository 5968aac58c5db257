"""Windows of the last minutes, the survey of all processes, and tests in the background."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from providers import health_checks
from providers.contract import ProviderConfig
from providers.health import health_of
from providers.models import Provider
from providers.routing import Candidate
from providers.survey import survey
from providers.switchboard import Switchboard
from providers.windows import SLOT, SLOTS, Totals, Window
from tests.clients import eventually
from tests.fakes.provider import FakeProvider
from tests.services import free_port
from tests.services import redis as fresh_redis


def test_a_window_forgets_what_is_old() -> None:
    now = 1000.0
    window = Window(clock=lambda: now)
    window.add(Totals(requests=1, errors=1))
    now += SLOT * (SLOTS - 1)
    window.add(Totals(requests=1, answers=1, answer_ms=300, first_tokens=1, first_token_ms=100))
    both = window.totals()
    assert (both.requests, both.error_rate, both.average_ms, both.average_first_token_ms) == (
        2,
        0.5,
        300,
        100,
    )
    now += SLOT
    assert (window.totals().requests, window.totals().error_rate) == (1, 0.0)
    now += SLOT * SLOTS
    assert window.totals().error_rate is None


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with fresh_redis() as url:
        yield url


async def test_the_survey_adds_up_all_processes(redis_url: str, settings: Any) -> None:
    settings.REDIS_URL = redis_url
    boards = [Switchboard(), Switchboard()]
    candidate = Candidate(config=ProviderConfig(provider_id="acme", kind="openai"), model="m")
    for board in boards:
        board.window(candidate).add(Totals(requests=1))
        board.window(candidate).in_flight = 2
        board.gauges["connections"] = lambda: 5
        await board._look()
    await boards[0]._look()  # now it has heard of the second
    for _ in range(5):
        boards[0].breaker.failed("acme/m")

    async def heard_of_it() -> bool:
        return bool((await asyncio.to_thread(survey)).breakers)

    await eventually(heard_of_it)  # failures are told to Redis in passing
    seen = await asyncio.to_thread(survey)
    assert (seen.total("acme").requests, seen.total("acme").in_flight) == (2, 4)
    assert seen.gauges["connections"] == 10 and seen.breakers == {"acme/m": "open"}
    assert boards[0].busy("acme") == 4
    for board in boards:
        await board.close()


@pytest.mark.django_db
def test_without_redis_the_health_is_what_this_process_knows(settings: Any) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    provider = Provider.objects.create(id="acme", kind="openai-compatible")
    told = health_of(provider)
    assert (told["requests"], told["error_rate"], told["breaker"], told["models"]) == (0, None, "closed", [])
    assert told["check"]["status"] == "never"


@pytest.mark.django_db(transaction=True)
async def test_all_providers_are_tested_and_told_of(threaded_fake: FakeProvider) -> None:
    dead = f"http://127.0.0.1:{free_port()}/v1"
    for name, url in (("good", threaded_fake.base_url), ("dead", dead)):
        await Provider.objects.acreate(id=name, kind="openai-compatible", base_url=url)
    told = await health_checks.health_check_all()
    assert [told[name]["check"]["status"] for name in ("good", "dead")] == ["ok", "failed"]
    assert told["good"]["check"]["latency_ms"] is not None


@pytest.mark.django_db
def test_a_test_that_is_due_is_taken_by_one_process(settings: Any) -> None:
    settings.PROVIDER_CHECK_SECONDS = 60
    Provider.objects.all().delete()
    old, now = timezone.now() - timedelta(hours=1), timezone.now()
    for name, checked_at in (("due", old), ("fresh", now), ("new", None)):
        Provider.objects.create(id=name, kind="openai-compatible", checked_at=checked_at)
    Provider.objects.create(id="off", kind="openai-compatible", checked_at=old, enabled=False)
    seen = health_checks._taken()
    assert [provider.pk for provider in seen] == ["due"]
    assert health_checks._taken() == []


def test_somebody_who_read_it_before_does_not_take_it_twice(db: None) -> None:
    provider = Provider.objects.create(id="due", kind="openai-compatible")
    again = Provider.objects.get(pk="due")
    assert health_checks._still(provider).update(checked_at=timezone.now()) == 1
    assert health_checks._still(again).update(checked_at=timezone.now()) == 0
