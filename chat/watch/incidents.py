"""What is an incident: figures in, incidents out. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from providers.breaker import State
from providers.windows import Totals

ENOUGH: Final = 10  # requests in the window, below which a rate says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """`kind` is one of Alert.Kind, `said` a sentence for whoever has to mend it."""

    kind: str
    subject: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """None of them counts where it is 0."""

    error_rate: float
    budget_share: float
    queue_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`failed` are providers whose test failed, with what they said; `totals` by provider; `budgets` is how
    much of each is used, by its owner and period; `waits` the age in seconds of the oldest run that nobody
    took."""

    failed: Mapping[str, str]
    breakers: Mapping[str, State]
    totals: Mapping[str, Totals]
    budgets: Mapping[str, float]
    queued: int = 0
    waits: float = 0.0
    canary: str = ""


def incidents(seen: Figures, limits: Limits) -> list[Incident]:
    return [
        *_down(seen),
        *_failing(seen, limits),
        *_spent(seen, limits),
        *_waiting(seen, limits),
        *_lost(seen),
    ]


def _down(seen: Figures) -> Iterator[Incident]:
    for ref, state in seen.breakers.items():
        if state != "closed":
            said = f"{ref} fails again and again and is left alone for a while."
            yield Incident(kind="provider_down", subject=ref, said=said)
    for provider, told in seen.failed.items():
        yield Incident(kind="provider_down", subject=provider, said=f"The test of {provider} failed: {told}")


def _failing(seen: Figures, limits: Limits) -> Iterator[Incident]:
    for provider, totals in seen.totals.items():
        rate = totals.error_rate or 0.0
        if limits.error_rate and totals.requests >= ENOUGH and rate >= limits.error_rate:
            said = f"{rate:.0%} of the last {totals.requests} requests to {provider} failed."
            yield Incident(kind="error_rate", subject=provider, said=said)


def _spent(seen: Figures, limits: Limits) -> Iterator[Incident]:
    for name, share in seen.budgets.items():
        if limits.budget_share and share >= limits.budget_share:
            yield Incident(kind="budget_near", subject=name, said=f"{share:.0%} of this budget are used.")


def _waiting(seen: Figures, limits: Limits) -> Iterator[Incident]:
    if limits.queue_seconds and seen.waits >= limits.queue_seconds:
        said = f"{seen.queued} runs wait for a worker, the oldest for {seen.waits:.0f} s."
        yield Incident(kind="queue_long", subject="", said=said)


def _lost(seen: Figures) -> Iterator[Incident]:
    if seen.canary:
        yield Incident(kind="canary_lost", subject="", said=seen.canary)
