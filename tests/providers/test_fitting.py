"""What a model is given of a conversation's files."""

import pytest

from providers.contract import ChatMessage
from providers.errors import UnsupportedContent
from providers.fitting import ALL, Capabilities, capabilities_of, fitted
from providers.parts import AudioPart, FilePart, ImagePart, MediaPart, Parts, TextPart, VideoPart

IMAGE = ImagePart(media_type="image/png", file_id="1", name="a.png")
LINKED = ImagePart(url="https://example.org/a")
SOUND = AudioPart(media_type="audio/wav", file_id="2", name="a.wav")
FLAC = AudioPart(media_type="audio/flac", file_id="3", name="a.flac")
FILM = VideoPart(media_type="video/mp4", file_id="4", name="a.mp4")
PDF = FilePart(media_type="application/pdf", file_id="5", name='the "report".pdf')
TABLE = FilePart(media_type="text/csv", file_id="6", name="t.csv")
TEXTS = {"5": "Words of a report", "6": "a,b\n1,2\n"}
NOTHING: Capabilities = frozenset()
SOME: Capabilities = frozenset({"images", "files"})


def text_of(part: MediaPart) -> str | None:
    return TEXTS.get(part.file_id)


def fit(*parts: MediaPart | TextPart, capabilities: Capabilities = SOME) -> Parts:
    return fitted((ChatMessage(role="user", parts=parts),), capabilities, text_of)[0].parts


def test_what_the_model_takes_stays_as_it_is() -> None:
    parts = (IMAGE, LINKED, SOUND, FILM, PDF, TextPart(text="and?"))
    assert fit(*parts, capabilities=ALL) == parts


def test_what_it_does_not_take_becomes_text_with_its_name() -> None:
    report, table = fit(PDF, TABLE, capabilities=NOTHING)
    assert report == TextPart(text="<file name=\"the 'report'.pdf\">\nWords of a report\n</file>\n\n")
    assert table == TextPart(text='<file name="t.csv">\na,b\n1,2\n</file>\n\n')


@pytest.mark.parametrize(
    ("part", "capabilities", "sentence"),
    [
        (IMAGE, NOTHING, "This model does not take images. It takes text."),
        (LINKED, NOTHING, "This model does not take images. It takes text."),
        (SOUND, SOME, "This model does not take audio. It takes text, images and PDF."),
        (FILM, SOME, "This model does not take video. It takes text, images and PDF."),
        (
            FLAC,
            ALL,
            "This model does not take audio of this format. It takes text, images, audio, video and PDF.",
        ),
        (
            FilePart(url="https://example.org/"),
            NOTHING,
            "This model does not take this kind of file. It takes text.",
        ),
    ],
)
def test_what_has_no_text_is_refused_with_what_it_takes(
    part: MediaPart, capabilities: Capabilities, sentence: str
) -> None:
    with pytest.raises(UnsupportedContent) as refused:
        fit(part, capabilities=capabilities)
    assert refused.value.message == sentence
    assert (refused.value.code, refused.value.status) == ("unsupported_content", 400)


def test_earlier_files_are_named_and_refuse_nothing() -> None:
    said = (
        ChatMessage(role="user", parts=(FILM, TextPart(text="look"))),
        ChatMessage(role="assistant", parts=(IMAGE, TextPart(text="I see"))),
        ChatMessage(role="user", parts=(TextPart(text="and now?"),)),
    )
    first, second, third = fitted(said, NOTHING, text_of)
    assert first.parts == (TextPart(text="[video: a.mp4]\n"), TextPart(text="look"))
    assert (second, third) == said[1:]


def test_what_is_recorded_of_a_model_goes_before_its_kind() -> None:
    assert capabilities_of("ollama", None) == NOTHING
    assert capabilities_of("ollama", frozenset({"images"})) == {"images"}
    assert capabilities_of("openai", NOTHING) == NOTHING
    assert capabilities_of("somebody's own", None) == ALL
