"""What an answer may come to, before anybody is asked: what budgets reserve.

What it reads is estimated from the text, or known from the answer before it; what it writes is at most what
the caller lets it write, otherwise what the model can, and BUDGET_OUTPUT_TOKENS where that is more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
from django.conf import settings

from chat.budgets.amounts import NOTHING, Amounts, nanodollars
from chat.models import Message, Run, UsageRecord
from chat.runner.history import history_of
from providers.briefly import briefly
from providers.catalogue import known_model, provider_of, targets_of
from providers.contract import ChatRequest
from providers.estimating import estimated_tokens, estimated_usage
from providers.events import Usage
from providers.pricing import Price, price_of
from providers.steps import steps_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Of one answer by one of `models`, which are (provider, model)."""

    read: Callable[[], int]  # tokens; asked only where it matters
    options: Mapping[str, Any]
    models: tuple[tuple[str, str], ...]

    def amounts(self) -> Amounts:
        """Of those who may answer, the dearest. A model without a price counts for nothing."""
        read = self.read()
        asked = [self._of(read, *known) for known in self.models]
        tokens = max((usage.total_tokens for usage, _ in asked), default=read)
        money = max((price.cost(usage) for usage, price in asked if price), default=Decimal(0))
        return Amounts(1, tokens, nanodollars(money))

    def _of(self, read: int, provider: str, model: str) -> tuple[Usage, Price | None]:
        price, most = _recorded(provider, model)
        return Usage(input_tokens=read, output_tokens=self._output(most)), price

    def _output(self, model_most: int | None) -> int:
        told = self.options.get("max_tokens")
        if isinstance(told, int) and told > 0:
            return min(told, model_most) if model_most else told
        usual: int = settings.BUDGET_OUTPUT_TOKENS
        return min(model_most, usual) if model_most else usual


def models_of(ref: str) -> tuple[tuple[str, str], ...]:
    """All that may answer for a name. Raises UnknownProvider."""
    return tuple((target.provider.pk, target.model) for target in targets_of(ref)[1])


def tokens_before(answer: Message, question: Message | None) -> int:
    """What a model will have to read: what it read and wrote for the answer before this question, where that
    is known."""
    before = question.parent if question else None
    if question and before and before.usage:
        usage = msgspec.convert(before.usage, Usage)
        return usage.total_tokens + estimated_tokens(question.text)
    system = answer.session.system_prompt
    request = ChatRequest(model="", messages=tuple(history_of(answer)), system=system)
    return estimated_usage(request, ()).input_tokens


def used_by(run: Run | UsageRecord) -> Amounts:
    """What an answer that is over came to, with what was paid for beside it. Nothing where nobody answered
    anything: that is given back."""
    aside = [step.usage for step in steps_from(getattr(run, "steps", None)) if step.outcome != "answered"]
    told = [msgspec.convert(run.usage, Usage) if run.usage else None, *aside]
    tokens = sum(usage.total_tokens for usage in told if usage)
    if not tokens and run.status != Run.Status.COMPLETED:
        return NOTHING
    return Amounts(1, tokens, nanodollars(run.cost or Decimal(0)))


@briefly
def _recorded(provider_id: str, model: str) -> tuple[Price | None, int | None]:
    provider = provider_of(provider_id)
    row = known_model(provider, model)
    return price_of(provider, model, row), row.max_output_tokens
