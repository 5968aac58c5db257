"""The faults, one function each: what goes wrong, and what must hold beyond the oracle's comparison."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.chaos.stage import Play


@dataclass(frozen=True)
class Fault:
    name: str
    play: Play
    shape: str  # cluster or embedded
    short: bool  # also played by `make test`


FAULTS: list[Fault] = []


def fault(name: str, *, shape: str = "cluster", short: bool = False) -> Callable[[Play], Play]:
    def register(play: Play) -> Play:
        FAULTS.append(Fault(name, play, shape, short))
        return play

    return register


def all_faults() -> Sequence[Fault]:
    from tests.chaos.plays import clients, database, embedded, processes, queue, stopping  # noqa: F401

    return FAULTS
