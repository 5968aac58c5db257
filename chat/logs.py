"""What the log's lines look like: as text or as JSON, with the request, session and run that they are about,
and without secrets.

The ids travel in context variables, through tasks and the threads that they ask. `extra={"fields": {…}}` adds
named values to a line.
"""

import logging
import os
import re
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import msgspec

request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")
session_id: Final[ContextVar[str]] = ContextVar("session_id", default="")
run_id: Final[ContextVar[str]] = ContextVar("run_id", default="")
_IDS: Final = (request_id, session_id, run_id)

HIDDEN: Final = "••••"
SHORT: Final = 8  # characters below which a value is no secret, and might be any word
_SECRET_NAME: Final = re.compile(r"(KEY|KEYS|PASSWORD|SECRET|TOKEN)$")
# Keys as vendors and Parley make them; credentials in headers and addresses, tickets in a query. Each begins
# with letters that stand for themselves, which is what makes looking for it cheap.
_KEY: Final = re.compile(r"(?:sk|pk|rk|xai|gsk|hf|ghp|AIza)[-_][\w-]{8,}")
_CARRIED: Final = tuple(
    re.compile(pattern)
    for pattern in (r"(Bearer )[^\s'\",]{8,}()", r"(://)[^/\s:@]*:[^/\s@]+(@)", r"(ticket=)[\w.:-]+()")
)
_GIVEN: Final = re.compile(r"[\w.:-]{8,64}")


def new_request_id() -> str:
    return f"req_{uuid.uuid4().hex}"


def begin_request(given: str = "") -> str:
    """From here on the lines of this task are of this request. A proxy's own id is kept where it is a plain
    word."""
    made = given if _GIVEN.fullmatch(given) else new_request_id()
    request_id.set(made)
    return made


def begin_run(run: object, session: object) -> None:
    """The same for a run."""
    run_id.set(str(run))
    session_id.set(str(session))


def redacted(text: str) -> str:
    for word in _given_secrets():
        text = text.replace(word, HIDDEN)
    for pattern in _CARRIED:
        text = pattern.sub(rf"\1{HIDDEN}\2", text)
    return _KEY.sub(_hidden_key, text)


def _hidden_key(found: re.Match[str]) -> str:
    """`task-…` is no key."""
    is_inside = found.start() and found.string[found.start() - 1].isalnum()
    return found[0] if is_inside else HIDDEN


@cache
def _given_secrets() -> tuple[str, ...]:
    """The environment's own, the longest first; each word of those that are lists."""
    given = [value for name, value in os.environ.items() if _SECRET_NAME.search(name)]
    words = {word for value in given for word in (value, *value.split(",")) if len(word) >= SHORT}
    return tuple(sorted(words, key=len, reverse=True))


class Plain(logging.Formatter):
    """`2026-11-21 10:00:00,000 INFO name message name=value`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        named = {**_ids(), **_fields(record)}
        return " ".join(
            [super().formatMessage(record), *(f"{name}={value}" for name, value in named.items())]
        )


class Json(logging.Formatter):
    """An object a line: `time` (ISO 8601, UTC), `level`, `logger`, `message`, ids and fields, `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_ids(),
            **_fields(record),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return redacted(msgspec.json.encode(told, enc_hook=str).decode())


def _ids() -> dict[str, str]:
    return {variable.name: value for variable in _IDS if (value := variable.get())}


def _fields(record: logging.LogRecord) -> Mapping[str, Any]:
    fields: Mapping[str, Any] = getattr(record, "fields", {})
    return fields
