"""How much of a history a model can be sent: whole turns from its end, as many as fit. Pure.

A turn begins with what a person said and goes on to what the next person says, so that a call of a tool is
never parted from its result and a request never begins with an answer. System messages are kept, and the last
turn is, whatever it takes: the model then says itself that it is too long.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, Final

from chat.memory.prompts import SUMMARY_TOLD
from providers.contract import ChatMessage, ChatRequest
from providers.estimating import estimated_tokens, message_tokens, tool_tokens
from providers.parts import ToolResultPart

MARGIN: Final = 0.9  # of a context is filled: the counts are estimates
ANSWER: Final = 4_096  # tokens that an answer is left where nobody said how long it may be
ANSWER_SHARE: Final = 0.25  # of the context, at most
FULL: Final = 0.75  # of the window in use: from here on a summary is due, before anything falls out
KEPT: Final = 0.4  # of the window that stays verbatim after the next summary, so that it holds for some turns
_LIMITS: Final = ("max_tokens", "max_completion_tokens", "max_output_tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A summary as it is sent. It stands for the messages up to and including `upto`."""

    id: str
    upto: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is known of the first messages of a request: their ids, in order, what each costs in tokens, and
    the summaries of the session. What follows them belongs to the last turn."""

    ids: tuple[str, ...] = ()
    costs: tuple[int, ...] = ()
    summaries: tuple[Told, ...] = ()
    most: int = 0  # tokens that the session wants to send, 0 for as many as the model reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is sent. `left_out` are messages that are not, `summarized` those of them that the summary stands
    for; `due` is the message up to which a summary should be made now."""

    request: ChatRequest
    limit: int = 0
    tokens: int = 0
    left_out: int = 0
    summarized: int = 0
    summary: str = ""
    due: str = ""

    def as_json(self) -> dict[str, Any]:
        """Empty where everything was sent."""
        if not self.left_out:
            return {}
        counts = {name: getattr(self, name) for name in ("limit", "tokens", "left_out", "summarized")}
        return {**counts, "summary_id": self.summary or None}


def room_for_input(context: int, options: Mapping[str, Any], most: int = 0) -> int:
    """Tokens that a request may hold, 0 where no limit is known. `context` is the model's, 0 unknown."""
    asked = next((options[name] for name in _LIMITS if isinstance(options.get(name), int)), ANSWER)
    answer = min(max(asked, 0), int(context * ANSWER_SHARE))
    room = int((context - answer) * MARGIN)
    return min(filter(None, (room, most)), default=0)


def windowed(request: ChatRequest, history: History, limit: int) -> Window:
    """`limit` is in tokens, 0 for none."""
    if not limit or not history.ids:
        return Window(request=request)
    layout = _Layout(request, history)
    cut = layout.cut(limit)
    used = layout.tokens(cut)
    due = layout.due(limit) if used > limit * FULL or cut else ""
    if not cut:
        return Window(request=request, limit=limit, tokens=used, due=due)
    told = layout.summary(cut)
    return Window(
        request=layout.sent(cut),
        limit=limit,
        tokens=used,
        left_out=layout.left_out(cut),
        summarized=layout.summarized(cut),
        summary=told.id if told else "",
        due=due,
    )


class _Layout:
    """A request with its turns and what each cut would cost. Sums are taken once: a history may be long."""

    def __init__(self, request: ChatRequest, history: History) -> None:
        self._request = request
        self._history = history
        known = len(history.ids)
        costs = (*history.costs, *map(message_tokens, request.messages[known:]))
        stays = [message.role == "system" for message in request.messages]
        begins = (place for place, one in enumerate(request.messages[:known]) if place and _begins_turn(one))
        self._starts = (0, *begins)
        self._fixed = estimated_tokens(request.system) + tool_tokens(request.tools)
        self._before = tuple(accumulate(costs, initial=0))
        pinned = (cost if kept else 0 for cost, kept in zip(costs, stays, strict=True))
        self._pinned = tuple(accumulate(pinned, initial=0))
        self._dropped = tuple(accumulate((not kept for kept in stays), initial=0))
        places = {id_: place for place, id_ in enumerate(history.ids)}
        reaching = [(places[told.upto] + 1, told) for told in history.summaries if told.upto in places]
        self._after = max((after for after, _ in reaching), default=0)
        self._summary = next((told for after, told in reaching if after == self._after), None)

    def cut(self, limit: int) -> int:
        """The first message that is sent: all of them, else those that the summary does not stand for, else
        as many as fit. What stays the same from turn to turn, vendors read from their caches."""
        wanted = (start for start in self._starts if start == 0 or start >= self._after)
        return next((start for start in wanted if self.tokens(start) <= limit), self._starts[-1])

    def tokens(self, cut: int) -> int:
        told = self.summary(cut)
        words = estimated_tokens(told.text) if told else 0
        return self._fixed + words + self._pinned[cut] + self._before[-1] - self._before[cut]

    def summary(self, cut: int) -> Told | None:
        """The one that reaches furthest, where anything is left out."""
        return self._summary if cut else None

    def left_out(self, cut: int) -> int:
        return self._dropped[cut]

    def summarized(self, cut: int) -> int:
        return self._dropped[min(cut, self._after)]

    def due(self, limit: int) -> str:
        """Up to the turn with which the rest takes KEPT of the window, where no summary reaches that far."""
        whole = self._before[-1]
        rest = (start for start in self._starts if whole - self._before[start] <= limit * KEPT)
        start = next(rest, self._starts[-1])
        return self._history.ids[start - 1] if start > self._after else ""

    def sent(self, cut: int) -> ChatRequest:
        messages = self._request.messages
        system = tuple(message for message in messages[:cut] if message.role == "system")
        told = self.summary(cut)
        words = SUMMARY_TOLD.format(text=told.text) if told else ""
        return replace(
            self._request,
            messages=(*system, *messages[cut:]),
            system="\n\n".join(filter(None, (self._request.system, words))),
        )


def _begins_turn(message: ChatMessage) -> bool:
    """Results of the caller's own tools belong to the calls before them."""
    return message.role == "user" and not any(isinstance(part, ToolResultPart) for part in message.parts)
