"""Which facts are told: those that share words with what is said, in Chinese too, within a budget."""

from chat.memory.relevance import relevant, terms
from chat.memory.titles import title_from
from providers.estimating import estimated_tokens

FACTS = [
    ("tea", "The user drinks green tea."),
    ("nuts", "The user is allergic to peanuts."),
    ("city", "用户住在杭州，喜欢爬山。"),
    ("work", "The user writes Django for a living."),
]


def test_what_shares_words_comes_first() -> None:
    assert relevant(FACTS, "Any allergies I should tell the cook of?", 1000)[0] == "nuts"
    assert relevant(FACTS, "周末在杭州可以做什么？", 1000)[0] == "city"
    assert relevant(FACTS, "Rewrite this in Django please", 1000)[0] == "work"


def test_only_what_fits_is_told() -> None:
    one = estimated_tokens(FACTS[2][1]) + 6
    assert relevant(FACTS, "杭州", one) == ["city"]
    assert relevant(FACTS, "杭州", 0) == []


def test_the_rest_keeps_its_order_while_there_is_room() -> None:
    assert relevant(FACTS, "…", 1000) == ["tea", "nuts", "city", "work"]


def test_words_are_compared_without_case_and_chinese_by_pairs() -> None:
    assert terms("Django's") == {"djang", "s"}
    assert terms("爬山去") == {"爬山", "山去"}


def test_a_title_loses_what_models_put_around_it() -> None:
    assert title_from('\n"Title: Tea in Hangzhou."\n') == "Tea in Hangzhou"
    assert title_from("## **标题：杭州的茶**") == "杭州的茶"
    assert title_from("  \n") == ""
    assert len(title_from("x" * 500)) == 80
