"""What a check of a deployment came to: a state, what was seen, and what to do about it."""

import logging
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

logger = logging.getLogger(__name__)


class State(StrEnum):
    OK = "ok"
    WARN = "warn"  # it works, and will hurt some day
    FAIL = "fail"  # something that is promised does not hold
    SKIP = "skip"  # there is nothing to look at in this shape


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """`check` is a stable name; `todo` is empty where there is nothing to do."""

    check: str
    state: State
    said: str
    todo: str = ""


Check: TypeAlias = Callable[[], Finding | Iterable[Finding]]
_MARKS: Final = {State.OK: "ok  ", State.WARN: "warn", State.FAIL: "FAIL", State.SKIP: "-   "}


def ok(check: str, said: str) -> Finding:
    return Finding(check=check, state=State.OK, said=said)


def warn(check: str, said: str, todo: str) -> Finding:
    return Finding(check=check, state=State.WARN, said=said, todo=todo)


def fail(check: str, said: str, todo: str) -> Finding:
    return Finding(check=check, state=State.FAIL, said=said, todo=todo)


def skip(check: str, said: str) -> Finding:
    return Finding(check=check, state=State.SKIP, said=said)


def examined(checks: Iterable[tuple[str, Check]]) -> Iterator[Finding]:
    """Each one's findings, whatever becomes of the others."""
    for name, check in checks:
        try:
            found = check()
        except Exception as error:
            logger.debug("doctor: %s", name, exc_info=error)
            told = f"it could not be looked at: {type(error).__name__}: {error}"
            yield fail(name, told, "Mend what the other lines name first, then ask again.")
            continue
        yield from [found] if isinstance(found, Finding) else found


def line(finding: Finding) -> str:
    """For people."""
    todo = f"\n           → {finding.todo}" if finding.todo else ""
    return f"{_MARKS[finding.state]}  {finding.check}: {finding.said}{todo}"
