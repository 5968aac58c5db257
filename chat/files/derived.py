"""What is made of sound and film for models that do not take them as they are: kept beside the file.

Made at its first use, in a child process with limits (chat/files/readers), and forgotten with the file.
"""

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings

from chat.files.inspecting import looked_into
from chat.files.store import FRAMES, VOICE, Incoming, beside, keep, path_of

_SIZE: Final = struct.Struct(">I")  # of the index that stands before the pictures


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of a film, as JPEG; `at` is in seconds."""

    at: float
    data: bytes


def voice_of(file_id: UUID, media_type: str) -> Path:
    """What is heard, as MP3. Raises Invalid, NoSpace and Unavailable."""
    place = beside(file_id, VOICE)
    if not place.exists():
        with Incoming(settings.FILE_MAX_BYTES) as made:
            looked_into("voice", path_of(file_id), media_type, made)
            keep(made.path, place)
    return place


def frames_of(file_id: UUID, media_type: str) -> tuple[Frame, ...]:
    """Pictures over the length of a film. Raises Invalid, NoSpace and Unavailable."""
    place = beside(file_id, FRAMES)
    if not place.exists():
        with Incoming(settings.FILE_MAX_BYTES) as made, Incoming(settings.FILE_MAX_BYTES) as indexed:
            found = looked_into("frames", path_of(file_id), media_type, made)
            index = json.dumps(found["frames"]).encode()
            indexed.write(_SIZE.pack(len(index)) + index + made.path.read_bytes())
            indexed.finish()
            keep(indexed.path, place)
    return _frames(place.read_bytes())


def _frames(kept: bytes) -> tuple[Frame, ...]:
    start = _SIZE.size + _SIZE.unpack_from(kept)[0]
    frames = []
    for told in json.loads(kept[_SIZE.size : start]):
        frames.append(Frame(told["at"], kept[start : start + told["size"]]))
        start += told["size"]
    return tuple(frames)
