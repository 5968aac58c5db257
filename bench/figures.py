"""From what was received and spent to the figures of a table."""

from collections.abc import Sequence
from typing import Any

from bench.tokens import Answer
from bench.usage import Spent

Figures = dict[str, Any]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so many of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def answer_figures(answers: Sequence[Answer], spent: Spent) -> Figures:
    tokens = sum(len(answer.delays) for answer in answers)
    return {
        "first_token_ms": _milliseconds([answer.first_added for answer in answers]),
        "token_ms": _milliseconds([delay for answer in answers for delay in answer.delays]),
        "cpu_ms_per_1000": spent.server * 1e6 / max(1, tokens),
        "cpu_ms_per_answer": spent.server * 1e3 / len(answers),
        "tokens_per_second": tokens / spent.wall,
        "answers_per_second": len(answers) / spent.wall,
        "events_per_token": sum(answer.events for answer in answers) / max(1, tokens),
        **faults(answers),
        **_shares(spent),
    }


def faults(answers: Sequence[Answer]) -> Figures:
    return {
        "lost": sum(answer.lost for answer in answers),
        "doubled": sum(answer.doubled for answer in answers),
        "disordered": sum(answer.disordered for answer in answers),
    }


def _milliseconds(values: Sequence[int]) -> dict[str, float]:
    return {"p50": percentile(values, 0.5) / 1000, "p99": percentile(values, 0.99) / 1000}


def _shares(spent: Spent) -> Figures:
    """Of one core: what the server, the benchmark itself and the rest of the machine used meanwhile."""
    used = {"server": spent.server, "bench": spent.bench, "other": spent.other}
    return {f"{who}_core": seconds / spent.wall for who, seconds in used.items()}
