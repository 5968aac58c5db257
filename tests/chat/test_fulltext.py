"""Words in texts: folding, terms, snippets, likeness."""

import pytest

from chat.fulltext import folded, grams, likeness, snippet, terms_of


def marked(text: str, query: str) -> str:
    return "".join(f"[{piece.text}]" if piece.hit else piece.text for piece in snippet(text, terms_of(query)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello", "hello"),
        ("ＡＢＣ１２", "abc12"),
        ("Straße", "strasse"),
        ("e\u0301TÉ", "été"),
        ("北京", "北京"),
    ],
)
def test_case_and_width_do_not_matter(text: str, expected: str) -> None:
    assert folded(text) == expected


def test_a_query_is_words_and_phrases() -> None:
    assert terms_of(' Weather  "in Beijing" weather 天气 "" ') == ("weather", "in beijing", "天气")
    assert terms_of('"') == ('"',)
    assert terms_of("   ") == ()
    assert len(terms_of(" ".join(map(str, range(50))))) == 8


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("The weather is fine", "WEATHER fine", "The [weather] is [fine]"),
        ("今天北京天气很好", "天气", "今天北京[天气]很好"),
        ("Die Straße ist ﬁn", "strasse FIN", "Die [Straße] ist [ﬁn]"),
        ("aXa" * 3, "xa ax", "[aX]a[aX]a[aX]a"),
        ("nothing here", "absent", "nothing here"),
    ],
)
def test_a_snippet_marks_what_was_looked_for(text: str, query: str, expected: str) -> None:
    assert marked(text, query) == expected


def test_a_snippet_of_a_long_text_is_short_and_shows_the_hit() -> None:
    shown = marked("x" * 5_000 + " needle " + "y" * 5_000, "needle")
    assert "[needle]" in shown
    assert shown.startswith("…") and shown.endswith("…")
    assert len(shown) < 200


def test_likeness_knows_what_a_text_is_about_in_both_languages() -> None:
    asked = grams("What does my dog like to eat? 我的狗喜欢吃什么")
    assert likeness(asked, "The dog likes to eat carrots") > likeness(asked, "Taxes are due in May") == 0
    assert likeness(asked, "她的狗喜欢胡萝卜") > likeness(asked, "五月要交税") == 0
