"""What happens during a run, as typed values: the one vocabulary that adapters speak.

Each class is one event type of the native protocol (docs/protocol.md); its wire name is the class name in
kebab-case, so `TextDelta` is `text-delta`. An event knows nothing of streams, sequence numbers or sessions:
that envelope is added where the event is logged.
"""

from typing import Any, Literal, TypeAlias

import msgspec

from providers.agent_events import AgentError as AgentError
from providers.agent_events import AgentEvent
from providers.agent_events import AgentFinish as AgentFinish
from providers.agent_events import AgentStart as AgentStart
from providers.event import Event as Event
from providers.media_events import AudioDelta as AudioDelta
from providers.media_events import Data as Data
from providers.media_events import File as File
from providers.media_events import MediaEvent
from providers.media_events import Source as Source

FinishReason: TypeAlias = Literal[
    "stop", "length", "tool_calls", "content_filter", "stop_sequence", "context", "pause", "other"
]


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Token counts of a run, inclusive: input holds cache reads and writes, output holds reasoning."""

    input_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    estimated: bool = False  # counted by us because the provider reported nothing

    @property
    def total_tokens(self) -> int:
        return self.input_tokens + self.output_tokens


class Timings(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds since the run was claimed; None where it did not come to that. `reasoning_ms` is how
    long of it the model thought, where it told."""

    first_token_ms: int | None = None
    total_ms: int | None = None
    reasoning_ms: int | msgspec.UnsetType = msgspec.UNSET


# --- the run as a whole ---------------------------------------------------------------


class RunStart(Event, frozen=True):
    provider: str
    model: str
    attempt: int = 1


class AttemptStart(Event, frozen=True):
    """A new attempt begins. What earlier ones wrote is set aside by every reader, unless it `keeps` that:
    then the provider goes on from there."""

    attempt: int
    reason: str = ""
    keeps: bool = False


class Retry(Event, frozen=True):
    """The same provider is asked again, in `delay_ms`; nothing was shown of the failed try. `attempt` counts
    the tries of this provider, from 2. `reason` is an error code."""

    attempt: int
    delay_ms: int
    reason: str


class Fallback(Event, frozen=True):
    """Another provider is asked instead; both are `provider/model`. Only ever before the first token."""

    from_: str = msgspec.field(name="from")
    to: str
    reason: str


class Progress(Event, frozen=True):
    """How far a long step is; `total` 0 where that is not known. Waiting for a full provider has the label
    `queue` and the number of those ahead in `total`."""

    done: int = 0
    total: int = 0
    label: str = ""


class StepStart(Event, frozen=True):
    """One request to a model begins; a run has several where tools are called between them. From 1."""

    step: int


class StepFinish(Event, frozen=True):
    step: int
    reason: FinishReason = "stop"


class UsageReport(Event, frozen=True, tag="usage"):
    """Totals so far; a later report replaces an earlier one."""

    usage: Usage


class Finish(Event, frozen=True):
    """The answer is complete. Adapters give the reason; the runner adds what it cost."""

    reason: FinishReason = "stop"
    raw_reason: str = ""
    usage: Usage | None = None
    cost: str | None = None  # decimal, in US dollars; None where the price is unknown
    timings: Timings | None = None


class Abort(Event, frozen=True):
    """The run was stopped on purpose; what came until then is kept."""

    reason: str = "cancelled"


class Error(Event, frozen=True):
    """The run failed; what came until then is kept. The message is fit for the person who asked."""

    code: str
    message: str
    retryable: bool = False


# --- text and reasoning ---------------------------------------------------------------


class TextStart(Event, frozen=True):
    part_id: str


class TextDelta(Event, frozen=True):
    part_id: str
    delta: str


class TextEnd(Event, frozen=True):
    part_id: str


class ReasoningStart(Event, frozen=True):
    part_id: str


class ReasoningDelta(Event, frozen=True):
    part_id: str
    delta: str


class ReasoningEnd(Event, frozen=True):
    """The signature is the vendor's seal over the reasoning, to be sent back unchanged in a later turn."""

    part_id: str
    signature: str = ""


# --- tools ----------------------------------------------------------------------------

Executor: TypeAlias = Literal["server", "client", "provider"]


class ToolInputStart(Event, frozen=True):
    """The model begins a call. `executor` is who will run it: this server, the caller, or the provider."""

    tool_call_id: str
    tool_name: str
    executor: Executor = "server"


class ToolInputDelta(Event, frozen=True):
    tool_call_id: str
    delta: str  # of the arguments' JSON text


class ToolInputAvailable(Event, frozen=True):
    """The arguments are complete. `input` is their JSON value; where they are not JSON, `error` says so."""

    tool_call_id: str
    input: Any = None
    error: str = ""


class ToolApprovalRequest(Event, frozen=True):
    """The call waits for a person. `arguments` is the exact JSON text that an approval is bound to."""

    tool_call_id: str
    tool_name: str
    arguments: str


class ToolApproval(Event, frozen=True):
    """What the person decided; `arguments` is set where they were edited."""

    tool_call_id: str
    decision: Literal["approve", "reject"]
    by: str = ""
    arguments: str | None = None


class ToolOutputAvailable(Event, frozen=True):
    """What the tool gave back; a `preliminary` output is replaced by the next one of the same call."""

    tool_call_id: str
    output: Any = None
    duration_ms: int | None = None
    preliminary: bool = False


class ToolOutputError(Event, frozen=True):
    """The call failed, or (code `tool_unknown_outcome`) nobody knows whether it did."""

    tool_call_id: str
    code: str
    message: str
    duration_ms: int | None = None


Delta: TypeAlias = TextDelta | ReasoningDelta | ToolInputDelta
PartEvent: TypeAlias = TextStart | TextDelta | TextEnd | ReasoningStart | ReasoningDelta | ReasoningEnd
ToolEvent: TypeAlias = (
    ToolInputStart
    | ToolInputDelta
    | ToolInputAvailable
    | ToolApprovalRequest
    | ToolApproval
    | ToolOutputAvailable
    | ToolOutputError
)
RunEnd: TypeAlias = Finish | Abort | Error
RunEvent: TypeAlias = (
    RunStart
    | AttemptStart
    | Retry
    | Fallback
    | Progress
    | StepStart
    | StepFinish
    | UsageReport
    | RunEnd
    | AgentEvent
    | PartEvent
    | ToolEvent
    | MediaEvent
)

_decoder: msgspec.json.Decoder[RunEvent] = msgspec.json.Decoder(RunEvent)


def decode_event(frame: str | bytes) -> RunEvent:
    """Read an event back from its frame; the envelope's fields are passed over."""
    return _decoder.decode(frame)
