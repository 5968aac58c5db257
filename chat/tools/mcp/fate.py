"""What became of a connection, told by the transport to whoever waits for an answer on it."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

LARGEST: Final = 8 * 1024 * 1024  # bytes of one answer of an MCP server


@dataclass(slots=True)
class Fate:
    """`over` is set when nothing more can come; `too_large` says that an answer was the reason."""

    over: asyncio.Event = field(default_factory=asyncio.Event)
    too_large: bool = False
