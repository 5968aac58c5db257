"""Where a fault is played: asks questions, has viewers look on, and judges the records at the end."""

import asyncio
import json
import os
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol

import httpx2

from providers.events import decode_event
from providers.folding import fold_all
from providers.parts import text_of
from tests.chaos.counting import Counts, grown
from tests.chaos.oracle import Records, counted, judge, run_log, stored_records
from tests.chaos.viewers import SocketViewer, StreamViewer, Viewer
from tests.clients import Api, Frame, eventually
from tests.fakes.provider import FakeProvider, Received

CHURN_SECONDS: Final = float(os.environ.get("CHAOS_CHURN_SECONDS", "120"))  # how long the churn is played
WORDS: Final = ("tide ", "Größe ", "潮汐 ", "🌊 ", "and ", "\n\n", "ebb ", "مد ")  # every width of UTF-8
LIMIT: Final = 120.0  # seconds; ends what would hang
PLAY_LIMIT: Final = 2 * LIMIT + CHURN_SECONDS


class Shape(Protocol):
    """A running Parley: a cluster or an embedded server."""

    provider: FakeProvider
    keys: dict[str, str]

    @property
    def url(self) -> str: ...
    @property
    def ws_url(self) -> str: ...
    async def heal(self) -> None: ...
    async def counts(self) -> Counts: ...


class Skipped(Exception):  # noqa: N818 - it is no error
    """This play cannot be played here; says why."""


Play = Callable[["Stage"], Awaitable[None]]


class Asked:
    """One question, its run and those who watch it."""

    def __init__(
        self, stage: "Stage", question: str, answer: str, sent: dict[str, Any], session_id: str
    ) -> None:
        self.stage, self.question, self.answer, self.session_id = stage, question, answer, session_id
        self.run_id: str = sent["runs"][0]["id"]
        self.message_id: str = sent["runs"][0]["message_id"]
        self.viewers: list[Viewer] = []
        self.statuses: Sequence[str] = ("completed",)
        self.struck_at = time.monotonic()

    @property
    def requests(self) -> list[Received]:
        return [
            request for request in self.stage.shape.provider.requests if self.question in str(request.body)
        ]

    async def shown(self, share: float) -> None:
        """Until every viewer has shown this share of the answer."""
        wanted = max(1, int(len(self.answer) * share))

        async def all_have() -> bool:
            return all(len(viewer.text) >= wanted or viewer.failure for viewer in self.viewers)

        await eventually(all_have, LIMIT)

    async def sent(self) -> None:
        """Until the provider has said the last word of the first attempt."""

        async def all_said() -> bool:
            return bool(self.requests) and self.requests[0].sent == self.answer

        await eventually(all_said, LIMIT)

    def strike(self) -> None:
        """Now: pauses are counted from here."""
        self.struck_at = time.monotonic()

    async def over(self) -> None:
        """Until every viewer has shown the end."""
        async with asyncio.timeout(LIMIT):
            while not all(viewer.ended or viewer.failure for viewer in self.viewers):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    @property
    def pause(self) -> float:
        """The longest time that any viewer saw nothing new after the fault."""
        return max((viewer.pause_after(self.struck_at) for viewer in self.viewers), default=0.0)


