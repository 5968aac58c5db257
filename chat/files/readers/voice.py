"""Sound, or that of a film, as MP3: the one format beside WAV that every model takes which takes sound."""

from typing import IO, Any, Final

import av

from chat.files.readers.confined import Found, Refused, confined
from chat.files.readers.containers import opened, stream_of

RATE: Final = 24_000  # samples a second, one channel: speech
BITS: Final = 64_000  # a second


def read(source: IO[bytes], out: IO[bytes]) -> Found:
    with opened(source) as sound, av.open(out, "w", format="mp3") as made:
        spoken = stream_of(sound, "audio")
        written = made.add_stream("libmp3lame", rate=RATE, layout="mono")
        written.bit_rate = BITS
        resampler = av.AudioResampler(format="s16p", layout="mono", rate=RATE)
        samples = 0
        for frame in sound.decode(spoken):
            samples += _write(made, written, resampler.resample(frame))
        samples += _write(made, written, resampler.resample(None))
        made.mux(written.encode(None))
    if not samples:
        raise Refused("unreadable")
    return {"duration": round(samples / RATE, 3)}


def _write(made: Any, written: Any, frames: Any) -> int:
    for frame in frames:
        made.mux(written.encode(frame))
    return sum(frame.samples for frame in frames)


if __name__ == "__main__":
    av.logging.set_level(None)
    confined(read)
