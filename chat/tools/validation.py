"""Whether arguments fit a tool's schema, and outputs the size that is kept. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from chat.schemas import Misfit, Unusable, check
from chat.tools.errors import ArgumentsInvalid

CUT: Final = "\n… (cut: the whole was {size} characters long)"
_NUL: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def arguments_from(text: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments' JSON text as a value that fits. Raises ArgumentsInvalid that says where not."""
    try:
        value = json.loads(text or "{}", parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise ArgumentsInvalid("The arguments are not valid JSON.") from None
    if not isinstance(value, dict):
        raise ArgumentsInvalid("The arguments are not a JSON object.")
    try:
        check(value, schema)
    except Misfit as error:
        raise ArgumentsInvalid(str(error)) from None
    except Unusable as error:
        raise ArgumentsInvalid("The tool's own schema cannot be used.") from error
    return value


def capped(output: Any, limit: int) -> Any:
    """A JSON value of at most about `limit` characters: what is longer becomes the beginning of its text.
    Without what no database keeps: NUL and lone surrogates."""
    if isinstance(output, str):
        text = _plain(output)
        return text if len(text) <= limit else text[:limit] + CUT.format(size=len(text))
    try:
        text = orjson.dumps(output, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except (TypeError, RecursionError):  # lone surrogates, or deeper than JSON goes
        return capped(repr(output), limit)
    text = without_nul(text)
    return json.loads(text) if len(text) <= limit else text[:limit] + CUT.format(size=len(text))


def without_nul(text: str) -> str:
    """JSON text without the NUL characters that it spells out."""
    return _NUL.sub(r"\1", text)


def _plain(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _refuse(name: str) -> Any:
    raise ValueError(name)
