"""A conversation apart from any server: what an export holds, and what every format is read as.

As JSON this is Parley's own format. Messages are numbered from 1 in their order, so that an export that was
imported is exported as the same bytes. Files lie within, as base64.
"""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec

from chat.errors import Invalid
from providers.parts import Parts

FORMAT: Final = "parley/1"  # with its version
MOST_MESSAGES: Final = 20_000
MOST_COMMENTS: Final = 500

Ending = Literal["failed", "cancelled", "interrupted"]
Role = Literal["system", "user", "assistant", "tool"]
Title = Annotated[str, msgspec.Meta(max_length=200)]
Name = Annotated[str, msgspec.Meta(max_length=200)]


class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message. `parent` is the number of the one that it follows; siblings are versions of each other, or
    stand side by side where they have a `place`, from 0."""

    id: int
    parent: int | None = None
    place: Annotated[int, msgspec.Meta(ge=0, lt=100)] | None = None
    role: Role
    parts: Parts = ()
    name: Annotated[str, msgspec.Meta(max_length=100)] = ""
    author: Name = ""  # a username
    status: Ending | None = None  # of what did not come to its end
    provider: Annotated[str, msgspec.Meta(max_length=100)] = ""
    model: Name = ""
    usage: dict[str, Any] | None = None
    cost: Annotated[str, msgspec.Meta(pattern=r"\A\d{1,8}(\.\d{1,8})?\Z")] | None = None
    error: dict[str, Any] | None = None
    created_at: datetime | None = None


class Remark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A comment, on the message of this number."""

    message: int
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
    author: Name = ""  # a username
    created_at: datetime | None = None


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """A file. Parts name it by `id` in their `file_id`."""

    id: str
    name: Name = ""
    data: str  # base64


class Conversation(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="format", tag=FORMAT
):
    """`leaf` is the number of the message that it stands at."""

    title: Title = ""
    system_prompt: Annotated[str, msgspec.Meta(max_length=100_000)] = ""
    model: Name = ""
    agent: Name = ""
    metadata: dict[str, Any] = {}
    session_data: dict[str, Any] = {}
    tools: list[Any] | None = None
    leaf: int | None = None
    messages: Annotated[tuple[Said, ...], msgspec.Meta(max_length=MOST_MESSAGES)] = ()
    comments: Annotated[tuple[Remark, ...], msgspec.Meta(max_length=MOST_COMMENTS)] = ()
    files: tuple[Carried, ...] = ()


def checked(conversation: Conversation) -> Conversation:
    """Raises Invalid where numbers do not fit."""
    for place, said in enumerate(conversation.messages):
        if said.id != place + 1 or (said.parent is not None and not 0 < said.parent < said.id):
            raise Invalid("Messages are numbered from 1, parents first.", field=f"messages[{place}].id")
    if conversation.leaf is not None and not 0 < conversation.leaf <= len(conversation.messages):
        raise Invalid("There is no such message in this conversation.", field="leaf")
    for place, remark in enumerate(conversation.comments):
        if not 0 < remark.message <= len(conversation.messages):
            raise Invalid(
                "There is no such message in this conversation.", field=f"comments[{place}].message"
            )
    return conversation
