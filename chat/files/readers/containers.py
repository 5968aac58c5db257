"""What the readers of sound and film have in common: only the format that was seen is tried.

A format of FFmpeg's that names other files or addresses is never asked for.
"""

import sys
from typing import IO, Any, Final

import av

from chat.files.readers.confined import Refused

FORMATS: Final = {
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/mp4": "mp4",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "matroska",
    "video/x-msvideo": "avi",
}


def opened(source: IO[bytes]) -> Any:
    """The media type is the process's first argument."""
    return av.open(source, format=FORMATS[sys.argv[1]])


def stream_of(container: Any, kind: str) -> Any:
    found = next((stream for stream in container.streams if stream.type == kind), None)
    if found is None:
        raise Refused("unreadable")
    found.codec_context.thread_count = 1
    return found
