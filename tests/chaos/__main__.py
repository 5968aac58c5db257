"""`python -m tests.chaos [WORD …]`: play the faults (all, or those whose names hold a word) and report.

For each: whether what the provider sent, what is stored and what each viewer showed agree, and the longest
time that a viewer saw nothing new. After those of a shape: whether a planted secret is found anywhere. Exits
with 1 where anything disagrees.
"""

import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.canaries.searching import leaks
from tests.chaos.cluster import Cluster
from tests.chaos.embedded import Embedded
from tests.chaos.plays import Fault, all_faults
from tests.chaos.stage import Skipped, Stage, perform
from tests.chaos.tight import Tight
from tests.chaos.upgrade import Upgrade
from tests.services import install_missing

SHAPES = {"cluster": Cluster, "embedded": Embedded, "tight": Tight, "upgrade": Upgrade}
DRAIN = "2"  # seconds; long enough to see a drain, short enough to wait for


async def main(words: Sequence[str]) -> int:
    _end_in_good_order()
    chosen = [f for f in all_faults() if not words or any(word.lower() in f.name.lower() for word in words)]
    failed = skipped = 0
    for shape in SHAPES:
        if faults := [fault for fault in chosen if fault.shape == shape]:
            more_failed, more_skipped = await _play_all(shape, faults)
            failed, skipped = failed + more_failed, skipped + more_skipped
    print(f"\n{len(chosen)} faults, {failed} with problems, {skipped} skipped")
    return 1 if failed else 0


def _end_in_good_order() -> None:
    """At SIGTERM as at Ctrl+C; what is killed outright takes its children with it (processes.py)."""
    task = asyncio.current_task()
    assert task
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


async def _play_all(shape: str, faults: Sequence[Fault]) -> tuple[int, int]:
    failed = skipped = 0
    with tempfile.TemporaryDirectory(prefix="parley-chaos-") as folder:
        try:
            async with SHAPES[shape](Path(folder), DRAIN_SECONDS=DRAIN) as running:
                for fault in faults:
                    began = time.monotonic()
                    stage = await perform(fault.play, running, fault.counted)
                    _print(fault, stage, time.monotonic() - began)
                    failed, skipped = failed + bool(stage.problems), skipped + bool(stage.skipped)
                failed += _print_leaks(shape, await _leaks(running))
                if failed:
                    _print_logs(running)
        except Skipped as reason:
            for fault in faults:
                print(f"skipped {fault.name}: {reason}")
            return 0, len(faults)
    return failed, skipped


def _print(fault: Fault, stage: Stage, seconds: float) -> None:
    if stage.skipped:
        print(f"skipped {fault.name}: {stage.skipped}")
        return
    verdict = "FAILED" if stage.problems else "agree "
    print(f"{verdict} {fault.name}  ({seconds:.0f} s)")
    print(f"       {_facts(stage.facts)}")
    for problem in stage.problems[:12]:
        print(f"       ! {problem}")
    sys.stdout.flush()


async def _leaks(running: Any) -> list[str]:
    try:
        return await leaks(running)
    except Exception as error:  # one shape must not end the others
        return [f"the search broke off: {error!r}"]


def _print_leaks(shape: str, found: Sequence[str]) -> bool:
    """Of the secrets that this shape was given, after all of its faults."""
    print(f"{'FAILED' if found else 'agree '} {shape}: no planted secret is found anywhere")
    for leak in found[:12]:
        print(f"       ! {leak}")
    sys.stdout.flush()
    return bool(found)


def _facts(facts: dict[str, Any]) -> str:
    shown = [f"longest pause {facts['pause']:.1f} s"] if "pause" in facts else []
    for name, value in facts.items():
        if name == "shown":
            value = sorted(set(value)) if len(set(value)) < 4 else f"{min(value)}…{max(value)}"
        if name != "pause":
            shown.append(f"{name} {value}")
    return ", ".join(shown)


def _print_logs(running: Any) -> None:
    logs = sorted(running.folder.glob("*.log")) if isinstance(running, Cluster) else [running.server.log]
    for log in logs:
        print(f"--- the end of {log.name}\n{log.read_text(errors='replace')[-1500:]}")


if __name__ == "__main__":
    sys.exit(install_missing() or asyncio.run(main(sys.argv[1:])))
