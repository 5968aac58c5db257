"""Sound and film for models that do not take them as they came: another format, pictures, a transcript.

What was made stays beside the file. What cannot be made is left as it is: the model's refusal says the rest.
"""

import asyncio
import base64
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, TypeAlias
from uuid import UUID

from chat.db import in_database
from chat.errors import ChatError
from chat.files.derived import frames_of, voice_of
from chat.files.store import text_path_of
from chat.models import File
from chat.runner.stored_files import Files, StoredFile
from providers.catalogue import transcribers
from providers.contract import Capability, ChatMessage, ProviderConfig, Transcribing
from providers.errors import ProviderError
from providers.fitting import Capabilities, is_native, media_of, wrapped
from providers.parts import AudioPart, ImagePart, MediaPart, Part, TextPart, VideoPart
from providers.registry import adapter_for

logger = logging.getLogger(__name__)

MP3: Final = "audio/mpeg"
Maker: TypeAlias = Callable[[MediaPart], tuple[Part, ...]]


def converted(part: Part, capabilities: Capabilities, files: Files) -> tuple[Part, ...]:
    """Slow: for a thread."""
    if not isinstance(part, AudioPart | VideoPart) or part.file_id not in files:
        return (part,)
    if is_native(part, capabilities):
        return (part,)
    makers = [make for needed, make in _MAKERS[type(part)] if needed in capabilities]
    made = tuple(one for make in makers for one in _made(make, part))
    return (*made, *_said_in(part, files[part.file_id])) if made else (part,)


def _made(make: Maker, part: MediaPart) -> tuple[Part, ...]:
    """Nothing where a film has no pictures or says nothing, or cannot be read."""
    try:
        return make(part)
    except ChatError as error:
        logger.info("files: a %s was not converted: %s", part.media_type, error.code)
        return ()


def _heard(part: MediaPart) -> tuple[Part, ...]:
    data = voice_of(UUID(part.file_id), part.media_type).read_bytes()
    return (AudioPart(media_type=MP3, data=base64.b64encode(data).decode(), name=part.name),)


def _seen(part: MediaPart) -> tuple[Part, ...]:
    frames = frames_of(UUID(part.file_id), part.media_type)
    times = ", ".join(_clock(frame.at) for frame in frames)
    told = TextPart(text=f"[video {part.name}, as pictures at {times}]\n")
    pictures = [
        ImagePart(media_type="image/jpeg", data=base64.b64encode(frame.data).decode(), name=part.name)
        for frame in frames
    ]
    return (told, *pictures)


_MAKERS: Final[dict[type, tuple[tuple[Capability, Maker], ...]]] = {
    AudioPart: (("audio", _heard),),
    VideoPart: (("images", _seen), ("audio", _heard)),
}


def _said_in(part: MediaPart, file: StoredFile) -> tuple[Part, ...]:
    """What was written down of a film; of sound that a model hears it is not needed."""
    text = file.text_path.read_text("utf-8") if file.text_path and isinstance(part, VideoPart) else ""
    return (TextPart(text=wrapped(part.name, text)),) if text else ()


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


# --- transcripts ------------------------------------------------------------------------


async def with_transcripts(
    messages: Iterable[ChatMessage], config: ProviderConfig, capabilities: Capabilities, files: Files
) -> Files:
    """The files with the texts of what is said in them, where this model hears nothing and somebody writes it
    down: the provider itself, or the first that the operator set up for it."""
    if "audio" in capabilities or not (silent := _silent(messages, capabilities, files)):
        return files
    adapter = await _transcriber(config)
    if adapter is None:
        return files
    texts = {part.file_id: await _transcript(adapter, part) for part in silent}
    made = {
        id_: replace(files[id_], text_path=text_path_of(UUID(id_))) for id_, text in texts.items() if text
    }
    return {**files, **made}


def _silent(messages: Iterable[ChatMessage], capabilities: Capabilities, files: Files) -> list[MediaPart]:
    """Those that nobody has written down yet."""
    heard = (p for p in media_of(tuple(messages)) if isinstance(p, AudioPart | VideoPart))
    unread = (p for p in heard if p.file_id in files and not files[p.file_id].text_path)
    return list({p.file_id: p for p in unread if not is_native(p, capabilities)}.values())


async def _transcriber(config: ProviderConfig) -> Transcribing | None:
    for known in (config, *await in_database(transcribers)):
        adapter = adapter_for(known)
        if isinstance(adapter, Transcribing) and adapter.transcribes:
            return adapter
    return None


async def _transcript(adapter: Transcribing, part: MediaPart) -> str:
    """Empty where there is none; kept as the file's text otherwise."""
    file_id = UUID(part.file_id)
    try:
        path = await asyncio.to_thread(voice_of, file_id, part.media_type)
        text = await adapter.transcribe(await asyncio.to_thread(path.read_bytes), MP3)
    except (ChatError, ProviderError) as error:
        logger.warning("files: a %s has no transcript: %s", part.media_type, error.code)
        return ""
    if text.strip():
        await in_database(_keep, file_id, text)
    return text.strip()


def _keep(file_id: UUID, text: str) -> None:
    text_path_of(file_id).write_text(text.replace("\x00", ""), "utf-8")
    File.objects.filter(id=file_id).update(has_text=True)