class Stage:
    """`shape` is a Cluster or an Embedded server, whatever the play is for."""

    def __init__(self, shape: Any) -> None:
        self.shape = shape
        self.asked: list[Asked] = []
        self.problems: list[str] = []
        self.facts: dict[str, Any] = {}
        self.skipped = ""
        self._counts: Counts = {}

    def expect(self, holds: bool, problem: str) -> None:
        if not holds:
            self.problems.append(problem)

    def api(self, url: str = "") -> Api:
        return Api(url or self.shape.url, self.shape.keys["alice"])

    async def ask(
        self,
        *,
        tokens: int = 160,
        rate: float = 40,
        sockets: int = 2,
        streams: int = 1,
        url: str = "",
        ws_url: str = "",
    ) -> Asked:
        """Send a question with an answer of so many tokens, so many a second. Returns once viewers watch."""
        question = f"q-{uuid.uuid4().hex}"
        pieces = [f"{index} {WORDS[index % len(WORDS)]}" for index in range(tokens)]
        self.shape.provider.play(question, pieces=pieces, rate=rate, usage={"input": 5, "output": tokens})
        key = self.shape.keys["alice"]
        async with self.api() as api:
            session_id = (await api.session())["id"]
            watching = [
                SocketViewer(lambda: ws_url or self.shape.ws_url, key, session_id) for _ in range(sockets)
            ]
            for viewer in watching:
                await viewer.start().watching.wait()
            sent = await api.send(session_id, question, model=f"openai/{question}")
        asked = Asked(self, question, "".join(pieces), sent, session_id)
        for viewer in watching:
            viewer.run_id, viewer.message_id = asked.run_id, asked.message_id
        streaming = [StreamViewer(url or self.shape.url, key, asked.run_id).start() for _ in range(streams)]
        asked.viewers = [*watching, *streaming]
        self.asked.append(asked)
        return asked

    async def attempts(self, asked: Asked) -> int:
        async with self.api() as api:
            return int((await api.run(asked.run_id))["attempt"])

    async def log_of(self, asked: Asked) -> list[Frame]:
        async with self.api() as api:
            return await run_log(api, asked.run_id)

    async def text_in_log(self, asked: Asked) -> str:
        return text_of(fold_all((), [decode_event(json.dumps(frame)) for frame in await self.log_of(asked)]))

    async def begin(self) -> None:
        self._counts = await self.shape.counts()

    async def counted(self) -> Counter[str]:
        """By the processes that live, since the play began."""
        return grown(self._counts, await self.shape.counts())

    async def judge(self, counted: Sequence[str] = ()) -> None:
        """After the play: wait for every end, and compare."""
        await self._judge_all()
        counts = await self.counted()
        for name in counted:
            self.expect(counts[name] > 0, f"{name!r} was not counted")
        if counts:
            self.facts["counted"] = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))

    async def _judge_all(self) -> None:
        for asked in self.asked:
            with suppress(TimeoutError):
                await asked.over()
            await self._judge(asked)
            for viewer in asked.viewers:
                await viewer.stop()

    async def _judge(self, asked: Asked) -> None:
        async with self.api() as api:
            try:
                stored = await stored_records(api, asked.session_id, asked.run_id, asked.message_id)
            except (httpx2.HTTPError, KeyError, ValueError) as error:
                self.problems.append(f"what is stored cannot be read: {error!r}")
                return
        run, message, log = stored
        versions = getattr(self.shape, "versions", 1)
        records = Records(asked.answer, asked.requests, run, message, log, asked.viewers, versions)
        self.problems.extend(judge(records, asked.statuses))
        self._report(asked, counted(records))

    def _report(self, asked: Asked, facts: dict[str, Any]) -> None:
        """The sums over all questions of the play; of one question, as they are."""
        known = self.facts.setdefault("runs", 0)
        self.facts["runs"] = known + 1
        self.facts["pause"] = max(self.facts.get("pause", 0.0), asked.pause)
        for name in ("attempts", "requests", "sent", "stored"):
            self.facts[name] = self.facts.get(name, 0) + facts[name]
        self.facts["shown"] = [*self.facts.get("shown", []), *facts["shown"]]


async def perform(play: Play, shape: Any, counted: Sequence[str] = ()) -> Stage:
    """Play one fault on a whole shape and leave it whole."""
    stage = Stage(shape)
    try:
        await stage.begin()
        async with asyncio.timeout(PLAY_LIMIT):
            await play(stage)
            await shape.heal()
            await stage.judge(counted)
    except Skipped as reason:
        stage.skipped = str(reason)
    except Exception as error:  # one play must not end the others
        stage.problems.append(f"the play broke off: {error!r}")
        with suppress(TimeoutError):
            await shape.heal()
    finally:
        for asked in stage.asked:
            for viewer in asked.viewers:
                await viewer.stop()
    return stage
