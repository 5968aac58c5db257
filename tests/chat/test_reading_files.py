"""The child processes that read files, and files that providers make."""

import asyncio
import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import hostile

ROOT = Path(__file__).resolve().parents[2]
READER = """
import socket, sys
from chat.files.readers.confined import confined
def read(source, out):
    {body}
confined(read)
"""


def confined(body: str) -> dict[str, Any]:
    """What a reader with this body is told to have found."""
    command = [sys.executable, "-c", READER.replace("{body}", body)]
    done = subprocess.run(command, cwd=ROOT, env={}, stdin=subprocess.DEVNULL, capture_output=True)
    return dict(json.loads(done.stderr.decode().strip().splitlines()[-1]))


def test_a_reader_has_no_network() -> None:
    with asyncio.Runner() as runner:
        server = runner.run(asyncio.start_server(lambda *_: None, "127.0.0.1", 0))
        port = server.sockets[0].getsockname()[1]
        reached = confined(f"return {{'reached': bool(socket.create_connection(('127.0.0.1', {port}), 5))}}")
        server.close()
    assert reached["refused"] == "unreadable"
    assert "unreachable" in reached["detail"]


def test_a_reader_has_little_memory_and_writes_little() -> None:
    assert confined("return {'size': len(bytearray(2 * 1024**3))}") == {"refused": "too_complex"}
    written = confined("return {'size': [open('/dev/full', 'wb', 0).write(b'x')]}")
    assert written["refused"] == "no_space"


def test_what_a_reader_raises_is_told_in_a_code() -> None:
    assert confined("raise KeyError('odd')") == {"refused": "unreadable", "detail": "KeyError('odd')"}


@pytest.mark.django_db(transaction=True)
async def test_a_file_that_a_provider_made_is_kept_and_only_named() -> None:
    from chat.db import in_database
    from chat.runner.media import stored
    from providers.events import File

    run = await in_database(_run)
    data = base64.b64encode(hostile.picture()).decode()
    event = await stored(File(media_type="image/png", data=data), run)
    files = await in_database(lambda: list(run.session.files.all()))
    assert [str(file.id) for file in files] == [event.file_id]
    assert (event.data, event.media_type, event.name) == ("", "image/png", "image.png")
    linked = File(media_type="image/png", url="https://example.org/a.png")
    assert await stored(linked, run) == linked


@pytest.mark.django_db(transaction=True)
async def test_what_a_provider_calls_a_file_is_not_believed() -> None:
    from chat.db import in_database
    from chat.runner.media import stored
    from providers.events import File

    run = await in_database(_run)
    for data in ("%%%", base64.b64encode(b"MZ\x90\0" + b"\0" * 99).decode()):
        told = await stored(File(media_type="image/png", data=data), run)
        assert (told.file_id, told.data, told.name) == ("", "", "image.png")
    assert not await in_database(lambda: run.session.files.count())


def _run() -> Any:
    from chat.actions.messages import message_send
    from chat.commands import SendMessage
    from chat.models import Run
    from providers.catalogue import sync_environment
    from tests.cast import make_user

    sync_environment()
    sent = message_send(user=make_user("alice"), session=None, command=SendMessage(client_id="x", text="Hi"))
    return Run.objects.select_related("session__owner", "user").get(id=sent.runs[0].id)
