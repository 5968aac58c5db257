"""What an answer is told beside its history, and how much of the history fits."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from chat.memory.facts import Recalled
from chat.memory.summaries import summaries_told
from chat.memory.windows import History, Window, room_for_input, windowed
from chat.models import Run
from providers.contract import ChatMessage, ChatRequest
from providers.estimating import message_tokens
from providers.routing import Candidate, Plan


def history_known(run: Run, ids: Sequence[str], messages: Sequence[ChatMessage], plan: Plan) -> History:
    """Of the messages that a request begins with. Counted only where somebody may be asked who cannot read
    as much as one likes."""
    most = run.session.history_tokens or 0
    if not most and not any(candidate.context_length for candidate in plan.candidates):
        return History()
    return History(
        ids=tuple(ids),
        costs=tuple(map(message_tokens, messages)),
        summaries=summaries_told(run),
        most=most,
    )


@dataclass(slots=True)
class Recall:
    """One run's: windows for whoever is asked, and what is told of them afterwards."""

    history: History = field(default_factory=History)
    facts: Recalled = field(default_factory=Recalled)
    windows: dict[str, Window] = field(default_factory=dict)  # the last of each `provider/model`

    def fitted(self, candidate: Candidate, request: ChatRequest) -> ChatRequest:
        """The request with as much of the history as this candidate can read."""
        limit = room_for_input(candidate.context_length, request.options, self.history.most)
        window = windowed(request, self.history, limit)
        self.windows[candidate.ref] = window
        return window.request

    def told(self, ref: str) -> dict[str, Any] | None:
        """What the answer of `provider/model` was and was not told, as JSON; None where there is nothing to
        say. Facts are named by id alone: others may read this."""
        window = self.windows.get(ref)
        said = {
            "window": window.as_json() if window else None,
            "memories": list(self.facts.ids) or None,
        }
        return {name: value for name, value in said.items() if value} or None

    def due(self, ref: str) -> str:
        window = self.windows.get(ref)
        return window.due if window else ""

    def sent(self, ref: str, request: ChatRequest) -> ChatRequest:
        """What was last sent to this one, for estimates."""
        window = self.windows.get(ref)
        return window.request if window else request
