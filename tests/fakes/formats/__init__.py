"""A script as the bytes of a vendor's stream, one file per vendor's format."""

from collections.abc import Callable

from tests.fakes.formats import agno, anthropic, ollama, openai, responses
from tests.fakes.formats.wire import Wire
from tests.fakes.script import Script

_BY_PATH: dict[str, tuple[str, Callable[[str, Script], Wire]]] = {
    "/messages": ("text/event-stream", anthropic.wire),
    "/responses": ("text/event-stream", responses.wire),
    "/api/chat": ("application/x-ndjson", ollama.wire),
    "/runs": ("text/event-stream", agno.wire),
}


def add_format(path_end: str, content_type: str, wire: Callable[[str, Script], Wire]) -> None:
    """A format of another vendor: requests whose path ends so are answered in it."""
    _BY_PATH[path_end] = (content_type, wire)


def wire_for(path: str, model: str, script: Script) -> Wire:
    return _found(path)[1](model, script)


def content_type(path: str) -> str:
    return _found(path)[0]


def _found(path: str) -> tuple[str, Callable[[str, Script], Wire]]:
    ends = (found for end, found in _BY_PATH.items() if path.partition("?")[0].endswith(end))
    return next(ends, ("text/event-stream", openai.wire))
