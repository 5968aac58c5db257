"""What a model can be given of a conversation's files, decided before its adapter is asked. Pure.

Natively where the model takes the kind; otherwise as text, where a file has one; otherwise not at all: of the
message that is to be answered that is an error, of earlier ones a line says what was there.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from providers.contract import Capability, ChatMessage
from providers.errors import UnsupportedContent
from providers.parts import AudioPart, FilePart, ImagePart, MediaPart, Part, TextPart, VideoPart

Capabilities: TypeAlias = frozenset[Capability]
TextOf: TypeAlias = Callable[[MediaPart], str | None]

ALL: Final[Capabilities] = frozenset({"images", "audio", "video", "files"})
# Of models about which nobody has told anything. Kinds that are not listed decide for themselves.
BY_KIND: Final[Mapping[str, Capabilities]] = {
    "openai": frozenset({"images", "files"}),
    "azure": frozenset({"images", "files"}),
    "anthropic": frozenset({"images", "files"}),
    "openai-compatible": frozenset({"images"}),
    "ollama": frozenset(),
    "agno": frozenset(),
}
TYPES: Final[Mapping[Capability, frozenset[str]]] = {
    "images": frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"}),
    "audio": frozenset({"audio/wav", "audio/mpeg"}),
    "files": frozenset({"application/pdf"}),
}
_NEEDED: Final[Mapping[type, Capability]] = {
    ImagePart: "images",
    AudioPart: "audio",
    VideoPart: "video",
    FilePart: "files",
}
_WORDS: Final[Mapping[Capability, str]] = {
    "images": "images",
    "audio": "audio",
    "video": "video",
    "files": "PDF",
}


def capabilities_of(kind: str, told: Capabilities | None) -> Capabilities:
    """`told` is what is recorded of the model, None where nothing is."""
    return BY_KIND.get(kind, ALL) if told is None else told


def is_native(part: MediaPart, capabilities: Capabilities) -> bool:
    """An address says nothing of its type: whoever fetches it finds out."""
    needed = _NEEDED[type(part)]
    known = TYPES.get(needed)
    return needed in capabilities and (known is None or part.media_type in known or bool(part.url))


def media_of(messages: tuple[ChatMessage, ...]) -> Iterator[MediaPart]:
    """All that people sent and models made."""
    for message in messages:
        yield from (part for part in message.parts if isinstance(part, MediaPart))


def handed_back(messages: tuple[ChatMessage, ...], capabilities: Capabilities) -> tuple[ChatMessage, ...]:
    """The pictures that a model made, with what the person said next: no vendor takes them from the model's
    own side. There a line stays where each was."""
    made: list[Part] = []
    changed: list[ChatMessage] = []
    for message in messages:
        if message.role == "assistant":
            made += [part for part in message.parts if _is_picture(part, capabilities)]
        elif message.role == "user" and made:
            message, made = replace(message, parts=(*made, *message.parts)), []
        changed.append(message)
    return tuple(changed)


def _is_picture(part: Part, capabilities: Capabilities) -> bool:
    return isinstance(part, ImagePart) and bool(part.file_id) and is_native(part, capabilities)


def fitted(
    messages: tuple[ChatMessage, ...], capabilities: Capabilities, text_of: TextOf
) -> tuple[ChatMessage, ...]:
    """`text_of` gives a file's text, if it has one. Raises UnsupportedContent."""
    asked = max((index for index, m in enumerate(messages) if m.role == "user"), default=-1)

    def fit(part: Part, index: int) -> Part:
        if not isinstance(part, MediaPart) or is_native(part, capabilities):
            return part
        text = text_of(part)
        if text is not None:
            return TextPart(text=wrapped(part.name, text))
        if index >= asked:
            raise refusal(part, capabilities)
        return TextPart(text=f"[{_NEEDED[type(part)]}: {part.name or part.media_type or part.url}]\n")

    return tuple(
        replace(message, parts=tuple(fit(part, index) for part in message.parts))
        if message.role == "user"
        else message
        for index, message in enumerate(messages)
    )


def wrapped(name: str, text: str) -> str:
    """A file's text in a message, with its name."""
    return f'<file name="{name.replace(chr(34), chr(39))}">\n{text.strip()}\n</file>\n\n'


def refusal(part: MediaPart, capabilities: Capabilities) -> UnsupportedContent:
    """Says what the model can do."""
    needed = _NEEDED[type(part)]
    what = "this kind of file" if needed == "files" else needed
    known = needed in capabilities and needed != "files"
    takes = ["text", *(word for capability, word in _WORDS.items() if capability in capabilities)]
    listed = takes[0] if len(takes) == 1 else f"{', '.join(takes[:-1])} and {takes[-1]}"
    if known:
        return UnsupportedContent(f"This model does not take {what} of this format. It takes {listed}.")
    return UnsupportedContent(f"This model does not take {what}. It takes {listed}.")
