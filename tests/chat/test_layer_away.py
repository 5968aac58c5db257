"""Redis goes and comes back: readers go on from the log meanwhile, and hear the layer again afterwards."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.chat.readers import Reader, answer, stored
from tests.clients import PATIENCE, Api, eventually
from tests.services import find, free_port, wait_for_port

pytestmark = pytest.mark.skipif(not find("redis-server"), reason="needs redis-server")


@contextmanager
def redis_at(port: int) -> Iterator[None]:
    """An empty one; ends as by kill -9."""
    command = [str(find("redis-server")), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for_port(port)
            yield
        finally:
            process.kill()


@pytest.fixture
async def scaled(own_server: Any) -> AsyncIterator[tuple[Any, int]]:
    """A server whose layer is a Redis that is not there yet, and its port."""
    port = free_port()
    own_server.environment.update(REDIS_URL=f"redis://127.0.0.1:{port}/0", RUN_IN_WEB="1")
    with redis_at(port):
        own_server.start()
        own_server.keys = own_server.cast()
    yield own_server, port


async def test_without_redis_readers_go_on_from_the_log_and_with_it_again_from_the_layer(
    scaled: tuple[Any, int],
) -> None:
    server, port = scaled
    async with Api(server.url, server.keys["alice"]) as alice:
        session, later = await alice.session(), await alice.session()
        with redis_at(port):
            reader = await Reader.open(server, session["id"])
            await _answered(alice, reader, session["id"])
        await _answered(alice, reader, session["id"])
        newcomer = await Reader.open(server, later["id"])
        await _answered(alice, newcomer, later["id"])
        with redis_at(port):
            await eventually(lambda: _heard(port, session["id"], later["id"]))
            await _answered(alice, reader, session["id"])
            await _answered(alice, newcomer, later["id"])
        await reader.socket.connection.close()
        await newcomer.socket.connection.close()
    log = server.log.read_text()
    assert log.count("the layer is away") <= 3
    assert "a command failed" not in log


async def _answered(alice: Api, reader: Reader, session_id: str) -> None:
    run = await answer(alice, session_id, tokens=50, rate=100)
    async with asyncio.timeout(PATIENCE):
        assert await reader.read_until(run["id"]) == await stored(alice, run)


async def _heard(port: int, *session_ids: str) -> bool:
    """Somebody is subscribed to each of the sessions' groups."""
    channels = [f"asgi__group__session.{session_id}" for session_id in session_ids]
    command = [str(shutil.which("redis-cli")), "-p", str(port), "pubsub", "numsub", *channels]
    said = await asyncio.to_thread(subprocess.run, command, stdout=subprocess.PIPE, text=True)
    return said.stdout.split()[1::2] == ["1"] * len(session_ids)
