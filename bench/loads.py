"""The loads that Parley is to hold on two cores, one by one. Each function is given a fresh server."""

import asyncio
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from bench import queries
from bench.chat_reader import ChatReader
from bench.children import OWNER, fill, new_budget
from bench.figures import Figures, answer_figures, percentile
from bench.measuring import SETTLE_SECONDS, WARM_UP, idle_sockets, load, requests
from bench.targets import Parley, Reader, Target
from bench.tokens import Answer, Model
from bench.usage import Meter, database_files, resident_bytes

PACED: Final = Model(tokens=200, interval_ms=20, delay_ms=20)  # 50 tokens a second
SLOW: Final = Model(tokens=200, interval_ms=50, delay_ms=20)  # 20 tokens a second
WIDE: Final = Model(tokens=3000, interval_ms=2, delay_ms=20)
FAST: Final = Model(tokens=200, interval_ms=10, delay_ms=20)  # 100 tokens a second
BRIEF: Final = Model(tokens=20, interval_ms=20, delay_ms=0)
BUDGET: Final = 5  # answers
AT_ONCE: Final = 50  # connections that are opened at the same time where a load does not say how many


@dataclass(frozen=True, slots=True)
class Place:
    """Where a load is measured; `relay` is the bare pass-through beside it."""

    parley: Parley
    relay: Target


async def idle(place: Place) -> Figures:
    """1,000 signed-in sockets, each subscribed, while nothing happens."""
    before = database_files(place.parley.pid)
    figures = await idle_sockets(place.parley, 1000)
    return {**figures, "database_files_more": database_files(place.parley.pid) - before}


async def many_runs(place: Place) -> Figures:
    """50 runs of 50 tokens a second, each looked at by two sockets; the relay has one reader each."""
    asking = await place.parley.readers(50)
    watching = [await place.parley.viewer(reader.session_id) for reader in asking]
    figures = await _shown(place.parley, asking, watching, PACED)
    return {**figures, "relay": await load(place.relay, 50, PACED, 1)}


async def many_viewers(place: Place) -> Figures:
    """One run of 20 tokens a second with 500 viewers; the relay has 500 readers with an answer each."""
    asking = await place.parley.readers(1)
    watching = await _opened(place.parley, asking[0].session_id, 499)
    figures = await _shown(place.parley, asking, watching, SLOW)
    return {**figures, "relay": await load(place.relay, 500, SLOW, 1)}


async def reconnects(place: Place) -> Figures:
    """1,000 sockets that come back at the same moment, each to its own session with its position."""
    sessions = await place.parley.sessions(1000)
    first = [await place.parley.viewer(session_id) for session_id in sessions]
    positions = [reader.position for reader in first]
    await _close(first)
    await asyncio.sleep(SETTLE_SECONDS)
    asked, meter = queries.counted(place.parley.folder), Meter(place.parley.pid)
    start = time.monotonic()
    back = [place.parley.viewer(s, position) for s, position in zip(sessions, positions, strict=True)]
    readers = await asyncio.gather(*back)
    seconds = time.monotonic() - start
    spent = meter.spent()
    await asyncio.sleep(2 * SETTLE_SECONDS)
    each = (queries.counted(place.parley.folder) - asked) / len(readers)
    resumed = sum(not reader.snapshots for reader in readers)
    await _close(readers)
    return {
        "sockets": len(readers),
        "resumed": resumed,
        "seconds": seconds,
        "queries_each": each,
        "cpu_ms_each": spent.server * 1000 / len(readers),
    }


async def long_session(place: Place) -> Figures:
    """A session of 5,000 messages: its first frame, all of it, and an answer in it, beside a new session."""
    (short,), (long,) = await place.parley.sessions(1), await place.parley.sessions(1)
    await asyncio.to_thread(fill, place.parley.folder, long, 5000)
    figures: Figures = {"messages": 5000}
    for name, session_id in (("short", short), ("long", long), ("short", short), ("long", long)):
        figures[name] = await _visit(place.parley, session_id)
    return figures


async def stuck_readers(place: Place) -> Figures:
    """100 good readers of one run of 500 tokens a second, first alone, then beside 50 that read nothing."""
    asking = await place.parley.readers(1)
    good = await _opened(place.parley, asking[0].session_id, 99)
    alone = await _shown(place.parley, asking, good, WIDE, close=False)
    stuck = await _opened(place.parley, asking[0].session_id, 50)
    for reader in stuck:
        reader.stop_reading()
    before = resident_bytes(place.parley.pid)
    beside = await _shown(place.parley, asking, good, WIDE, close=False)
    grown = resident_bytes(place.parley.pid) - before
    await _close([*asking, *good, *stuck])
    return {"alone": alone, "beside": beside, "grown_mib": grown / 2**20}


async def small_server(place: Place) -> Figures:
    """20 people on SQLite, 5 runs at any time: how long a send takes to be accepted."""
    readers = await place.parley.readers(20)
    turns = asyncio.Semaphore(5)
    meter = Meter(place.parley.pid)
    answers = await asyncio.gather(*(_in_turn(reader, turns) for reader in readers))
    figures = answer_figures([answer for group in answers for answer in group], meter.spent())
    sends = [seconds for reader in readers for seconds in reader.sends]
    await _close(readers)
    log = (place.parley.folder / "server.log").read_text()
    sent = {"p50": percentile(sends, 0.5) * 1000, "p95": percentile(sends, 0.95) * 1000}
    return {**figures, "send_ms": sent, "locked": log.count("locked")}


