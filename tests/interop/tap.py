"""A tap between two sides of a connection: passes bytes on, sees who closes which, and cuts."""

import asyncio
import contextlib
import threading
from dataclasses import dataclass, field


@dataclass(slots=True)
class Connection:
    """`asked` is what the client sent, `received` counts the server's bytes. `answered`: the server closed
    its side. `left`: the client closed its own before that."""

    asked: bytearray = field(default_factory=bytearray)
    received: int = 0
    answered: bool = False
    left: bool = False


class Tap:
    """`with Tap(port) as tap:` — the client is told `tap.port` for the server's. The first connection is cut
    after so many bytes of the server's, where that is not 0."""

    def __init__(self, port: int, cut_first_after: int = 0) -> None:
        self.connections: list[Connection] = []
        self._server_port = port
        self._cut_first_after = cut_first_after

    def __enter__(self) -> "Tap":
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        started = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(started, self._loop).result()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection()
        self.connections.append(connection)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
        back = asyncio.ensure_future(self._answer(far_reader, writer, connection))
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):  # the latter at the tap's end
            await _ask(reader, far_writer, connection)
        connection.left = not connection.answered
        far_writer.close()
        await back

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: Connection
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                connection.received += len(data)
                writer.write(data)
                await writer.drain()
                if self._is_cut(connection):
                    writer.transport.abort()
            connection.answered = True
        writer.close()

    def _is_cut(self, connection: Connection) -> bool:
        after = self._cut_first_after
        return bool(after) and connection is self.connections[0] and connection.received >= after


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: Connection) -> None:
    while data := await reader.read(65536):
        connection.asked += data
        writer.write(data)
        await writer.drain()
