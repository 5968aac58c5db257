"""Whom to ask, in which order: the plan of one request. It knows no database, no clock and no network."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Literal, TypeAlias

from providers.contract import ProviderConfig
from providers.errors import ContextTooLong, ProviderError

Strategy: TypeAlias = Literal["priority", "weighted", "least-busy", "race"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may go out to one provider, all processes together; 0 is no limit."""

    max_concurrency: int = 0
    requests_per_minute: int = 0
    tokens_per_minute: int = 0

    def __bool__(self) -> bool:
        return bool(self.max_concurrency or self.requests_per_minute or self.tokens_per_minute)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One model of one provider that may answer. `context_length` is in tokens, 0 where it is not known."""

    config: ProviderConfig
    model: str
    weight: int = 1
    max_retries: int = 2
    context_length: int = 0
    limits: Limits = field(default_factory=Limits)

    @property
    def provider(self) -> str:
        return self.config.provider_id

    @property
    def ref(self) -> str:
        return f"{self.provider}/{self.model}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The candidates (at least one) in the order of asking. `route` is the name that stood for them, empty
    where the caller named the model; `hedge_after` is in seconds and for races alone."""

    candidates: tuple[Candidate, ...]
    route: str = ""
    strategy: Strategy = "priority"
    hedge_after: float = 2.0
    decided: bool = False  # the order is that of asking, and no more a matter of chance or of the moment

    @property
    def first(self) -> Candidate:
        return self.candidates[0]

    def only(self, ref: str) -> "Plan":
        """The same plan without any choice: an answer that was begun goes on with who began it."""
        return replace(self, candidates=tuple(c for c in self.candidates if c.ref == ref) or self.candidates)

    def led_by(self, refs: tuple[str, ...]) -> "Plan":
        """In an order that was decided before; what is not in it comes after."""
        rank = {ref: index for index, ref in enumerate(refs)}
        ranked = sorted(self.candidates, key=lambda c: rank.get(c.ref, len(rank)))
        return replace(self, candidates=tuple(ranked), decided=True)


def ordered(plan: Plan, busy: Callable[[str], int], rng: Random) -> Plan:
    """Decide the order for one request. `busy` gives how many requests a provider is answering."""
    candidates = plan.candidates
    if plan.decided:
        return plan
    if plan.strategy == "weighted":
        candidates = tuple(sorted(candidates, key=lambda c: _draw(c.weight, rng), reverse=True))
    elif plan.strategy == "least-busy":
        candidates = tuple(sorted(candidates, key=lambda c: busy(c.provider)))
    return replace(plan, candidates=candidates, decided=True)


def can_take_over(candidate: Candidate, failed: Candidate, error: ProviderError) -> bool:
    """What was too long for one model goes to those alone that may take more."""
    if not isinstance(error, ContextTooLong) or not candidate.context_length:
        return True
    return candidate.context_length > failed.context_length


def _draw(weight: int, rng: Random) -> float:
    """Sorting by these draws an order in which each place falls to each by weight; without weight, last."""
    return rng.random() ** (1 / weight) if weight > 0 else -1.0
