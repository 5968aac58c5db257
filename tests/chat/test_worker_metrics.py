"""A worker shows what it counts where PARLEY_WORKER_METRICS says, and nowhere otherwise."""

import urllib.request

import pytest
from django.core.management.base import CommandError

from chat.management.commands.worker import serve_metrics
from tests.services import free_port


@pytest.mark.parametrize("host", ["127.0.0.1:", ""], ids=["host and port", "port"])
def test_the_counters_are_at_metrics(host: str) -> None:
    port = free_port()
    serve_metrics(f"{host}{port}")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as response:
        assert b"parley_takeovers_total" in response.read()


@pytest.mark.parametrize("address", ["here", "127.0.0.1:", "127.0.0.1:99999", "no-such-host.invalid:9100"])
def test_a_bad_address_is_refused_by_name(address: str) -> None:
    with pytest.raises(CommandError, match="PARLEY_WORKER_METRICS"):
        serve_metrics(address)


def test_without_an_address_nothing_listens() -> None:
    serve_metrics("")
