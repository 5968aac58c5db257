"""What usage costs: the operator's price, the bundled list, free models, and what is not known."""

import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest
from genai_prices import Usage as ListUsage
from genai_prices import calc_price

from providers.events import Usage
from providers.models import Provider, ProviderModel
from providers.pricing import Price, cost_of, price_of

USAGE = Usage(
    input_tokens=1_000_000, output_tokens=100_000, cache_read_tokens=200_000, reasoning_tokens=50_000
)


def provider(**settings: Any) -> Provider:
    return Provider(**{"id": "p", "kind": "openai", "api_key_encrypted": "x", **settings})


def row(owner: Provider, name: str, **prices: Any) -> ProviderModel:
    return ProviderModel(provider=owner, name=name, **prices)


def test_an_operators_price_goes_before_the_list() -> None:
    owner = provider()
    own = row(owner, "gpt-4o", input_price=Decimal(10), output_price=Decimal(20), cache_read_price=Decimal(1))
    assert cost_of(USAGE, own) == Decimal("8") + Decimal("0.2") + Decimal("2")


def test_caches_without_a_price_cost_as_input() -> None:
    price = Price(input=Decimal(10), output=Decimal(0))
    assert price.cost(Usage(input_tokens=1_000_000, cache_write_tokens=500_000)) == Decimal(10)


@pytest.mark.parametrize(
    ("settings", "name", "vendor"),
    [
        ({"kind": "openai"}, "gpt-4o", "openai"),
        ({"kind": "anthropic"}, "claude-sonnet-4-5", "anthropic"),
        ({"kind": "azure"}, "gpt-4o", "azure"),
        ({"kind": "openai-compatible", "preset": "deepseek"}, "deepseek-chat", "deepseek"),
        ({"kind": "openai-compatible", "preset": "moonshot"}, "kimi-k2-thinking", "moonshotai"),
        ({"kind": "openai-compatible", "preset": "gemini"}, "gemini-2.5-pro", "google"),
        (
            {"kind": "openai-compatible", "base_url": "https://api.deepseek.com/v1"},
            "deepseek-chat",
            "deepseek",
        ),
    ],
)
def test_listed_models_cost_what_the_list_says(settings: dict[str, Any], name: str, vendor: str) -> None:
    counts = {"input_tokens": 300_000, "output_tokens": 1_000, "cache_read_tokens": 5_000}
    price = price_of(provider(**settings), name, None)
    assert price
    told = calc_price(ListUsage(**counts), name, provider_id=vendor).total_price
    assert price.cost(Usage(**counts)) == told > 0
    assert price.as_json()["source"] == "list"


def test_a_price_has_tiers() -> None:
    price = price_of(provider(kind="openai-compatible", preset="gemini"), "gemini-2.5-pro", None)
    assert price
    small, large = (price.cost(Usage(input_tokens=count)) for count in (100_000, 400_000))
    assert large > 4 * small


@pytest.mark.parametrize(
    "settings",
    [
        {"kind": "demo"},
        {"kind": "ollama"},
        {"kind": "openai-compatible", "preset": "lm-studio"},
        {"kind": "openai-compatible", "base_url": "http://127.0.0.1:8000/v1", "api_key_encrypted": ""},
    ],
)
def test_local_models_are_free(settings: dict[str, Any]) -> None:
    owner = provider(**settings)
    assert cost_of(USAGE, row(owner, "anything")) == 0


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"kind": "openai"}, "gpt-of-next-year-or-never"),
        ({"kind": "openai-compatible", "base_url": "https://models.example/v1"}, "gpt-4o"),
        ({"kind": "custom"}, "gpt-4o"),
    ],
)
def test_what_is_not_known_costs_nothing_that_is_told(settings: dict[str, Any], name: str) -> None:
    assert price_of(provider(**settings), name, None) is None
    assert cost_of(USAGE, None) is None


def test_more_cached_than_read_is_taken_for_all() -> None:
    absurd = Usage(input_tokens=10, cache_read_tokens=1_000, cache_write_tokens=1_000)
    price = price_of(provider(), "gpt-4o", None)
    assert price and price.cache_read
    assert price.cost(absurd) == 10 * price.cache_read / 1_000_000


def test_nobody_waits_for_the_list_at_start() -> None:
    code = (
        "import sys, django; django.setup(); import providers.pricing; print('genai_prices' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
