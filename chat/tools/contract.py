"""What a tool is to the runner, wherever it comes from. Knows no run, no row and no server."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from providers.agent_events import AgentEvent
from providers.contract import Tool
from providers.events import Progress, Source, ToolOutputAvailable

Policy: TypeAlias = Literal["always", "ask", "never"]

NAME: Final = r"[a-zA-Z0-9_-]{1,64}"  # what every vendor takes as a tool's name
TIMEOUT: Final = 60.0  # seconds
OUTPUT_LIMIT: Final = 100_000  # characters of JSON text: about 25,000 tokens, which is a lot to pay for


@dataclass(frozen=True, slots=True, kw_only=True)
class CallContext:
    """For whom a call runs. `say` shows how far it is: of what it is given, only the newest matters."""

    tool_call_id: str
    user_id: int | None = None
    session_id: str = ""
    say: Callable[[Progress | ToolOutputAvailable | Source | AgentEvent], None] = lambda event: None

    def progress(self, done: float, total: float | None = None, label: str = "") -> None:
        """Told as an event, and as a preliminary output for those who come later."""
        self.say(Progress(done=int(done), total=int(total or 0), label=label))
        count = f"{done:g} / {total:g}" if total else f"{done:g}"
        self.preliminary(f"{label} {count}".strip())

    def cite(self, url: str, title: str = "") -> None:
        """The answer rests on this page: it is shown beside the text."""
        self.say(Source(source_id=f"{self.tool_call_id}:{url}"[:500], url=url, title=title))

    def preliminary(self, output: Any) -> None:
        """What there is by now; the result replaces it."""
        self.say(ToolOutputAvailable(tool_call_id=self.tool_call_id, output=output, preliminary=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTool:
    """A tool that this server runs.

    `parameters` is a JSON schema of an object. `run` takes arguments that fit it and gives a JSON value, or
    raises a ToolError; cancelling it ends the call. `side_effects` says that it may change something outside:
    a run in which it started is never tried a second time. `resumes` says that it waits for other runs, and
    that a call which is started again goes on with what it began. `timeout` is in seconds, `output_limit` in
    characters of JSON text.
    """

    name: str
    run: Callable[[Mapping[str, Any], CallContext], Awaitable[Any]]
    description: str = ""
    parameters: Mapping[str, Any]
    server: str = ""
    server_id: int | None = None
    side_effects: bool = True
    resumes: bool = False
    policy: Policy = "ask"
    by_default: bool = False
    timeout: float = TIMEOUT
    output_limit: int = OUTPUT_LIMIT

    @property
    def offered(self) -> Tool:
        return Tool(name=self.name, description=self.description, parameters=self.parameters)
