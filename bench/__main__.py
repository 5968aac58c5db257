"""`python -m bench`: what Parley costs and adds, with the provider alone and a bare relay beside it.

The server that is measured runs on core 0, the fake provider and the readers on core 1. All traffic stays on
this machine. It exits with 1 when a token was lost, doubled or out of order.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench import children, loads, measuring, report
from bench.targets import HttpTarget, Parley, Target
from bench.tokens import Model


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. `answers` is per connection, by the number of runs at once."""

    model: Model
    answers: dict[int, int]
    requests: int
    fan_out: Model
    viewers: int = 100
    sockets: int = 200


FULL = Plan(Model(200, 10, 20), {1: 5, 10: 3, 100: 3}, 20, Model(2000, 2, 20))
QUICK = Plan(Model(50, 10, 20), {1: 1, 10: 1, 100: 1}, 2, Model(500, 2, 20), sockets=50)
AT_ONCE = 16  # connections that ask for answers of one token


async def measure(plan: Plan, targets: Sequence[Target], parley: Parley) -> report.Results:
    """Idle memory first, while the server is fresh; at each load the targets take turns."""
    results: report.Results = {"load": {}}
    results["idle"] = await measuring.idle_sockets(parley, plan.sockets)
    for runs, answers in plan.answers.items():
        results["load"][str(runs)] = {
            target.name: await measuring.load(target, runs, plan.model, answers) for target in targets
        }
    results["requests"] = {
        target.name: await measuring.requests(target, AT_ONCE, plan.requests)
        for target in targets
        if target.pid
    }
    fan_out = await measuring.fan_out(parley, plan.viewers, plan.fan_out)
    results["fan_out"] = {"viewers": plan.viewers, **fan_out}
    return results


def run(plan: Plan, server: str, shape: str) -> report.Results:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-bench-")))
        upstream = stack.enter_context(children.provider())
        relay = HttpTarget("relay", *stack.enter_context(children.relay(upstream, folder)))
        parley = Parley(*stack.enter_context(children.parley(upstream, server, shape)))
        targets = (HttpTarget("direct", 0, upstream), relay, parley)
        return uvloop.run(measure(plan, targets, parley))


def run_loads(names: Sequence[str], server: str, shape: str) -> report.Results:
    """Each with a server of its own, whose queries are counted where that is what matters."""
    results: report.Results = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-bench-")))
        upstream = stack.enter_context(children.provider())
        relay = HttpTarget("relay", *stack.enter_context(children.relay(upstream, folder)))
        for name in names:
            counted = name == "reconnects"
            with children.parley(upstream, server, shape, counted=counted) as (pid, port, data):
                figures = uvloop.run(loads.LOADS[name](loads.Place(Parley(pid, port, data), relay)))
            results[name] = figures
            print(report.load(name, figures), flush=True)
    return results


def main() -> int:
    arguments = _arguments()
    if not Path("/proc/stat").exists():
        return _refuse("The benchmark reads /proc: it runs on Linux.")
    if children.CAN_PIN:
        children.pin(os.getpid(), 1)
    about = {"at": time.strftime("%Y-%m-%d %H:%M"), "server": arguments.server, "shape": arguments.shape}
    if arguments.loads is not None:
        results = {
            **about,
            **run_loads(arguments.loads or list(loads.LOADS), arguments.server, arguments.shape),
        }
        _keep(arguments.json, results)
        return 0
    plan = QUICK if arguments.quick else FULL
    print(f"Parley, {arguments.shape}, {arguments.server}; answers of {plan.model.name} …", flush=True)
    results = {**about, **run(plan, arguments.server, arguments.shape)}
    print(report.tables(results))
    _keep(arguments.json, results)
    return 1 if report.faults_in(results) else 0


def _keep(file: Path | None, results: report.Results) -> None:
    if file:
        file.write_text(json.dumps(results, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="shorter answers and fewer of them: half a minute"
    )
    parser.add_argument("--server", choices=children.SERVERS, default="daphne")
    parser.add_argument("--shape", choices=children.SHAPES, default="embedded")
    parser.add_argument(
        "--loads",
        nargs="*",
        choices=loads.LOADS,
        metavar="LOAD",
        help="only these: " + ", ".join(loads.LOADS),
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    return parser.parse_args()


def _refuse(reason: str) -> int:
    print(reason)
    return 2


if __name__ == "__main__":
    sys.exit(main())
