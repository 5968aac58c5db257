"""Sound and film for models that do not take them as they came: converted, as pictures, written down."""

import base64
import io
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import av
import pytest
from PIL import Image

from chat.errors import Invalid
from chat.files import store
from chat.files.derived import frames_of, voice_of
from chat.runner.converting import converted, with_transcripts
from chat.runner.stored_files import Files, StoredFile
from providers.contract import ChatMessage, ProviderConfig
from providers.fitting import Capabilities
from providers.parts import AudioPart, ImagePart, MediaPart, Part, VideoPart
from providers.secrets import Secret
from tests import hostile
from tests.fakes.provider import FakeProvider

FILE = UUID(int=7)
HEARS: Capabilities = frozenset({"audio"})
SEES: Capabilities = frozenset({"images"})
NOTHING: Capabilities = frozenset()
FLAC = AudioPart(media_type="audio/flac", file_id=str(FILE), name="voice.flac")
FILM = VideoPart(media_type="video/mp4", file_id=str(FILE), name="walk.mp4")


def film(seconds: int = 3) -> bytes:
    whole = io.BytesIO()
    with av.open(whole, "w", format="mp4") as out:
        stream: Any = out.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(5 * seconds):
            picture = Image.new("RGB", (160, 120), (number * 10, 80, 90))
            out.mux(stream.encode(av.VideoFrame.from_image(picture)))
        out.mux(stream.encode(None))
    return whole.getvalue()


def flac(form: str = "flac", codec: str = "flac") -> bytes:
    whole = io.BytesIO()
    with av.open(io.BytesIO(hostile.sound())) as sound, av.open(whole, "w", format=form) as out:
        stream: Any = out.add_stream(codec, rate=sound.streams.audio[0].rate)
        for frame in sound.decode(audio=0):
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return whole.getvalue()


@pytest.fixture
def kept(settings: Any, tmp_path: Any) -> Any:
    settings.UPLOADS_DIR = tmp_path

    def keep(data: bytes) -> Files:
        path = store.path_of(FILE)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return {str(FILE): StoredFile(path, None)}

    return keep


def bytes_of(part: Part) -> bytes:
    assert isinstance(part, MediaPart)
    return base64.b64decode(part.data)


def test_sound_of_another_format_goes_as_mp3_and_is_made_once(kept: Any) -> None:
    files = kept(flac())
    [first] = converted(FLAC, HEARS, files)
    store.path_of(FILE).write_bytes(b"never read again")
    assert converted(FLAC, HEARS, files) == (first,)
    assert (type(first), getattr(first, "media_type", "")) == (AudioPart, "audio/mpeg")
    with av.open(io.BytesIO(bytes_of(first))) as heard:
        assert heard.streams.audio[0].codec_context.name.startswith("mp3")
    assert converted(FLAC, NOTHING, files) == (FLAC,)


def test_a_film_goes_as_pictures_to_a_model_that_sees(kept: Any) -> None:
    told, *pictures = converted(FILM, SEES, kept(film()))
    assert getattr(told, "text", "").startswith("[video walk.mp4, as pictures at 0:00, 0:0")
    assert [type(picture) for picture in pictures] == [ImagePart] * 3
    assert Image.open(io.BytesIO(bytes_of(pictures[0]))).size == (160, 120)
    assert converted(FILM, frozenset({"video"}), kept(b"")) == (FILM,)


def test_a_recording_in_a_films_container_goes_to_a_model_that_hears(kept: Any) -> None:
    """As browsers record what is spoken; there are no pictures in it."""
    [heard] = converted(FILM, SEES | HEARS, kept(flac("mp4", "aac")))
    assert (type(heard), getattr(heard, "media_type", "")) == (AudioPart, "audio/mpeg")


@pytest.mark.parametrize(
    "data",
    [b"", b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + b"\0" * 50, b"#EXTM3U\nfile:///etc/passwd\n", film()[:900]],
)
def test_what_cannot_be_read_stays_as_it_is(kept: Any, data: bytes) -> None:
    files = kept(data)
    assert converted(FILM, SEES, files) == (FILM,)
    assert converted(FLAC, HEARS, files) == (FLAC,)
    for make, kind in ((frames_of, "video/mp4"), (voice_of, "audio/flac")):
        with pytest.raises(Invalid):
            make(FILE, kind)


def test_what_was_made_goes_with_the_file(kept: Any) -> None:
    kept(film())
    frames_of(FILE, "video/mp4")
    store.discard(FILE)
    assert not list(store.path_of(FILE).parent.iterdir())


@pytest.fixture
async def writer() -> AsyncIterator[FakeProvider]:
    async with FakeProvider() as fake:
        yield fake


def config(fake: FakeProvider, **extra: str) -> ProviderConfig:
    return ProviderConfig(
        provider_id="p", kind="openai", base_url=fake.base_url, api_key=Secret("sk-test"), extra=extra
    )


@pytest.mark.django_db(transaction=True)
async def test_what_is_said_is_written_down_once_where_the_operator_named_a_model(
    kept: Any, writer: FakeProvider
) -> None:
    files, said = kept(flac()), [ChatMessage(role="user", parts=(FLAC,))]
    writer.play(raw=b'{"text": "Good day."}')
    assert await with_transcripts(said, config(writer), SEES, files) == files
    heard = await with_transcripts(said, config(writer, transcription_model="whisper-1"), SEES, files)
    again = await with_transcripts(said, config(writer, transcription_model="whisper-1"), SEES, heard)
    assert again[str(FILE)].text_path.read_text() == "Good day."
    [asked] = writer.requests
    assert asked.path == "/v1/audio/transcriptions"
    assert b'filename="sound.mpeg"' in asked.body["form"]
    assert await with_transcripts(said, config(writer, transcription_model="x"), HEARS, files) == files


@pytest.mark.django_db(transaction=True)
async def test_a_transcript_that_fails_is_none(kept: Any, writer: FakeProvider) -> None:
    files, said = kept(flac()), [ChatMessage(role="user", parts=(FLAC,))]
    writer.play(status=500, body={"error": {"message": "busy"}})
    assert await with_transcripts(said, config(writer, transcription_model="x"), SEES, files) == files
