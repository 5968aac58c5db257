"""The native events as lines: server-sent events and newline-delimited JSON."""

from chat.events import Entry

KEEP_ALIVE = b": keep-alive\n\n"


def sse(entry: Entry) -> bytes:
    return f"id: {entry.seq}\ndata: {entry.frame}\n\n".encode()


def ndjson(entry: Entry) -> bytes:
    return f"{entry.frame}\n".encode()
