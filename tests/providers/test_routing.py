"""The decisions about whom to ask, without a network: order, verdicts and waits."""

from collections import Counter
from random import Random

import pytest

from providers import errors
from providers.contract import ProviderConfig
from providers.retrying import CAP, Verdict, backoff, counts_against, verdict
from providers.routing import Candidate, Plan, Strategy, can_take_over, ordered


def candidate(provider: str, **more: int) -> Candidate:
    return Candidate(config=ProviderConfig(provider_id=provider, kind="openai"), model="m", **more)  # type: ignore[arg-type]


def plan(strategy: Strategy, **weights: int) -> Plan:
    candidates = tuple(candidate(name, weight=weight) for name, weight in weights.items())
    return Plan(candidates=candidates, strategy=strategy)


def order(plan: Plan) -> list[str]:
    return [candidate.provider for candidate in plan.candidates]


def nobody(provider: str) -> int:
    return 0


def test_priority_keeps_the_order() -> None:
    assert order(ordered(plan("priority", a=1, b=9), nobody, Random(1))) == ["a", "b"]


def test_weights_decide_how_often_a_candidate_is_first() -> None:
    rng = Random(7)
    firsts = Counter(order(ordered(plan("weighted", a=3, b=1), nobody, rng))[0] for _ in range(4000))
    assert 0.70 < firsts["a"] / 4000 < 0.80


def test_a_candidate_without_weight_is_only_there_for_the_others() -> None:
    orders = {tuple(order(ordered(plan("weighted", a=0, b=1), nobody, Random(n)))) for n in range(50)}
    assert orders == {("b", "a")}


def test_the_least_busy_is_first_and_equals_keep_their_order() -> None:
    busy = {"a": 3, "b": 1, "c": 1}
    assert order(ordered(plan("least-busy", a=1, b=1, c=1), busy.__getitem__, Random(1))) == ["b", "c", "a"]


def test_an_order_that_was_decided_before_is_kept() -> None:
    assert order(plan("weighted", a=1, b=1, c=1).led_by(("c/m", "a/m"))) == ["c", "a", "b"]


def test_what_was_too_long_goes_to_a_larger_model_only() -> None:
    small, large, unknown = (candidate("x", context_length=length) for length in (8_000, 128_000, 0))
    too_long = errors.ContextTooLong()
    assert can_take_over(large, small, too_long) and can_take_over(unknown, small, too_long)
    assert not can_take_over(small, large, too_long)
    assert can_take_over(small, large, errors.ProviderFailed())


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, Verdict.END),
        (401, Verdict.NEXT),
        (402, Verdict.NEXT),
        (403, Verdict.NEXT),
        (404, Verdict.NEXT),
        (408, Verdict.AGAIN),
        (409, Verdict.AGAIN),
        (413, Verdict.NEXT),
        (422, Verdict.END),
        (429, Verdict.AGAIN),
        (500, Verdict.AGAIN),
        (503, Verdict.AGAIN),
        (529, Verdict.AGAIN),
    ],
)
def test_a_status_decides_who_is_asked_next(status: int, expected: Verdict) -> None:
    assert verdict(errors.error_for_status(status)(upstream_status=status)) is expected


def test_a_refused_connection_is_tried_again_and_silence_is_not() -> None:
    assert verdict(errors.ProviderUnreachable()) is Verdict.AGAIN
    assert verdict(errors.ProviderTimeout()) is Verdict.NEXT
    assert verdict(errors.StreamBroken()) is Verdict.NEXT
    assert verdict(errors.InvalidOptions()) is Verdict.END


def test_a_callers_fault_does_not_count_against_the_provider() -> None:
    assert counts_against(errors.ProviderFailed()) and counts_against(errors.ProviderRateLimited())
    assert not counts_against(errors.InvalidOptions()) and not counts_against(errors.ProviderKeyRejected())


def test_waits_grow_are_spread_and_have_an_end() -> None:
    rng = Random(3)
    waits = [[backoff(n, None, 10.0, rng) or 0.0 for _ in range(300)] for n in (1, 2, 3, 20)]
    for longest, drawn in zip((0.5, 1.0, 2.0, CAP), waits, strict=True):
        assert max(drawn) <= longest and min(drawn) < longest / 10 and max(drawn) > longest * 0.9


def test_a_provider_that_names_a_time_gets_it_unless_it_is_too_long() -> None:
    rng = Random(3)
    assert 4.0 <= (backoff(1, 4.0, 10.0, rng) or 0.0) <= 4.25
    assert backoff(1, 11.0, 10.0, rng) is None
