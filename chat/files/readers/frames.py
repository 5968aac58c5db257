"""Pictures from a film, evenly over its length: one JPEG after the other, and how long each is."""

import io
from collections.abc import Iterator
from typing import IO, Any, Final

import av

from chat.files.readers.confined import Found, Refused, confined
from chat.files.readers.containers import opened, stream_of

MOST: Final = 8
LONGEST_SIDE: Final = 768  # pixels: what models look at without cutting it up
MOST_PIXELS: Final = 40_000_000
SECOND: Final = 1_000_000  # of the container's clock


def read(source: IO[bytes], out: IO[bytes]) -> Found:
    frames = []
    with opened(source) as film:
        stream = stream_of(film, "video")
        if stream.width * stream.height > MOST_PIXELS:
            raise Refused("too_many_pixels")
        for at, picture in _pictures(film, stream):
            data = _jpeg(picture)
            out.write(data)
            frames.append({"at": round(at, 1), "size": len(data)})
    if not frames:
        raise Refused("unreadable")
    return {"frames": frames}


def _pictures(film: Any, stream: Any) -> Iterator[tuple[float, Any]]:
    """Where the length is not told, the first picture is all."""
    length = film.duration or 0
    count = min(MOST, max(1, length // SECOND))
    for number in range(count):
        film.seek(length * number // count)
        frame = next(film.decode(stream), None)
        if frame is not None:
            yield float(frame.time or 0), frame.to_image()


def _jpeg(picture: Any) -> bytes:
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    whole = io.BytesIO()
    picture.save(whole, "JPEG", quality=80)
    return whole.getvalue()


if __name__ == "__main__":
    av.logging.set_level(None)
    confined(read)
