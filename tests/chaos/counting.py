"""What the processes say that they counted (P20): each drop, gap, kick, catch-up, takeover and refusal."""

from collections import Counter
from typing import Final

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from tests.canaries.words import ADMIN_KEY

COUNTED: Final = ("gaps", "catch_ups", "layer_drops", "kicks", "takeovers", "leases_lost", "refusals")
PATIENCE: Final = 15.0  # seconds; a frozen process says nothing

Counts = dict[int, Counter[str]]  # by process; "takeovers attempt lost": the name and its labels' values


async def counts_at(url: str) -> Counter[str]:
    """Nothing where nobody answers."""
    return parsed(await _metrics(url))


async def gauge_at(url: str, name: str) -> float:
    """0 where nobody answers."""
    for family in text_string_to_metric_families(await _metrics(url)):
        if family.name == name:
            return sum(sample.value for sample in family.samples)
    return 0.0


async def _metrics(url: str) -> str:
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    try:
        async with httpx2.AsyncClient(timeout=PATIENCE, headers=headers) as http:
            response = await http.get(f"{url}/metrics")
    except httpx2.HTTPError:
        return ""
    return response.text if response.status_code == 200 else ""


def parsed(text: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for family in text_string_to_metric_families(text):
        name = family.name.removeprefix("parley_")
        for sample in family.samples if name in COUNTED else ():
            if sample.name.endswith("_total"):
                labels = [value for _, value in sorted(sample.labels.items())]
                counts[" ".join([name, *labels])] += int(sample.value)
    return counts


def grown(before: Counts, after: Counts) -> Counter[str]:
    """What was counted in between; processes that began meanwhile began at nothing."""
    total: Counter[str] = Counter()
    for pid, counts in after.items():
        total += counts - before.get(pid, Counter())
    return total
