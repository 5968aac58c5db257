"""The embedded shape as the plays know a shape: a server of its own and the fake provider."""

import asyncio
from pathlib import Path

from tests.canaries.places import Standing
from tests.canaries.words import environment as planted
from tests.chaos.counting import Counts, counts_at
from tests.chaos.processes import ROOT, die_with_parent
from tests.fakes.provider import FakeProvider
from tests.server import ParleyServer


class Embedded:
    """Use as `async with Embedded(folder) as embedded`."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.provider = FakeProvider()
        self.keys: dict[str, str] = {}
        shape = {"DATABASE_URL": "", "REDIS_URL": "", "RUN_IN_WEB": "1"}
        self.server = ParleyServer(folder, **shape, **environment)
        self.server.child_options = {"preexec_fn": die_with_parent}

    async def __aenter__(self) -> "Embedded":
        await self.provider.start()
        self.server.environment.update(
            planted(self.provider.root_url), OPENAI_BASE_URL=self.provider.base_url
        )
        await asyncio.to_thread(self.server.start)
        self.keys = await asyncio.to_thread(self.server.cast)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.server.kill)
        await self.provider.stop()

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def ws_url(self) -> str:
        return self.server.ws_url

    @property
    def folder(self) -> Path:
        return self.server.log.parent

    @property
    def standing(self) -> Standing:
        assert self.server.process
        about = {"folder": self.folder, "environment": self.server.environment, "tree": ROOT}
        return Standing(**about, pids=[self.server.process.pid])

    async def counts(self) -> Counts:
        assert self.server.process
        return {self.server.process.pid: await counts_at(self.url)}

    async def heal(self) -> None:
        if self.server.process is None or self.server.process.poll() is not None:
            await asyncio.to_thread(self.server.start)
