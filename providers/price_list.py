"""The bundled list of models' prices, which comes as a package. It knows no operator and no database.

The package takes a fifth of a second to import, so that happens when a price is first asked for.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from django.utils.module_loading import import_string

_VENDORS: Final = {  # a kind or a preset here, a provider's id there
    "moonshot": "moonshotai",
    "zhipu": "zhipuai",
    "gemini": "google",
}
_KNOWN: Final = frozenset({"openai", "anthropic", "azure", "deepseek", "openrouter", *_VENDORS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """US dollars per million tokens before any tier; `rates` is the package's own row, tiers included."""

    input: Decimal
    output: Decimal
    cache_read: Decimal | None
    cache_write: Decimal | None
    rates: Any


def find(vendor: str, base_url: str, model: str) -> Listed | None:
    """By the vendor where it is one of the list's, otherwise by the address."""
    known = _VENDORS.get(vendor, vendor) if vendor in _KNOWN else ""
    row = _model(known, base_url, model)
    rates = row.get_prices(datetime.now(UTC)) if row else None
    if rates is None or rates.input_mtok is None or rates.output_mtok is None:
        return None
    return Listed(
        input=_base(rates.input_mtok) or Decimal(0),
        output=_base(rates.output_mtok) or Decimal(0),
        cache_read=_base(rates.cache_read_mtok),
        cache_write=_base(rates.cache_write_mtok),
        rates=rates,
    )


def context_window(vendor: str, base_url: str, model: str) -> int:
    """Tokens that a model reads, 0 where the list does not say."""
    row = _model(_VENDORS.get(vendor, vendor) if vendor in _KNOWN else "", base_url, model)
    return (row.context_window if row else None) or 0


def preload() -> None:
    """Import the package and its tables ahead, in a thread."""
    _model("openai", "", "")


def cost(listed: Listed, input_tokens: int, output_tokens: int, read: int, written: int) -> Decimal:
    usage = import_string("genai_prices.Usage")(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cache_read_tokens=read,
        cache_write_tokens=written,
    )
    total: Decimal = listed.rates.calc_price(usage)["total_price"]
    return total


@lru_cache(maxsize=1_000)
def _model(vendor: str, base_url: str, model: str) -> Any:
    """The package has a memory of its own that grows with every name that callers make up: not asked."""
    snapshot = import_string("genai_prices.data_snapshot.get_snapshot")()
    try:
        provider = snapshot.find_provider(None, vendor or None, None if vendor else base_url)
    except LookupError:
        return None
    return provider.find_model(model, all_providers=snapshot.providers)


def _base(price: Any) -> Decimal | None:
    found: Decimal | None = getattr(price, "base", price)
    return found
