"""What a run cost, from its usage and the price of its model: the operator's, or that of the bundled list.

Looking a price up reads the database's row and the list; the arithmetic needs neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from providers import price_list
from providers.events import Usage
from providers.models import Provider, ProviderModel
from providers.presets import PRESETS

MILLION: Final = Decimal(1_000_000)  # prices are per million tokens
FREE_KINDS: Final = frozenset({"demo", "ollama"})
_HERE: Final = frozenset({"localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars per million tokens. Without prices of their own, tokens read from and written to a cache
    cost as input; reasoning is output. `source` is `own`, `free` or `list`; what is listed may have tiers and
    reckons by itself."""

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    source: str = "own"
    listed: Any = None

    def cost(self, usage: Usage) -> Decimal:
        read = min(usage.cache_read_tokens, usage.input_tokens)
        written = min(usage.cache_write_tokens, usage.input_tokens - read)
        if self.listed is not None:
            return price_list.cost(self.listed, usage.input_tokens, usage.output_tokens, read, written)
        rest = usage.input_tokens - read - written
        parts = (
            (rest, self.input),
            (read, self.cache_read),
            (written, self.cache_write),
            (usage.output_tokens, self.output),
        )
        return (
            sum((count * (self.input if each is None else each) for count, each in parts), Decimal(0))
            / MILLION
        )

    def as_json(self) -> dict[str, str]:
        """What is kept with the usage, so that a run's cost can be followed after prices have changed."""
        told = {"input": self.input, "output": self.output}
        caches = {"cache_read": self.cache_read, "cache_write": self.cache_write}
        known = {name: price for name, price in {**told, **caches}.items() if price is not None}
        return {"source": self.source, **{name: format(price, "f") for name, price in known.items()}}


FREE: Final = Price(input=Decimal(0), output=Decimal(0), source="free")


def cost_of(usage: Usage, price: Price | ProviderModel | None) -> Decimal | None:
    """US dollars; None where the price is not known. A row should have its `provider` selected."""
    if isinstance(price, ProviderModel):
        price = price_of(price.provider, price.name, price)
    return None if price is None else price.cost(usage)


def total_cost(costs: Sequence[Decimal | None]) -> Decimal | None:
    """None where there are none, or where one of them is not known."""
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if costs and len(known) == len(costs) else None


def price_of(provider: Provider, name: str, row: ProviderModel | None) -> Price | None:
    """The price of a provider's model; `row` is what is recorded of it. Imports the list when it is needed
    first, which takes a moment: for threads."""
    if row and row.input_price is not None and row.output_price is not None:
        return Price(
            input=row.input_price,
            output=row.output_price,
            cache_read=row.cache_read_price,
            cache_write=row.cache_write_price,
        )
    if _is_local(provider):
        return FREE
    found = price_list.find(_vendor(provider), provider.base_url, name)
    return None if found is None else _listed(found)


def context_length_of(provider: Provider, name: str, row: ProviderModel | None) -> int:
    """Tokens that a provider's model reads, 0 where nobody knows. A server of one's own may have set less
    than the list says of a model."""
    if row and row.context_length:
        return row.context_length
    return 0 if _is_local(provider) else price_list.context_window(_vendor(provider), provider.base_url, name)


def _listed(found: price_list.Listed) -> Price:
    return Price(
        input=found.input,
        output=found.output,
        cache_read=found.cache_read,
        cache_write=found.cache_write,
        source="list",
        listed=found,
    )


def _is_local(provider: Provider) -> bool:
    """Models on machines of one's own. What wants a key, on loopback too, may be a gateway that is paid."""
    preset = PRESETS.get(provider.preset)
    if provider.kind in FREE_KINDS or (preset and not preset.needs_key):
        return True
    keyless = not (provider.api_key_encrypted or provider.api_key_variable or provider.from_environment)
    return keyless and _is_here(urlsplit(provider.base_url).hostname or "")


def _is_here(host: str) -> bool:
    return host in _HERE or host.startswith("127.")


def _vendor(provider: Provider) -> str:
    """The list's word for who is asked; empty where only the address tells."""
    if provider.preset:
        return provider.preset
    return provider.kind if provider.kind != "openai-compatible" else ""
