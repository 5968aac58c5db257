"""A conversation to read: the branch that it stands at, as Markdown that can be read in again.

Comments, which no renderer shows, say where a message begins and whose it is. A line of a message that looks
like one gets a backslash in front. Reasoning, tools and files are left to JSON; files are named.
"""

import re
from datetime import datetime
from typing import Final

import msgspec

from chat.carrying.conversation import Conversation, Role, Said
from chat.errors import Invalid
from providers.parts import MediaPart, TextPart, text_of

_MARK: Final = re.compile(r"^<!-- parley (\{.*\}) -->\n(?:#.*\n)?", re.M)
_LIKE_MARK: Final = re.compile(r"^(\\*)<!-- parley ", re.M)
_ESCAPED: Final = re.compile(r"^\\(\\*<!-- parley )", re.M)
_NAMES: Final = {"user": "You", "assistant": "Answer", "system": "System", "tool": "Tool"}


class _Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """What stands in a comment: of the conversation (`title`), or of a message (`role`)."""

    role: Role | None = None
    title: str = ""
    model: str = ""
    provider: str = ""
    author: str = ""
    at: datetime | None = None


def to_markdown(conversation: Conversation) -> str:
    head = _Mark(title=conversation.title, model=conversation.model)
    title = conversation.title.replace("\n", " ")
    return "\n".join([_comment(head), f"# {title}\n", *map(_section, branch(conversation))])


def from_markdown(text: str) -> Conversation:
    """Raises Invalid where nothing of it is a message."""
    text = text.replace("\r\n", "\n")
    marks = [(match, _decoded(match)) for match in _MARK.finditer(text)]
    ends = [match.start() for match, _ in marks[1:]] + [len(text)]
    if not marks:
        raise _nothing()
    said = [
        _said(mark, text[match.end() : end])
        for (match, mark), end in zip(marks, ends, strict=True)
        if mark.role is not None
    ]
    if not said:
        raise _nothing()
    head = next((mark for _, mark in marks if mark.role is None), _Mark())
    numbered = tuple(
        msgspec.structs.replace(one, id=number, parent=number - 1 or None)
        for number, one in enumerate(said, 1)
    )
    return Conversation(title=head.title[:200], model=head.model, messages=numbered, leaf=len(numbered))


def branch(conversation: Conversation) -> list[Said]:
    """From the first message to the one that the conversation stands at."""
    found: list[Said] = []
    at = conversation.leaf
    while at:
        found.append(conversation.messages[at - 1])
        at = found[-1].parent
    return found[::-1]


def _nothing() -> Invalid:
    return Invalid("There is no conversation in this file.", code="unknown_format", field="file")


def _section(said: Said) -> str:
    mark = _Mark(said.role, "", said.model, said.provider, said.author, said.created_at)
    files = [part.name for part in said.parts if isinstance(part, MediaPart) and part.name]
    title = " · ".join([_NAMES[said.role], *filter(None, [said.model]), *files])
    text = _LIKE_MARK.sub(r"\1\\<!-- parley ", text_of(said.parts).strip("\n"))
    return f"{_comment(mark)}\n## {title}\n\n{text}\n"


def _comment(mark: _Mark) -> str:
    """Two hyphens in a row would end it."""
    return f"<!-- parley {msgspec.json.encode(mark).decode().replace('--', chr(92) + 'u002d-')} -->"


def _decoded(match: "re.Match[str]") -> _Mark:
    try:
        return msgspec.json.decode(match.group(1), type=_Mark)
    except msgspec.DecodeError as error:
        raise Invalid(f"A message's comment cannot be read: {error}", field="file") from None


def _said(mark: _Mark, text: str) -> Said:
    words = _ESCAPED.sub(r"\1", text.strip("\n"))
    parts = (TextPart(text=words),) if words else ()
    return Said(
        id=0,
        role=mark.role or "user",
        parts=parts,
        author=mark.author,
        provider=mark.provider,
        model=mark.model,
        created_at=mark.at,
    )
