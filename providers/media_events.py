"""Files, sound, sources and data of an answer: a part of the vocabulary of providers/events.py."""

from typing import Any, TypeAlias

from providers.event import Event


class File(Event, frozen=True, omit_defaults=True):
    """The answer holds a file: stored here (`file_id`) or at a `url`. An adapter may hand its bytes over as
    `data` (base64) instead: the runner keeps them as a file, and no reader and no log ever sees them."""

    media_type: str
    file_id: str = ""
    url: str = ""
    name: str = ""
    data: str = ""


class AudioDelta(Event, frozen=True):
    """Sound as the model speaks, for those who play it at once: base64 of raw samples, each delta decodable
    by itself. All of it comes again as a `file` once the part is complete."""

    part_id: str
    delta: str
    media_type: str = "audio/pcm;rate=24000"  # 16 bits, little-endian, one channel


class Source(Event, frozen=True, omit_defaults=True):
    """What the answer rests on: a page (`url`) or a file of the conversation (`file_id`). `place` is the page
    or pages in it ("3", "3-5"), `quote` repeats the words. What it supports is the answer's text part
    `part_id`, from character `start` up to `end`, where that is told. One event per citation."""

    source_id: str
    url: str = ""
    title: str = ""
    file_id: str = ""
    place: str = ""
    quote: str = ""
    part_id: str = ""
    start: int | None = None
    end: int | None = None


class Data(Event, frozen=True):
    """A named structured value; a later one of the same name replaces the earlier."""

    name: str
    value: Any


MediaEvent: TypeAlias = File | AudioDelta | Source | Data
