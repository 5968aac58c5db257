"""From a name that a caller gives to the plan of whom to ask, with all that the asking needs. Sync, on
the ORM."""

import logging
from typing import cast

from providers.catalogue import Target, config_for, listed_model, targets_of
from providers.errors import ProviderError
from providers.models import Provider
from providers.pricing import context_length_of
from providers.routing import Candidate, Limits, Plan, Strategy

logger = logging.getLogger(__name__)


def plan_for(ref: str) -> Plan:
    """`provider/model`, a bare model name or a route's. Raises UnknownProvider where nobody can answer, and
    what is wrong with the first of several of whom none can be asked."""
    route, targets = targets_of(ref)
    candidates = _candidates(targets)
    if route is None:
        return Plan(candidates=candidates)
    return Plan(
        candidates=candidates,
        route=route.name,
        strategy=cast(Strategy, route.strategy),
        hedge_after=route.hedge_after,
    )


def _candidates(targets: tuple[Target, ...]) -> tuple[Candidate, ...]:
    """Without those whose settings cannot be read: the others may answer."""
    usable: list[Candidate] = []
    failures: list[ProviderError] = []
    for target in targets:
        try:
            usable.append(_candidate(target))
        except ProviderError as error:
            logger.warning("providers: %s cannot be asked: %s", target.provider.pk, error.code)
            failures.append(error)
    if not usable:
        raise failures[0]
    return tuple(usable)


def _candidate(target: Target) -> Candidate:
    provider = target.provider
    listed = listed_model(provider, target.model)
    return Candidate(
        config=config_for(provider),
        model=target.model,
        weight=target.weight,
        max_retries=provider.max_retries,
        context_length=context_length_of(provider, target.model, listed),
        limits=_limits(provider),
    )


def _limits(provider: Provider) -> Limits:
    return Limits(
        max_concurrency=provider.max_concurrency or 0,
        requests_per_minute=provider.requests_per_minute or 0,
        tokens_per_minute=provider.tokens_per_minute or 0,
    )
