"""Files of conversations as they are read: other programs' exports, our own, and what is neither."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.carrying.conversation import Conversation, Said
from chat.carrying.markdown import branch, from_markdown, to_markdown
from chat.carrying.reading import conversations_in
from chat.errors import ChatError
from providers.parts import TextPart, text_of
from tests.carrying.samples import ANSWER, CHATGPT, FOREIGN, OTHER, QUESTION

MANY = 10_000_000


def read(tmp_path: Path, data: bytes) -> list[Conversation | ChatError]:
    path = tmp_path / "import"
    path.write_bytes(data)
    return list(conversations_in(path, MANY))


@pytest.mark.parametrize("name", FOREIGN)
def test_other_programs_exports_keep_words_branches_and_place(tmp_path: Path, name: str) -> None:
    (one,) = read(tmp_path, json.dumps([FOREIGN[name]]).encode())
    assert isinstance(one, Conversation) and one.title == "Quokkas"
    assert [text_of(said.parts) for said in branch(one)] == [QUESTION, ANSWER]
    assert sorted(text_of(said.parts) for said in one.messages) == sorted([QUESTION, ANSWER, OTHER])
    assert one.messages[0].role == "user" and one.messages[0].created_at


def test_an_archive_is_read_without_being_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", json.dumps([CHATGPT, CHATGPT]))
    assert len(list(conversations_in(path, MANY))) == 2
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", b"[" + b" " * 5_000_000 + b"]")
    with pytest.raises(ChatError) as refused:
        list(conversations_in(path, 1_000_000))
    assert refused.value.status == 413


BAD = [
    b"",
    b"[",
    b"{",
    b"[1, null, []]",
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b"just words",
    b"PK\x03\x04 no archive",
    b"[{}]",
]
BAD += [
    b'[{"mapping": {"a": 7, "b": {"message": [1]}}}]',
    b'[{"chat_messages": [{"content": 7}]}]',
    b'{"format": "parley/1", "messages": [{"id": 2, "role": "user"}]}',
]
BAD += [
    b'{"format": "parley/1", "leaf": 7}',
    b'{"format": "parley/2"}',
    b'[{"mapping": {}, "title": "\\u0000"}]',
]


@pytest.mark.parametrize("data", BAD)
def test_what_cannot_be_read_is_said_and_nothing_breaks(tmp_path: Path, data: bytes) -> None:
    try:
        found = read(tmp_path, data)
    except ChatError as error:
        assert error.status in (400, 413)
    else:
        assert all(isinstance(one, ChatError) or not one.messages for one in found)


def test_a_circle_of_parents_ends(tmp_path: Path) -> None:
    messages: dict[str, Any] = {key: {"parentId": key, "role": "user", "content": key} for key in "ab"}
    messages["a"]["parentId"] = "b"
    messages["b"]["parentId"] = "a"
    (one,) = read(tmp_path, json.dumps([{"chat": {"history": {"messages": messages}}}]).encode())
    assert isinstance(one, Conversation) and len(one.messages) == 2


LINES = st.lists(
    st.sampled_from(
        ["words", "", "# Title", '<!-- parley {"role":"user"} -->', "\\<!-- parley x", "-- --> 你好"]
    )
)


@given(
    st.lists(LINES.map("\n".join).map(lambda text: text.strip("\n")), min_size=1, max_size=4),
    st.text(max_size=50),
)
def test_markdown_is_read_as_it_was_written(texts: list[str], title: str) -> None:
    messages = tuple(
        Said(
            id=n,
            parent=n - 1 or None,
            role="user" if n % 2 else "assistant",
            parts=(TextPart(text=text),) if text else (),
        )
        for n, text in enumerate(texts, 1)
    )
    conversation = Conversation(title=title, messages=messages, leaf=len(messages))
    assert from_markdown(to_markdown(conversation)) == conversation
