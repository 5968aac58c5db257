"""Answers to the same request again: off unless the operator says otherwise, and for requests alone that ask
for the same words each time.

One request to a model is repeated, not a whole answer, so tools in between run as ever; with tools that may
change something nothing is. What is kept lies in Redis, or in the database where there is none, for a while.
"""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
from django.core.cache import caches
from django.utils import timezone

from chat.db import in_database
from chat.memory.options import memory_settings
from chat.memory.windows import History
from chat.models import MemorySettings, Run
from providers.contract import ChatMessage, ChatRequest
from providers.events import File, Finish, RunEvent, Usage, UsageReport
from providers.folding import merge_deltas
from providers.parts import MediaPart, ToolResultPart
from providers.routing import Plan

logger = logging.getLogger(__name__)

LARGEST: Final = 256 * 1024  # bytes of an answer that is kept
WHOLE: Final = frozenset({"stop", "tool_calls"})  # reasons of answers that ended by themselves
VERSION: Final = 1  # of what is kept


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where a run's answers are kept: whose they are, and for how many seconds."""

    owner: str
    seconds: int


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An answer as it was given the first time, by `ref` (`provider/model`)."""

    run_id: str
    at: str
    ref: str
    events: list[RunEvent]
    usage: Usage | None = None

    def told(self) -> dict[str, Any]:
        """As JSON, for those who read the repetition; `saved` is what it would have used."""
        return {"run_id": self.run_id, "at": self.at, "saved": msgspec.to_builtins(self.usage)}


_decoder: Final = msgspec.json.Decoder(Kept)


def shelf_of(run: Run) -> Shelf | None:
    """None where nothing is to be kept. Reads rows."""
    return None if run.kind else shelf_for(run.user_id)


def shelf_for(user_id: Any) -> Shelf | None:
    """The same, of whatever this person asks."""
    said = memory_settings()
    if said.response_cache == MemorySettings.Cache.OFF:
        return None
    owner = "all" if said.response_cache == MemorySettings.Cache.SHARED else f"user {user_id}"
    return Shelf(owner, said.response_cache_seconds)


def asks_for_the_same(request: ChatRequest) -> bool:
    """Whether equal requests want equal answers. What lies at an address may be another thing tomorrow."""
    options: Mapping[str, Any] = request.options
    fixed = options.get("temperature") == 0 or options.get("seed") is not None
    parts = (part for message in request.messages for part in message.parts)
    return fixed and not any(isinstance(part, MediaPart) and part.url for part in parts)


def key_of(shelf: Shelf, plan: Plan, request: ChatRequest, history: History) -> str:
    """Of all that decides what is sent: summaries take the place of what does not fit."""
    summaries = sorted(told.text for told in history.summaries)
    refs = sorted(candidate.ref for candidate in plan.candidates)
    timeless = replace(request, messages=tuple(map(_timeless, request.messages)))
    asked = (VERSION, shelf.owner, plan.route, refs, timeless, summaries, history.most)
    return hashlib.sha256(msgspec.json.encode(asked, order="deterministic")).hexdigest()


def _timeless(message: ChatMessage) -> ChatMessage:
    """Without how long tools took, which no model is told."""
    parts = (
        msgspec.structs.replace(part, duration_ms=None) if isinstance(part, ToolResultPart) else part
        for part in message.parts
    )
    return replace(message, parts=tuple(parts))


async def known(key: str) -> Kept | None:
    """A shelf that cannot be reached is empty."""
    try:
        found = await in_database(caches["responses"].get, key)
        return _decoder.decode(found) if found else None
    except Exception as error:
        logger.warning("response cache: not read: %r", error)
        return None


def repeated(kept: Kept) -> list[RunEvent]:
    """The answer once more. It used nothing, and says so."""
    told = [event for event in kept.events if not isinstance(event, UsageReport)]
    return [*told[:-1], UsageReport(usage=Usage()), told[-1]]


async def keep(shelf: Shelf, key: str, kept: Kept) -> None:
    """Unless it broke off, is too large, or made files, which belong to a session."""
    end = kept.events[-1]
    made_files = any(isinstance(event, File) for event in kept.events)
    if made_files or not isinstance(end, Finish) or end.reason not in WHOLE:
        return
    value = msgspec.json.encode(kept)
    if len(value) > LARGEST:
        return
    try:
        await in_database(caches["responses"].set, key, value, shelf.seconds)
    except Exception as error:
        logger.warning("response cache: not written: %r", error)


def kept_from(run_id: str, ref: str, events: list[RunEvent]) -> Kept:
    """`run_id` is empty where no run gave it."""
    usage = next((event.usage for event in reversed(events) if isinstance(event, UsageReport)), None)
    at = timezone.now().isoformat()
    return Kept(run_id=run_id, at=at, ref=ref, events=merge_deltas(events), usage=usage)
