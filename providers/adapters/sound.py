"""What a model says aloud, put together as a file: raw samples become WAV, other formats stay as they are."""

import base64
import binascii
import io
import wave
from typing import Final

from providers.errors import StreamBroken

RATE: Final = 24_000  # samples a second: OpenAI's `pcm16`, little-endian, one channel
SAMPLE: Final = 2  # bytes
MOST: Final = 48 * 1024**2  # bytes: a quarter of an hour; a file of the product has hardly more
_MARKS: Final = {
    b"RIFF": "audio/wav",
    b"ID3": "audio/mpeg",
    b"\xff\xfb": "audio/mpeg",
    b"\xff\xf3": "audio/mpeg",
    b"OggS": "audio/ogg",
    b"fLaC": "audio/flac",
}


class Recording:
    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def add(self, piece: str) -> None:
        """Raises StreamBroken for what is no base64, and for more than MOST."""
        try:
            data = base64.b64decode(piece)
        except (binascii.Error, ValueError) as error:
            raise StreamBroken(detail=f"sound that is no base64: {piece[:100]!r}") from error
        self.size += len(data)
        if self.size > MOST:
            raise StreamBroken(detail=f"sound of more than {MOST} bytes")
        self._pieces.append(data)

    @property
    def is_raw(self) -> bool:
        return not self._known()

    def file(self) -> tuple[str, str]:
        """The media type and base64 of all that came."""
        data, known = b"".join(self._pieces), self._known()
        return known or "audio/wav", base64.b64encode(data if known else _as_wav(data)).decode()

    def _known(self) -> str:
        begin = self._pieces[0] if self._pieces else b""
        return next((kind for mark, kind in _MARKS.items() if begin.startswith(mark)), "")


def _as_wav(samples: bytes) -> bytes:
    whole = io.BytesIO()
    with wave.open(whole, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(SAMPLE)
        out.setframerate(RATE)
        out.writeframes(samples[: len(samples) // SAMPLE * SAMPLE])
    return whole.getvalue()
