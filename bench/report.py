"""The tables that are printed."""

from collections.abc import Iterable, Mapping
from typing import Any

from bench.figures import Figures

Results = dict[str, Any]
_SHOWN = frozenset(  # by `_measured`
    {"cpu_ms_per_1000", "tokens_per_second", "lost", "doubled", "disordered", "server_core", "bench_core"}
    | {"other_core", "cpu_ms_per_answer", "answers_per_second", "events_per_token"}
)
_HEAD = (
    "",
    "first +p50",
    "+p99",
    "token +p50",
    "+p99",
    "CPU/1000",
    "tokens/s",
    "events",
    "faults",
    "busy",
    "bench",
    "other",
)


_LEGEND = """\
Times in ms; CPU/1000: CPU ms of the server per 1,000 tokens; events: per token; faults: tokens lost, doubled
or out of order; busy, bench, other: shares of a core that the server, this benchmark and the rest used."""


def tables(results: Results) -> str:
    blocks = [
        _loads(results["load"]),
        _requests(results["requests"]),
        _fan_out(results["fan_out"]),
        _idle(results["idle"]),
        _LEGEND,
    ]
    return "\n\n".join(blocks)


def load(name: str, figures: Figures) -> str:
    """One load of bench/loads.py: what it came to, and beside it what the bare relay did."""
    lines = [name, *(f"  {line}" for line in _told(figures))]
    if relay := figures.get("relay"):
        lines.append(f"  relay: {_measured(relay)}")
        lines.append("  parley/relay: " + _ratios(figures, relay))
    return "\n".join(lines)


def _told(figures: Figures) -> list[str]:
    """A line for each group of figures, and one for those that stand alone."""
    shown = _SHOWN if "token_ms" in figures else ()
    alone = ", ".join(
        f"{name} {value:.4g}"
        for name, value in figures.items()
        if isinstance(value, int | float) and name not in shown
    )
    told = [alone] if alone else []
    if "token_ms" in figures:
        told.append(_measured(figures))
    for name, group in figures.items():
        if name in ("relay", "token_ms", "first_token_ms") or not isinstance(group, dict):
            continue
        told.append(f"{name}: " + (_measured(group) if "token_ms" in group else _told(group)[0]))
    return told


def _ratios(ours: Figures, base: Figures) -> str:
    _, *ratios = _ratio("", ours, base)
    return "first +p50 {} +p99 {}, token +p50 {} +p99 {}, CPU {}".format(*ratios[:5])


def _measured(figures: Figures) -> str:
    token, first = figures["token_ms"], figures["first_token_ms"]
    return (
        f"token +p50 {token['p50']:.1f} +p99 {token['p99']:.1f} ms, first +p50 {first['p50']:.1f} ms, "
        f"{figures['tokens_per_second']:.0f} tokens/s, {figures['cpu_ms_per_1000']:.1f} CPU ms per 1,000, "
        f"faults {_faults(figures)}, busy {figures['server_core']:.0%}, other {figures['other_core']:.0%}"
    )


def faults_in(results: Results) -> int:
    """Lost, doubled and disordered tokens of all measurements together."""
    cells = [cell for targets in results["load"].values() for cell in targets.values()]
    return sum(_faults(cell) for cell in [*cells, results["fan_out"]]) + int(results["fan_out"]["holes"])


def _loads(loads: Mapping[str, Mapping[str, Figures]]) -> str:
    rows: list[tuple[str, ...]] = [_HEAD]
    for runs, targets in loads.items():
        rows += [_row(f"{runs} × {name}", figures) for name, figures in targets.items()]
        rows.append(_ratio(f"{runs}   parley/relay", targets["parley"], targets["relay"]))
    return _aligned(rows)


def _row(name: str, figures: Figures) -> tuple[str, ...]:
    first, token = figures["first_token_ms"], figures["token_ms"]
    return (
        name,
        *(f"{value:.1f}" for value in (first["p50"], first["p99"], token["p50"], token["p99"])),
        f"{figures['cpu_ms_per_1000']:.0f}",
        f"{figures['tokens_per_second']:.0f}",
        f"{figures['events_per_token']:.2f}",
        str(_faults(figures)),
        *(f"{figures[who]:.0%}" for who in ("server_core", "bench_core", "other_core")),
    )


def _ratio(name: str, ours: Figures, base: Figures) -> tuple[str, ...]:
    pairs = [
        (ours[kind][p], base[kind][p]) for kind in ("first_token_ms", "token_ms") for p in ("p50", "p99")
    ]
    pairs.append((ours["cpu_ms_per_1000"], base["cpu_ms_per_1000"]))
    return (name, *(f"{a / b:.1f}x" if b > 0 else "-" for a, b in pairs), *[""] * 6)


def _faults(figures: Figures) -> int:
    return int(figures["lost"] + figures["doubled"] + figures["disordered"])


def _requests(targets: Mapping[str, Figures]) -> str:
    rows = [("answers of one token", "CPU ms each", "answers/s", "p50 ms", "p99 ms")]
    for name, figures in targets.items():
        first = figures["first_token_ms"]
        each = f"{figures['cpu_ms_per_answer']:.2f}", f"{figures['answers_per_second']:.0f}"
        rows.append((name, *each, f"{first['p50']:.1f}", f"{first['p99']:.1f}"))
    return _aligned(rows)


def _fan_out(figures: Figures) -> str:
    token, cost = figures["token_ms"], figures["cpu_ms_per_1000"]
    delivered, events = figures["tokens_per_second"], figures["events_per_second"]
    faults = _faults(figures) + figures["holes"]
    lines = (
        f"fan-out, 1 run to {figures['viewers']} viewers:",
        f"  {delivered:.0f} token deliveries/s in {events:.0f} events/s",
        f"  +p50 {token['p50']:.1f} ms, +p99 {token['p99']:.1f} ms, faults {faults}",
        f"  with {figures['server_core']:.0%} of a core; {cost:.2f} CPU ms per 1,000 deliveries, which is"
        f" {1e6 / max(0.001, cost):.0f} deliveries/s on a whole one",
    )
    return "\n".join(lines)


def _idle(figures: Figures) -> str:
    return (
        f"idle: {figures['kib_per_socket']:.1f} KiB per signed-in, subscribed socket "
        f"({figures['sockets']} of them keep {figures['server_core']:.1%} of a core busy)"
    )


def _aligned(rows: Iterable[tuple[str, ...]]) -> str:
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in table)
    return "\n".join(line.rstrip() for line in lines)
