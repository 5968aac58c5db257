"""What processes cost, from /proc: CPU and memory of a process tree, and CPU of the machine."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICK: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def tree(root: int) -> list[int]:
    """The process and its descendants."""
    parents = {int(folder.name): _parent(folder) for folder in Path("/proc").glob("[0-9]*")}
    found = [root]
    for pid in found:
        found.extend(child for child, parent in parents.items() if parent == pid)
    return found


def cpu_seconds(root: int) -> float:
    """User and system time of the tree, with that of its children that have ended."""
    return sum(sum(map(int, _stat(pid)[11:15])) for pid in tree(root)) / _TICK


def resident_bytes(root: int) -> int:
    return sum(int(_stat(pid)[21]) for pid in tree(root)) * _PAGE


def database_files(root: int) -> int:
    """Open files of SQLite in the tree: two for each connection."""
    return sum(_links_to_sqlite(pid) for pid in tree(root))


def machine_seconds() -> float:
    """The time that all cores together spent on anything."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _, _, irq, softirq, *_ = map(int, fields)
    return (user + nice + system + irq + softirq) / _TICK


def _stat(pid: int) -> list[str]:
    """The fields after the name; zeros for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return ["0"] * 50


def _links_to_sqlite(pid: int) -> int:
    links = Path(f"/proc/{pid}/fd").iterdir()
    return sum(".sqlite3" in str(link.readlink()) for link in links if link.is_symlink())


def _parent(folder: Path) -> int:
    return int(_stat(int(folder.name))[1])


@dataclass(frozen=True, slots=True)
class Moment:
    wall: float
    server: float
    bench: float
    machine: float


@dataclass(frozen=True, slots=True)
class Spent:
    """Between two moments: seconds of wall time and of CPU. `other` is what the rest of the machine used."""

    wall: float
    server: float
    bench: float
    other: float


class Meter:
    """Reads the clocks of a server and of the benchmark itself (with its provider). No server: pid 0."""

    def __init__(self, server: int) -> None:
        self._server = server
        self._begin = self._moment()

    def spent(self) -> Spent:
        begin, end = self._begin, self._moment()
        server, bench = end.server - begin.server, end.bench - begin.bench
        other = max(0.0, end.machine - begin.machine - server - bench)
        return Spent(end.wall - begin.wall, server, bench, other)

    def _moment(self) -> Moment:
        server = cpu_seconds(self._server) if self._server else 0.0
        ours = cpu_seconds(os.getpid()) - server
        return Moment(time.monotonic(), server, ours, machine_seconds())
