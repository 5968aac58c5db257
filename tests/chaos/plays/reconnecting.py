"""A thousand readers whose lines break at the same moment, and who all come back at once (P9)."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.counting import gauge_at
from tests.chaos.plays import fault
from tests.chaos.stage import Stage
from tests.clients import Api, Socket, eventually

USERS = 10
SOCKETS_EACH = 100
LIVE_SECONDS = 15.0
QUERIES_EACH = 3
SETTLED = 0.3  # seconds until every backend has read its new configuration
CROWD = """
import json, django
django.setup()
from tests.cast import make_key, make_user
print(json.dumps([make_key(make_user(f"crowd{n}")) for n in range(%d)]))
"""


@dataclass
class Reader:
    """One browser: comes, leaves, comes back with the position that it had."""

    url: str
    key: str
    session_id: str
    position: dict[str, int] = field(default_factory=dict)
    socket: Socket | None = None

    async def come(self) -> None:
        self.socket = await Socket.open(self.url, self.key, open_timeout=60, ping_interval=None)
        position = {"position": self.position} if self.position else {}
        reply = await self.socket.ask("subscribe", session_id=self.session_id, **position)
        assert reply["ok"], reply
        self.position = reply["position"]

    async def lost(self) -> None:
        assert self.socket
        await self.socket.connection.wait_closed()

    async def hears(self, message_id: str) -> None:
        assert self.socket
        while (await self.socket.frame()).get("message", {}).get("id") != message_id:
            pass


@fault("1,000 readers reconnect at once")
async def at_once(stage: Stage) -> None:
    cluster = stage.shape
    keys = json.loads(await asyncio.to_thread(cluster.python, "-c", CROWD % USERS))
    sessions = [await new_session(stage, key) for key in keys]
    pairs = zip(keys, sessions, strict=True)
    readers = [Reader(cluster.ws_url, *pair) for pair in pairs for _ in range(SOCKETS_EACH)]
    for start in range(0, len(readers), 50):
        await asyncio.gather(*(reader.come() for reader in readers[start : start + 50]))
    cluster.nginx.kill()
    await asyncio.gather(*(reader.lost() for reader in readers))
    await eventually(lambda: held(cluster, 0))
    queries = Queries(stage)
    queries.begin()
    cluster.nginx.start()
    began = time.monotonic()
    await asyncio.gather(*(reader.come() for reader in readers))
    seconds = time.monotonic() - began
    each = queries.end() / len(readers)
    await all_live(stage, keys, sessions, readers)
    stage.facts.update(readers=len(readers), live=f"{seconds:.1f} s", queries=f"{each:.1f} each")
    stage.expect(seconds <= LIVE_SECONDS, f"all were live after {seconds:.1f} s")
    stage.expect(each <= QUERIES_EACH, f"{each:.1f} queries for each")
    await asyncio.gather(*(reader.socket.connection.close() for reader in readers if reader.socket))


async def new_session(stage: Stage, key: str) -> str:
    async with Api(stage.shape.url, key) as api:
        return str((await api.session())["id"])


async def all_live(stage: Stage, keys: list[str], sessions: list[str], readers: list[Reader]) -> None:
    sent = {}
    for key, session_id in zip(keys, sessions, strict=True):
        async with Api(stage.shape.url, key) as api:
            sent[session_id] = (await api.send(session_id, model="demo/fast"))["message"]["id"]
    async with asyncio.timeout(30):
        await asyncio.gather(*(reader.hears(sent[reader.session_id]) for reader in readers))


async def held(cluster: Any, count: int) -> bool:
    """The web processes have noticed."""
    return sum([await gauge_at(cluster.web_url(number), "parley_viewers") for number in range(2)]) == count


class Queries:
    """What PostgreSQL was asked, by its own log; BEGIN, COMMIT and the pool's questions left out."""

    def __init__(self, stage: Stage) -> None:
        self._postgres = stage.shape.postgres
        self._from = 0

    def begin(self) -> None:
        self._postgres.configure(log_statement="'all'")
        time.sleep(SETTLED)
        self._from = self._postgres.log.stat().st_size

    def end(self) -> int:
        self._postgres.configure()
        with self._postgres.log.open("rb") as log:
            log.seek(self._from)
            lines = log.read().decode(errors="replace").splitlines()
        asked = [line for line in lines if " LOG: " in line and any(word in line for word in WORDS)]
        return sum("SELECT 1" not in line for line in asked)


WORDS = (": SELECT", ": INSERT", ": UPDATE", ": DELETE", ": WITH")
