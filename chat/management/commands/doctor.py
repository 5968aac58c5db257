"""`manage.py doctor`: look at a deployment, and say in plain words what to do.

    manage.py doctor                                 this machine, the database, Redis, the queue
    manage.py doctor --url https://chat.example.org  the proxy as well: streams and WebSockets through it
    manage.py doctor --providers                     every provider as well
    manage.py doctor --alerts                        a test to whoever is told of incidents
    manage.py doctor --json                          for programs

Ends with 1 where something does not hold what is promised; a warning is no failure. Run it with the
environment of the processes it is about, on their machine.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandParser

from chat.doctor import alerting, between, inside, outside
from chat.doctor.findings import Check, Finding, State, examined, line


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []  # they are among its findings

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default="", help="the public address, through the proxy")
        parser.add_argument("--providers", action="store_true", help="ask every provider for its models")
        parser.add_argument(
            "--alerts", action="store_true", help="send a test to whoever is told of incidents"
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, url: str, json: bool, **options: Any) -> None:
        found: list[Finding] = []
        for finding in examined([*_always(), *_asked(url.rstrip("/"), options)]):
            found.append(finding)
            if not json:
                self.stdout.write(line(finding))
        failed = sum(finding.state == State.FAIL for finding in found)
        if json:
            self.stdout.write(msgspec.json.encode({"ok": not failed, "findings": found}).decode())
        else:
            self.stdout.write(_summary(failed, sum(finding.state == State.WARN for finding in found)))
        if failed:
            raise SystemExit(1)


def _summary(failed: int, warned: int) -> str:
    if failed:
        return f"\n{failed} things do not hold, {warned} could be better."
    return f"\nAll that was looked at holds; {warned} things could be better."


def _always() -> tuple[tuple[str, Check], ...]:
    return (
        ("database", inside.database),
        ("migrations", inside.migrations),
        ("clock", inside.clock),
        ("settings", inside.configuration),
        ("keys", inside.keys),
        ("disk", inside.disk),
        ("redis", between.redis),
        ("redis memory", between.memory),
        ("layer", between.layer),
        ("queue", between.queue),
    )


def _asked(url: str, options: Mapping[str, Any]) -> Iterator[tuple[str, Check]]:
    if options["providers"]:
        yield "providers", inside.providers
    if options["alerts"]:
        yield "alerts", alerting.alerts
    if url:
        yield "address", partial(outside.reachable, url)
        yield "streaming", partial(outside.streaming, url)
        yield "websocket", partial(outside.websocket, url)
