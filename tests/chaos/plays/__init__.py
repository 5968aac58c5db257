"""The faults, one function each: what goes wrong, and what must hold beyond the oracle's comparison."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.chaos.stage import Play


@dataclass(frozen=True)
class Fault:
    name: str
    play: Play
    shape: str  # cluster, embedded, tight or upgrade
    short: bool  # also played by `make test`
    counted: tuple[str, ...]  # what /metrics must show more of afterwards


FAULTS: list[Fault] = []


def fault(
    name: str, *, shape: str = "cluster", short: bool = False, counted: tuple[str, ...] = ()
) -> Callable[[Play], Play]:
    def register(play: Play) -> Play:
        FAULTS.append(Fault(name, play, shape, short, counted))
        return play

    return register


def all_faults() -> Sequence[Fault]:
    from tests.chaos.plays import (  # noqa: F401
        churn,
        clients,
        clocks,
        database,
        embedded,
        exhaustion,
        none,
        processes,
        queue,
        reconnecting,
        secrets,
        stopping,
        teams,
        upgrading,
    )

    return FAULTS
