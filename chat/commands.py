"""What a caller asks for, as typed values: every door turns what it got into one of these.

Decoding names the field that is wrong. Text is cleaned of what databases cannot keep.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from msgspec.structs import replace

from chat.errors import Invalid
from chat.pacing.wishes import PaceWish
from providers.parts import MediaPart, Part, Parts, TextPart, ToolResultPart, text_of

MAX_FRAME: Final = 1024 * 1024  # bytes of one frame or body
ClientId = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Position = dict[str, Annotated[int, msgspec.Meta(ge=0)]]


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    id: str | int | None = None


class Subscribe(Command, tag="subscribe", frozen=True, kw_only=True):
    session_id: str
    position: Position | None = None
    newest_first: bool = False  # the messages of a snapshot


class Unsubscribe(Command, tag="unsubscribe", frozen=True, kw_only=True):
    session_id: str


class Content(Command, frozen=True, kw_only=True):
    """What a message says: `text`, or `parts`; the model as `provider/model` or in two fields. An
    `agent` brings its own instructions, model, tools and options; its name may stand as the model too.

    `tools` are names of this server's tools and definitions of the caller's own; without it the session's.
    `pace` is how the answer's text is cut.
    """

    client_id: ClientId
    text: str = ""
    parts: tuple[Part, ...] = ()
    provider: str = ""
    model: str = ""
    agent: Annotated[str, msgspec.Meta(max_length=64)] = ""
    options: dict[str, Any] = {}
    tools: tuple[str | dict[str, Any], ...] | None = None
    tool_choice: Annotated[str, msgspec.Meta(max_length=64)] = ""
    pace: PaceWish | str = ""

    @property
    def content(self) -> Parts:
        return self.parts or ((TextPart(text=self.text),) if self.text else ())

    @property
    def model_ref(self) -> str:
        return f"{self.provider}/{self.model}" if self.provider else self.model


class Target(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of those that answer side by side; `options` go before the message's own."""

    provider: str = ""
    model: str = ""
    agent: Annotated[str, msgspec.Meta(max_length=64)] = ""
    options: dict[str, Any] = {}


class Question(Content, frozen=True, kw_only=True):
    """What a person says. `targets` answer it side by side, each in a run of its own."""

    targets: Annotated[tuple[Target, ...], msgspec.Meta(min_length=2, max_length=4)] = ()

    @property
    def asked(self) -> tuple[Content, ...]:
        """What each of those who answer is asked, in their order."""
        return tuple(_aimed(self, target) for target in self.targets) or (self,)


def _aimed(question: Question, target: Target) -> Content:
    to = {"provider": target.provider, "model": target.model} if target.model else {}
    options = {**question.options, **target.options}
    return replace(question, **to, agent=target.agent or question.agent, options=options)


class SendMessage(Question, tag="message.send", frozen=True, kw_only=True):
    """`memory` is what a new session says of it."""

    session_id: str = ""
    parent_id: str | None = None
    memory: bool | None = None


class BeginMessage(SendMessage, tag="message.begin", frozen=True, kw_only=True, omit_defaults=True):
    """A message whose parts come in pieces; what is given here already stands before them. Kept as it was
    given: what was left out is left out until the end."""


class AppendPiece(Command, tag="message.append", frozen=True, kw_only=True):
    """More of one part of the message that was begun: `text`, or bytes as `data` (base64). `offset` counts
    the bytes of this part that went before, of text in UTF-8. A part ends where the next one begins."""

    client_id: ClientId
    part: Annotated[int, msgspec.Meta(ge=0, le=1000)]
    offset: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    text: str = ""
    data: bytes = b""
    name: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class EndMessage(Command, tag="message.end", frozen=True, kw_only=True):
    client_id: ClientId


class DiscardMessage(Command, tag="message.discard", frozen=True, kw_only=True):
    client_id: ClientId


class EditMessage(Question, tag="message.edit", frozen=True, kw_only=True):
    message_id: str


class RegenerateMessage(Content, tag="message.regenerate", frozen=True, kw_only=True):
    message_id: str


class CancelRun(Command, tag="run.cancel", frozen=True, kw_only=True):
    run_id: str
    seen: int | None = None


class DecideTool(Command, tag="tool.decide", frozen=True, kw_only=True):
    """`arguments`, where they are given, are run instead of the model's."""

    run_id: str
    tool_call_id: str
    decision: Literal["approve", "reject"]
    arguments: dict[str, Any] | None = None


class AddComment(Command, tag="comment.add", frozen=True, kw_only=True):
    """Of a message, without an id of the last one. People read it, models do not."""

    session_id: str
    client_id: ClientId
    text: str
    message_id: str | None = None


class RemoveComment(Command, tag="comment.remove", frozen=True, kw_only=True):
    session_id: str
    comment_id: str


class Ack(Command, tag="ack", frozen=True, kw_only=True):
    position: Position


class Typing(Command, tag="typing", frozen=True, kw_only=True):
    session_id: str


class Ping(Command, tag="ping", frozen=True, kw_only=True):
    pass


AnyCommand = (
    Subscribe
    | Unsubscribe
    | SendMessage
    | BeginMessage
    | AppendPiece
    | EndMessage
    | DiscardMessage
    | EditMessage
    | RegenerateMessage
    | CancelRun
    | DecideTool
    | AddComment
    | RemoveComment
    | Ack
    | Typing
    | Ping
)

_T = TypeVar("_T")
_decoder: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000|\x00")
_PLACE = re.compile(r"`\$\.?([^`]*)`")
_MISSING = re.compile(r"missing required field `([^`]*)`")


def decode_command(frame: str) -> AnyCommand:
    """A WebSocket frame as a command. Raises Invalid."""
    refuse_nul(frame)
    try:
        return _decoder.decode(frame)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Invalid("The frame is not a JSON object.", code="bad_json") from None


def command_from(kind: type[_T], fields: Mapping[str, Any]) -> _T:
    """Fields of another door (REST) as a command. Raises Invalid."""
    try:
        return msgspec.convert(dict(fields), kind)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None


_SAYING = (MediaPart, ToolResultPart)


def checked_content(command: Content) -> Parts:
    """The content of a message that is to be stored; files and results of the caller's tools say something
    too. Raises Invalid where it
    is empty."""
    content = command.content
    if not text_of(content).strip() and not any(isinstance(part, _SAYING) for part in content):
        raise Invalid("The message is empty.", code="empty_message", field="text")
    return content


def refuse_nul(text: str) -> None:
    """Databases cannot keep NUL characters, in whatever field they come. Raises Invalid."""
    if _NUL.search(text):
        raise Invalid("The request holds a NUL character.", code="nul_character")


def _invalid(error: msgspec.ValidationError) -> Invalid:
    reason, field = place_of(error)
    return Invalid(reason, field=field)


def place_of(error: msgspec.ValidationError) -> tuple[str, str]:
    """The reason, and the field that it names, if it does: the one that is wrong, or that is not there."""
    reason = str(error).split(" - at ")[0]
    found = (_PLACE.search(str(error)), _MISSING.search(reason))
    return reason, ".".join(name.group(1) for name in found if name and name.group(1))
