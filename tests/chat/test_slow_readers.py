"""A reader that does not keep up costs little, delays nobody, and loses nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.chat.readers import Reader, answer, answered, held, memory, stored
from tests.clients import Api, eventually


@pytest.fixture
async def strict(own_server: Any) -> AsyncIterator[Any]:
    """A server that waits for a slow reader for one second only."""
    own_server.environment.update(SLOW_READER_SECONDS="1", PARLEY_LOG_LEVEL="DEBUG")
    own_server.start()
    own_server.keys = own_server.cast()
    yield own_server


async def test_stuck_readers_delay_nobody_and_cost_little(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice, AsyncExitStack() as stack:
        session = await alice.session()
        good = [await stack.enter_async_context(await Reader.open(server, session["id"])) for _ in range(3)]
        first = await answer(alice, session["id"])
        await asyncio.gather(*(reader.read_until(first["id"]) for reader in good))
        stuck = [await stack.enter_async_context(await Reader.open(server, session["id"])) for _ in range(8)]
        before = memory(server)
        for reader in stuck:
            reader.transport.pause_reading()
        last = await answered(alice, session["id"], 3)
        texts = await asyncio.gather(*(reader.read_until(last["id"]) for reader in good))
        grown = memory(server) - before
        for reader in stuck:
            reader.transport.resume_reading()
        texts += await asyncio.gather(*(reader.read_until(last["id"]) for reader in stuck))
        expected = await stored(alice, last)
    assert set(texts) == {expected}
    assert grown < 80  # MiB: the answers themselves leave about 20, each stuck reader about 2


async def test_a_reader_that_stops_acknowledging_is_closed_and_resumes(strict: Any) -> None:
    async with Api(strict.url, strict.keys["alice"]) as alice:
        session = await alice.session()
        async with await Reader.open(strict, session["id"]) as silent:
            last, code = await asyncio.gather(answered(alice, session["id"], 3), _acknowledges_once(silent))
        assert last["id"] not in silent.state.runs
        async with await Reader.open(strict, session["id"], state=silent.state, acknowledges=True) as again:
            text = await again.read_until(last["id"])
        assert text == await stored(alice, last)
    assert code == 4008


async def _acknowledges_once(reader: Reader) -> int:
    await reader.read()
    await reader.acknowledge()
    return await reader.read_until_closed()


async def test_a_reader_that_acknowledges_again_in_time_stays(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        async with await Reader.open(server, session["id"]) as reader:
            await reader.acknowledge()
            last = await answered(alice, session["id"], 3)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(3):
                    await reader.read_until(last["id"])
            await reader.acknowledge()
            reader.acknowledges = True
            assert await reader.read_until(last["id"]) == await stored(alice, last)


async def test_a_reader_that_reads_nothing_is_let_go(strict: Any) -> None:
    """It never acknowledged: its transport alone tells that it is stuck."""
    async with Api(strict.url, strict.keys["alice"]) as alice:
        session = await alice.session()
        async with await Reader.open(strict, session["id"]) as stuck:
            stuck.transport.pause_reading()
            last = await answered(alice, session["id"], 4)
            await eventually(lambda: _is_left(strict))
            stuck.transport.resume_reading()
            code = await stuck.read_until_closed()
        async with await Reader.open(strict, session["id"], state=stuck.state) as again:
            assert await again.read_until(last["id"]) == await stored(alice, last)
    assert code in (4008, 1006)  # the close frame may not have found room


async def _is_left(server: Any) -> bool:
    return held(server)[:2] == (0, 0)


async def test_a_slow_line_catches_up(server: Any) -> None:
    """It takes a little every now and then, and less than is written."""
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        async with await Reader.open(server, session["id"], acknowledges=True) as slow:
            crawling = asyncio.create_task(_crawl(slow))
            last = await answered(alice, session["id"], 2)
            text = await slow.read_until(last["id"])
            crawling.cancel()
        assert text == await stored(alice, last)


async def _crawl(reader: Reader) -> None:
    while True:
        reader.transport.pause_reading()
        await asyncio.sleep(0.2)
        reader.transport.resume_reading()
        await asyncio.sleep(0.01)


async def test_a_slow_stream_over_http_goes_on_where_it_was(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        await answered(alice, session["id"], 3)
        reader, writer = await _request(alice, server, f"/api/sessions/{session['id']}/events/")
        last = await answered(alice, session["id"], 1)  # asyncio reads on only when it is asked to
        lines = [await reader.readuntil(b"}\n")]
        while last["id"].encode() not in lines[-1] or b'"completed"' not in lines[-1]:
            lines.append(await reader.readuntil(b"\n"))
        writer.close()
    seqs = [json.loads(line)["seq"] for line in lines if line.startswith(b"{")]
    assert seqs == list(range(1, len(seqs) + 1))


async def _request(alice: Api, server: Any, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = server.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=8 * 1024 * 1024)
    head = f"GET {path} HTTP/1.0\r\nHost: {host}\r\nAccept: application/x-ndjson\r\n"
    writer.write(f"{head}Authorization: {alice.headers['Authorization']}\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer
