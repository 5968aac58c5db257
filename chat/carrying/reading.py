"""A file from anywhere as conversations, one after the other: what is large is never in memory as a whole.

Parley's own JSON (one, or one a line) and Markdown; the exports of ChatGPT, Claude and Open WebUI, which are
lists, also within the archive that they come in. What it is is told from what it holds."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import ijson
import msgspec

from chat.carrying.chatgpt import from_chatgpt, is_chatgpt
from chat.carrying.claude import from_claude, is_claude
from chat.carrying.conversation import Conversation, checked
from chat.carrying.markdown import from_markdown
from chat.carrying.open_webui import from_open_webui, is_open_webui
from chat.errors import ChatError, Invalid, TooLarge

MEMBER: Final = "conversations.json"  # of an archive
MARKDOWN_BYTES: Final = 20 * 1024 * 1024
DEEPEST: Final = 200
MOST: Final = 20_000  # conversations in one file

_KINDS: Final = (
    (is_chatgpt, from_chatgpt),
    (is_claude, from_claude),
    (is_open_webui, from_open_webui),
    (lambda item: str(item.get("format")).startswith("parley/"), lambda item: _own(item)),
)


def conversations_in(path: Path, most_bytes: int) -> Iterator[Conversation | ChatError]:
    """What cannot be taken over of a list is an error in its place. Raises Invalid for a file that is none of
    these, and TooLarge for what an archive unpacks to."""
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        if start.startswith(b"PK\x03\x04"):
            yield from _in_archive(file, most_bytes)
        else:
            yield from _in_text(file, start)


def _in_archive(file: IO[bytes], most_bytes: int) -> Iterator[Conversation | ChatError]:
    try:
        with zipfile.ZipFile(file) as archive, archive.open(MEMBER) as member:
            yield from _listed(_Bounded(member, most_bytes))
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError) as error:
        raise Invalid(
            f"The archive has no {MEMBER} that can be read.", code="unknown_format", field="file"
        ) from error


def _in_text(file: IO[bytes], start: bytes) -> Iterator[Conversation | ChatError]:
    first = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    file.seek(3 if start.startswith(b"\xef\xbb\xbf") else 0)
    if first == b"[":
        yield from _listed(file)
    elif first == b"{":
        yield from _lines(file)
    else:
        yield from_markdown(_decoded(file.read(MARKDOWN_BYTES + 1)))


def _listed(file: Any) -> Iterator[Conversation | ChatError]:
    try:
        for count, item in enumerate(_items(file)):
            if count >= MOST:
                raise TooLarge(f"A file has {MOST} conversations at most.")
            yield _one(item)
    except (ijson.JSONError, UnicodeDecodeError, ValueError, OverflowError, RecursionError) as error:
        raise Invalid("The file is not valid JSON.", code="bad_json", field="file") from error


def _items(file: Any) -> Iterator[Any]:
    """Of a list, one at a time. ijson's own way to them costs the square of how deep they are nested."""
    depth, builder = 0, None
    for event, value in ijson.basic_parse(file, use_float=True):
        depth -= event in ("end_map", "end_array")
        if depth:
            builder = builder or ijson.ObjectBuilder()
            builder.event(event, value)
        depth += event in ("start_map", "start_array")
        if depth > DEEPEST:
            raise Invalid("The file is nested too deeply.", code="bad_json", field="file")
        if depth == 1 and builder:
            yield builder.value
            builder = None


def _lines(file: IO[bytes]) -> Iterator[Conversation | ChatError]:
    """One document a line; or one in all, however it is laid out."""
    first = file.readline()
    try:
        yield _one(msgspec.json.decode(first))
    except (msgspec.DecodeError, RecursionError):
        yield _one(_decoded_json(first + file.read()))
    for line in file:
        if line.strip():
            yield _one(_decoded_json(line))


def _decoded_json(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError):
        raise Invalid("The file is not valid JSON.", code="bad_json", field="file") from None


def _one(item: Any) -> Conversation | ChatError:
    read = next((read for is_it, read in _KINDS if isinstance(item, dict) and is_it(item)), None)
    if read is None:
        return Invalid("This is no conversation in a format that is known here.", code="unknown_format")
    try:
        return checked(msgspec.convert(msgspec.to_builtins(read(item)), Conversation))
    except ChatError as error:
        return error
    except msgspec.ValidationError as error:
        return Invalid(str(error), code="bad_conversation")
    except (TypeError, ValueError, AttributeError, KeyError):
        return Invalid("This conversation is not laid out as its program does.", code="bad_conversation")


def _own(item: dict[str, Any]) -> Conversation:
    return msgspec.convert(item, Conversation)


def _decoded(data: bytes) -> str:
    if len(data) > MARKDOWN_BYTES:
        raise TooLarge
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Invalid("The file is neither JSON nor text.", code="unknown_format", field="file") from None


class _Bounded:
    """A member of an archive, which may unpack to anything."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file, self._left = file, most

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise TooLarge
        return data
