"""What a run cost, from its usage and the prices that are set for its model. Pure arithmetic."""

from decimal import Decimal
from typing import Final

from providers.events import Usage
from providers.models import ProviderModel

MILLION: Final = Decimal(1_000_000)  # prices are per million tokens


def cost_of(usage: Usage, model: ProviderModel | None) -> Decimal | None:
    """US dollars; None where a price is not known."""
    if model is None or model.input_price is None or model.output_price is None:
        return None
    return (usage.input_tokens * model.input_price + usage.output_tokens * model.output_price) / MILLION
