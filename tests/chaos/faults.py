"""A TCP line that can be made bad: slow, thin, stalled, cut, reset, deaf, half closed, sliced.

What it carries it does not know. Stand it between a client and a server: connect to `port`, it goes on to
the server's.
"""

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import Iterable, Iterator
from typing import Final

CHUNK: Final = 65_536  # bytes read at once
_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER: close with RST, and drop what is unsent

Pair = tuple[asyncio.StreamWriter, asyncio.StreamWriter]


class Line:
    """`delay` in seconds per piece, `rate` in bytes a second, `slice` in bytes: 0 for none. While `deaf`,
    what comes is swallowed and connections stay open (a black hole)."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.delay = 0.0
        self.rate = 0.0
        self.slice = 0
        self.deaf = False
        self.connections = 0
        self._open = asyncio.Event()
        self._open.set()
        self._server: asyncio.Server | None = None
        self._pairs: set[Pair] = set()
        self._dead: set[Pair] = (
            set()
        )  # have swallowed bytes: a stream with a hole in it is no stream any more
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Line":
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server
        self._server.close()
        self.heal()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def port(self) -> int:
        assert self._server
        return int(self._server.sockets[0].getsockname()[1])

    # --- faults ---------------------------------------------------------------------------

    def stall(self) -> None:
        """Nothing moves until it is healed; nothing is lost."""
        self._open.clear()

    def heal(self) -> None:
        """Good again, for the connections that are left."""
        self.delay = self.rate = 0.0
        self.slice = 0
        self.deaf = False
        self._open.set()

    def cut(self) -> None:
        """Close every connection in good order."""
        for writer in self._writers():
            writer.close()

    def reset(self, share: float = 1.0) -> None:
        """Tear down connections (all, or a random share of them) as a crashed machine does."""
        for pair in list(self._pairs):
            if random.random() < share:
                for writer in pair:
                    _linger_not(writer)
                    writer.transport.abort()

    def half_close(self) -> None:
        """The server's side says no more; the client's may go on."""
        for near, _ in list(self._pairs):
            with contextlib.suppress(OSError, RuntimeError):
                near.write_eof()

    # --- carrying -------------------------------------------------------------------------

    async def _carry(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        try:
            await self._open.wait()
            far_reader, far = await asyncio.open_connection("127.0.0.1", self.target)
            await self._both_ways((reader, near), (far_reader, far))
        except (OSError, asyncio.CancelledError):
            _linger_not(near)
            near.transport.abort()

    async def _both_ways(
        self,
        near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        pair = (near[1], far[1])
        self._pairs.add(pair)
        pumps = [
            asyncio.create_task(self._pump(near[0], far[1], pair)),
            asyncio.create_task(self._pump(far[0], near[1], pair)),
        ]
        try:
            await asyncio.wait(pumps)
        finally:
            self._pairs.discard(pair)
            self._dead.discard(pair)
            for pump in pumps:
                pump.cancel()
            for writer in pair:
                writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pair: Pair) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            while data := await reader.read(CHUNK):
                await self._open.wait()
                if self.deaf or pair in self._dead:
                    self._dead.add(pair)
                else:
                    await self._write(writer, data)
            writer.write_eof()
            return
        writer.close()

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        for piece in _pieces(data, self.slice):
            if self.delay:
                await asyncio.sleep(self.delay)
            if self.rate:
                await asyncio.sleep(len(piece) / self.rate)
            writer.write(piece)
            await writer.drain()

    def _writers(self) -> Iterator[asyncio.StreamWriter]:
        for pair in list(self._pairs):
            yield from pair


def _pieces(data: bytes, size: int) -> Iterable[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)] if size else [data]


def _linger_not(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, AttributeError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