async def parallel_calls(place: Place) -> Figures:
    """50 sends of the same message at the same moment, on as many sockets: one message, one answer. Then 50
    different ones, each in a session of its own, with a budget for 5."""
    (session_id,) = await place.parley.sessions(1)
    readers = await _opened(place.parley, session_id, 50)
    name = uuid.uuid4().hex
    replies = await asyncio.gather(*(reader.send(BRIEF, name) for reader in readers), return_exceptions=True)
    refused = [reply for reply in replies if isinstance(reply, BaseException)]
    ids = {reply["message"]["id"] for reply in replies if not isinstance(reply, BaseException)}
    await asyncio.gather(*(reader.ended(BRIEF) for reader in readers))
    started = {run for reader in readers for run in reader.runs}
    await _close(readers)
    same = {"messages": len(ids), "runs": len(started), "refused": len(refused)}
    return {"calls": len(readers), **same, "budget": BUDGET, "admitted": await _admitted(place.parley)}


async def _admitted(parley: Parley) -> int:
    """How many of 50 at once get an answer out of a budget for BUDGET."""
    await asyncio.to_thread(new_budget, parley.port, {"user": OWNER, "period": "month", "runs": BUDGET})
    await asyncio.sleep(SETTLE_SECONDS)  # until every process knows of it
    readers = await parley.readers(50)
    sends = (reader.send(BRIEF, uuid.uuid4().hex) for reader in readers)
    replies = await asyncio.gather(*sends, return_exceptions=True)
    admitted = [
        reader for reader, reply in zip(readers, replies, strict=True) if not isinstance(reply, Exception)
    ]
    await asyncio.gather(*(reader.ended(BRIEF) for reader in admitted))
    await _close(readers)
    return len(admitted)


async def gateway(place: Place, streams: int) -> Figures:
    """Streams of 100 tokens a second through the door of the upstream's own format, which forwards them,
    through one of another format, which writes them anew, and through the relay; and small requests."""
    forwarding, encoding = (place.parley.gateway(f"/v1/{path}") for path in ("chat/completions", "messages"))
    figures = await load(forwarding, streams, FAST, 3)
    figures["encoding"] = await load(encoding, streams, FAST, 3)
    figures["relay"] = await load(place.relay, streams, FAST, 3)
    for name, target in (("small", forwarding), ("small_relay", place.relay)):
        figures[f"{name}_cpu_ms"] = (await requests(target, 16, 10))["cpu_ms_per_answer"]
    return figures


async def _opened(parley: Parley, session_id: str, count: int) -> list[ChatReader]:
    readers: list[ChatReader] = []
    for start in range(0, count, AT_ONCE):
        some = (parley.viewer(session_id) for _ in range(start, min(count, start + AT_ONCE)))
        readers += await asyncio.gather(*some)
    return readers


async def _shown(
    parley: Parley,
    asking: Sequence[ChatReader],
    watching: Sequence[ChatReader],
    model: Model,
    close: bool = True,
) -> Figures:
    """One answer to each who asks, as all of them and all who look on see it."""
    await asyncio.gather(*(reader.ask(WARM_UP) for reader in asking))
    await asyncio.sleep(SETTLE_SECONDS)
    seen = [reader.expect(model) for reader in watching]
    meter = Meter(parley.pid)
    spread = model.seconds / len(asking)
    answers = await asyncio.gather(*(_later(reader, model, n * spread) for n, reader in enumerate(asking)))
    await asyncio.gather(*(reader.ended(model) for reader in watching))
    figures = answer_figures([*answers, *seen], meter.spent())
    figures["first_token_ms"] = answer_figures(answers, meter.spent())["first_token_ms"]
    figures["holes"] = sum(reader.holes for reader in [*asking, *watching])
    if close:
        await _close([*asking, *watching])
    return figures


async def _later(reader: ChatReader, model: Model, seconds: float) -> Answer:
    await asyncio.sleep(seconds)
    return await reader.ask(model)


async def _in_turn(reader: ChatReader, turns: asyncio.Semaphore) -> list[Answer]:
    answers = []
    for _ in range(5):
        async with turns:
            answers.append(await reader.ask(BRIEF))
    return answers


async def _visit(parley: Parley, session_id: str) -> Figures:
    meter = Meter(parley.pid)
    reader = await parley.viewer(session_id)
    spent = meter.spent()
    meter = Meter(parley.pid)
    answer = await reader.ask(BRIEF)
    answering = meter.spent()
    await reader.close()
    return {
        "first_frame_ms": reader.first_frame * 1000,
        "all_ms": spent.wall * 1000,
        "cpu_ms": spent.server * 1000,
        "answer_cpu_ms": answering.server * 1000,
        "send_ms": reader.sends[-1] * 1000,
        "first_token_ms": answer.first_added / 1000,
    }


async def _close(readers: Sequence[Reader]) -> None:
    for reader in readers:
        await reader.close()


LOADS: Final = {
    "idle": idle,
    "many-runs": many_runs,
    "many-viewers": many_viewers,
    "reconnects": reconnects,
    "long-session": long_session,
    "stuck-readers": stuck_readers,
    "small-server": small_server,
    "parallel-calls": parallel_calls,
    "gateway": partial(gateway, streams=100),
    "gateway-few": partial(gateway, streams=10),
}
