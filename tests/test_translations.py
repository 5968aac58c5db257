"""What templates and Python say through gettext has its Chinese. The modules: tests/js/strings.test.js."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import allauth
import django
import polib
import pytest
from django.contrib.admin import site
from django.contrib.admin.utils import label_for_field
from django.utils.translation import override
from django.utils.translation.template import templatize

from tests.prepared import ROOT

Key = tuple[str | None, str]  # context, English

PLAIN: Final = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
CATALOGUE: Final = ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"
# Of django-allauth what is used here: neither being a provider itself nor the single ones that it knows.
ROOMS: Final = re.compile(r"(templates/)?(account|allauth|mfa|socialaccount/(?!providers)|usersessions)/")
# What ours calls 你, 账户, 通行密钥, 邮箱, 两步验证 and 恢复码.
FOREIGN: Final = re.compile(r"您|帐|账号|[Pp]asskey|[Ee]mail|电子邮件|双因素|恢复代码")
KEPT: Final = {"token", "URL"}  # words of the field, in Chinese too
IN_CONTEXT: Final = {"pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"}
TEXT: Final = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
CALL: Final = re.compile(rf"\b({'|'.join((*PLAIN, *IN_CONTEXT))})\(({TEXT}(?:, *{TEXT})*)")


def test_every_sentence_of_python_and_templates_has_its_chinese() -> None:
    said = {key: path for path in _sources() for key in said_in(path.name, path.read_text())}
    assert len(said) > 900
    ours = polib.pofile(str(CATALOGUE))
    known = {*_translated(ours), *_shipped_with_django()}
    assert {key: str(path) for key, path in said.items() if key not in known} == {}


def test_the_pages_of_an_account_speak_of_everything_in_our_words() -> None:
    """Where django-allauth's catalogue has other words than ours, ours says the sentence too."""
    shipped = polib.pofile(str(Path(allauth.__file__).parent / "locale/zh_Hans/LC_MESSAGES/django.po"))
    theirs = [entry for entry in shipped if any(ROOMS.match(path) for path, _ in entry.occurrences)]
    ours = list(polib.pofile(str(CATALOGUE)))
    own = set(_translated(ours))
    shown = ours + [entry for entry in theirs if (entry.msgctxt, entry.msgid) not in own]
    assert len(theirs) > 200
    assert [entry.msgid for entry in shown if FOREIGN.search(_text(entry))] == []


@pytest.mark.django_db
def test_every_label_of_the_admin_has_its_chinese(rf: Any, django_user_model: Any) -> None:
    request = rf.get("/")
    request.user = django_user_model(is_superuser=True, is_staff=True, is_active=True)
    with override("zh-hans"):
        labels = {
            f"{model._meta.label}.{name}": str(label_for_field(name, model, room))
            for model, room in site._registry.items()
            for name in {*room.get_list_display(request), *room.get_readonly_fields(request)}
            if name not in ("action_checkbox", "__str__")
        }
    assert len(labels) > 100
    assert {place: text for place, text in labels.items() if text.isascii() and text not in KEPT} == {}


def test_each_way_of_saying_something_is_seen() -> None:
    template = """{% translate "one" %}{% translate 'two' context "verb" %}{{ title|default:_("three") }}
        {% blocktranslate count n=n %}four{% plural %}fours{% endblocktranslate %}"""
    assert set(said_in("a.html", template)) == {
        (None, "one"),
        ("verb", "two"),
        (None, "three"),
        (None, "four"),
    }
    python = 'x = _("one") + ngettext("two", "twos", n) + pgettext("verb", "three") + gettext(text)'
    assert set(said_in("a.py", python)) == {(None, "one"), (None, "two"), ("verb", "three")}


def said_in(name: str, source: str) -> Iterator[Key]:
    """What is only known at run time is marked where it is named (`gettext_noop`), and so is seen there."""
    calls = _python_calls(source) if name.endswith(".py") else _template_calls(source)
    for function, texts in calls:
        if texts:
            yield (texts[0], texts[1]) if function in IN_CONTEXT else (None, texts[0])


def _python_calls(source: str) -> Iterator[tuple[str, list[str]]]:
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in PLAIN | IN_CONTEXT
        ):
            constants = [one.value for one in node.args if isinstance(one, ast.Constant)]
            yield node.func.id, [value for value in constants if isinstance(value, str)]


def _template_calls(source: str) -> Iterator[tuple[str, list[str]]]:
    for function, texts in CALL.findall(templatize(source)):
        yield function, list(ast.literal_eval(f"({texts},)"))


def _sources() -> Iterator[Path]:
    for room in ("project", "chat", "providers", "templates"):
        for path in sorted((ROOT / room).rglob("*.*")):
            is_template = "templates" in path.parts and path.suffix in {".html", ".txt", ".js"}
            if is_template or path.suffix == ".py":
                yield path


def _shipped_with_django() -> Iterator[Key]:
    for path in Path(django.__file__).parent.glob("contrib/*/locale/zh_Hans/LC_MESSAGES/django.mo"):
        yield from _translated(polib.mofile(str(path)))


def _text(entry: polib.POEntry) -> str:
    return str(re.sub(r"%\(\w+\)s|\{\w+\}|<[^>]*>", "", entry.msgstr + "".join(entry.msgstr_plural.values())))


def _translated(entries: Iterable[polib.POEntry | polib.MOEntry]) -> Iterator[Key]:
    for entry in entries:
        if entry.msgstr or entry.msgstr_plural:
            yield entry.msgctxt, entry.msgid
