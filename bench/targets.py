"""What is asked: the provider itself, the bare relay, Parley. Each gives readers that ask for answers."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.chat_reader import ChatReader
from bench.children import KEY, new_sessions
from bench.http_reader import VENDOR, Door, HttpReader
from bench.tokens import Answer, Model


class Reader(Protocol):
    """One connection, one answer at a time."""

    async def ask(self, model: Model) -> Answer: ...

    async def close(self) -> None: ...


class Target(Protocol):
    """`pid` is the process whose cost counts, 0 for none."""

    @property
    def name(self) -> str: ...

    @property
    def pid(self) -> int: ...

    async def readers(self, count: int) -> Sequence[Reader]: ...


@dataclass(frozen=True, slots=True)
class HttpTarget:
    name: str
    pid: int
    port: int
    door: Door = VENDOR

    async def readers(self, count: int) -> list[HttpReader]:
        return [await HttpReader.open(self.port, self.door) for _ in range(count)]


@dataclass(frozen=True, slots=True)
class Parley:
    pid: int
    port: int
    folder: Path  # its data and its log
    name: str = "parley"

    def gateway(self, path: str) -> HttpTarget:
        """The same server, asked at a door that keeps nothing."""
        return HttpTarget(path, self.pid, self.port, Door(path, "openai/", KEY))

    async def sessions(self, count: int) -> list[str]:
        return await asyncio.to_thread(new_sessions, self.port, count)

    async def readers(self, count: int) -> list[ChatReader]:
        """Each with a session of its own, to which it is subscribed."""
        return [await self.viewer(session_id) for session_id in await self.sessions(count)]

    async def viewer(self, session_id: str, position: dict[str, int] | None = None) -> ChatReader:
        return await ChatReader.open(self.port, KEY, session_id, position)
