"""Files in and out over REST: what is taken, what is refused and how, who may see them."""

import asyncio
import hashlib
import io
import resource
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from chat.errors import NoSpace
from chat.files.store import Incoming
from tests import hostile
from tests.clients import Api, refusal

TAKEN = [
    ("a.png", hostile.picture("PNG"), "image/png", ""),
    ("a.webp", hostile.picture("WEBP"), "image/webp", ""),
    ("a.gif", hostile.animation(), "image/gif", ""),
    ("a.wav", hostile.sound(), "audio/wav", ""),
    ("a.mp3", b"ID3\x04\0\0\0\0\0\0\xff\xfb\x90\x64" + b"\0" * 400, "audio/mpeg", ""),
    ("a.flac", b"fLaC\0\0\0\x22" + b"\0" * 100, "audio/flac", ""),
    ("a.ogg", b"OggS\0\2" + b"\0" * 20 + b"\x01vorbis" + b"\0" * 50, "audio/ogg", ""),
    ("a.m4a", b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42" + b"\0" * 50, "audio/mp4", ""),
    ("a.mp4", b"\0\0\0\x18ftypiso6\0\0\0\0isommp42" + b"\0" * 50, "video/mp4", ""),
    ("a.mov", b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + b"\0" * 50, "video/quicktime", ""),
    ("a.webm", b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + b"\0" * 40, "video/webm", ""),
    ("a.avi", b"RIFF\x10\0\0\0AVI LIST" + b"\0" * 40, "video/x-msvideo", ""),
    ("a.pdf", hostile.pdf(pages=3), "application/pdf", "Hello from a PDF 3"),
    ("a.docx", hostile.word("Grüße 世界"), None, "Grüße 世界\nleft | right"),
    ("a.md", "# Titel 标题".encode(), "text/markdown", "# Titel 标题"),
    ("a.csv", b"a,b\n1,2\n", "text/csv", "1,2"),
    ("a.json", b'{"a": 1}', "application/json", '{"a": 1}'),
    ("a.py", b"print('hi')\n", "text/plain", "print('hi')"),
    ("a.html", b"<!doctype html><script>alert(1)</script>", "text/plain", "<script>"),
    ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>', "text/plain", "onload"),
    (
        "gb.txt",
        "你好，世界。这是一个测试文件，用来检查编码。".encode("gb18030"),
        "text/plain",
        "用来检查编码",
    ),
    ("wide.txt", "wide 世界".encode("utf-16"), "text/plain", "wide 世界"),
]


@pytest.mark.parametrize(("name", "data", "media_type", "text"), TAKEN, ids=[row[0] for row in TAKEN])
async def test_what_is_taken_is_known_by_its_content(
    server: Any, name: str, data: bytes, media_type: str | None, text: str
) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        file = await upload(alice, data, f"misleading{name}")
        content = await alice.http.get(file["url"])
    assert not media_type or file["media_type"] == media_type
    assert file["size"] == len(content.content)
    assert file["sha256"] == hashlib.sha256(content.content).hexdigest()
    assert file["has_text"] == bool(text)
    assert text in stored_text(server, file)
    assert content.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in content.headers["content-security-policy"]
    assert "html" not in content.headers["content-type"]
    assert "svg" not in content.headers["content-type"]
    inline = content.headers["content-disposition"].startswith("inline")
    assert inline == file["media_type"].startswith("image/")


REFUSED = [
    ("empty.txt", b"", 400, "empty_file"),
    ("a.exe", b"MZ\x90\0" + b"\0" * 100, 415, "unsupported_file_type"),
    (
        "a.zip",
        hostile.word().replace(b"word/document.xml", b"worx/document.xml"),
        415,
        "unsupported_file_type",
    ),
    ("a.bin", bytes(range(256)), 415, "unsupported_file_type"),
    ("a.png", b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script>", 400, "file_unreadable"),
    ("cut.png", hostile.picture()[:-40], 400, "file_unreadable"),
    ("huge.png", hostile.huge_png(), 400, "file_too_many_pixels"),
    ("cut.pdf", b"%PDF-1.4\n1 0 obj\n", 400, "file_unreadable"),
    ("late.pdf", b"<script>alert(1)</script>\x00" + hostile.pdf(), 415, "unsupported_file_type"),
    ("locked.pdf", hostile.locked_pdf(), 400, "file_encrypted"),
    ("bomb.docx", hostile.bomb_docx(), 400, "file_too_complex"),
]


@pytest.mark.parametrize(("name", "data", "status", "code"), REFUSED, ids=[row[0] for row in REFUSED])
async def test_what_is_refused_says_why_and_leaves_nothing(
    server: Any, name: str, data: bytes, status: int, code: str
) -> None:
    async with Api(server.url, server.keys["bob"]) as bob:
        before = (await bob.http.get("/api/files/")).json()["results"]
        response = await bob.http.post("/api/files/", files={"file": (name, data)})
        after = (await bob.http.get("/api/files/")).json()["results"]
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert after == before


@pytest.mark.parametrize("make", [hostile.bomb_pdf, hostile.looping_pdf, hostile.entity_docx])
async def test_hostile_documents_harm_nobody(server: Any, make: Any) -> None:
    """Some can be kept, some not; the server stays small, answers, and gives nothing of its own away."""
    before = memory_of(server)
    async with Api(server.url, server.keys["alice"]) as alice:
        response = await alice.http.post("/api/files/", files={"file": ("x", make())})
        assert response.status_code in (201, 400)
        text = stored_text(server, response.json()) if response.status_code == 201 else ""
    assert "root:" not in text
    assert text.count("laugh") < 1000
    assert memory_of(server) - before < 60_000  # KiB


async def test_an_image_is_encoded_anew(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        turned = await upload(alice, hostile.photo(), "p.jpg")
        moving = await upload(alice, hostile.animation(), "p.gif")
        double = await upload(alice, hostile.polyglot(), "p.png")
        large = await upload(alice, hostile.picture("PNG", (6000, 30)), "l.png")
        contents = [(await alice.http.get(file["url"])).content for file in (turned, moving, double, large)]
    assert (turned["width"], turned["height"], large["width"]) == (20, 40, 4096)
    assert not [content for content in contents if hostile.SECRET in content or b"<script>" in content]
    assert getattr(Image.open(io.BytesIO(contents[1])), "n_frames", 1) == 4


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a.txt", "a.txt"),
        ("bill\u202etxt.exe", "billtxt.exe"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie_ x.txt"),
        ("报告 2026.md", "报告 2026.md"),
        ("..", "file"),
        ("", "file"),
        ("x" * 300 + ".txt", "x" * 146 + ".txt"),
    ],
)
async def test_names_are_cleaned(server: Any, sent: str, kept: str) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        response = await alice.http.post("/api/files/", content=b"text", params={"filename": sent})
        content = await alice.http.get(response.json()["url"])
    assert response.json()["name"] == kept
    assert "\n" not in content.headers["content-disposition"]


async def test_a_file_over_the_limit_is_refused_however_it_comes(own_server: Any) -> None:
    own_server.environment["FILE_MAX_BYTES"] = "100000"
    own_server.start()
    async with Api(own_server.url, own_server.cast()["alice"]) as alice:
        fits = await alice.http.post("/api/files/", content=b"x" * 100_000)
        over = [
            await alice.http.post("/api/files/", content=b"x" * 100_001),
            await alice.http.post("/api/files/", content=in_pieces(b"x" * 100_001)),
            await alice.http.post("/api/files/", files={"file": ("a.txt", b"x" * 100_001)}),
            await alice.http.post("/api/files/", content=in_pieces(b"x" * 5_000_000)),
        ]
        listed = (await alice.http.get("/api/files/")).json()["results"]
    assert fits.status_code == 201
    assert {response.status_code for response in over} == {413}
    assert {response.json()["error"]["code"] for response in over} == {"file_too_large", "too_large"}
    assert [file["size"] for file in listed] == [100_000]
    assert len(bytes_on_disk(own_server)) == 2  # the file and its text


async def test_a_full_disk_is_told_and_nothing_is_left(own_server: Any) -> None:
    """A limit on the size of files fails a write like a full disk does."""
    own_server.start()
    async with Api(own_server.url, own_server.cast()["alice"]) as alice:
        resource.prlimit(own_server.process.pid, resource.RLIMIT_FSIZE, (8_000_000, 8_000_000))
        full = [
            await alice.http.post("/api/files/", content=b"x" * 9_000_000),
            await alice.http.post("/api/files/", files={"file": ("a.txt", b"x" * 9_000_000)}),
        ]
        fits = await alice.http.post("/api/files/", content=b"x" * 1_000_000)
        listed = (await alice.http.get("/api/files/")).json()["results"]
    told = {(response.status_code, response.json()["error"]["code"]) for response in full}
    assert told == {(507, "storage_full")}
    assert fits.status_code == 201
    assert [file["size"] for file in listed] == [1_000_000]
    assert len(bytes_on_disk(own_server)) == 2


def test_writing_to_a_full_disk_leaves_nothing(tmp_path: Path, settings: Any) -> None:
    settings.UPLOADS_DIR = tmp_path
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(NoSpace), Incoming(limit=1_000_000) as incoming:
            for _ in range(100):
                incoming.write(b"x" * 1000)
            incoming.finish()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(tmp_path.rglob("*.*")) and not list((tmp_path / "incoming").iterdir())


async def test_quotas_hold_for_many_at_once(own_server: Any) -> None:
    own_server.environment.update(FILE_USER_BYTES="250000", FILE_TOTAL_BYTES="300000")
    own_server.start()
    keys = own_server.cast()

    async def sent(api: Api) -> str:
        response = await api.http.post("/api/files/", content=b"x" * 100_000)
        return str(response.status_code if response.is_success else response.json()["error"]["code"])

    async with Api(own_server.url, keys["alice"]) as alice, Api(own_server.url, keys["bob"]) as bob:
        codes = await asyncio.gather(*(sent(alice) for _ in range(6)))
        assert codes.count("201") <= 2
        assert set(codes) <= {"201", "file_quota", "storage_full"}  # whichever room they ran into first
        while await sent(alice) == "201":
            pass
        assert [await sent(alice), await sent(bob), await sent(bob)] == ["file_quota", "201", "storage_full"]


async def test_a_sender_who_leaves_leaves_nothing(own_server: Any) -> None:
    own_server.start()
    key = own_server.cast()["alice"]
    head = f"POST /api/files/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
    _, writer = await asyncio.open_connection("127.0.0.1", own_server.port)
    writer.write(head.encode() + b"Content-Length: 9999\r\n\r\nhalf")
    await writer.drain()
    writer.close()
    async with Api(own_server.url, key) as alice:
        await upload(alice, b"whole", "a.txt")
        assert len((await alice.http.get("/api/files/")).json()["results"]) == 1
    assert len(bytes_on_disk(own_server)) == 2


RANGES = [
    ("bytes=0-9", 206, slice(0, 10)),
    ("bytes=10-", 206, slice(10, None)),
    ("bytes=-5", 206, slice(-5, None)),
    ("bytes=5-999999999", 206, slice(5, None)),
    ("bytes=0-0,5-6", 200, slice(None)),
    ("bytes=9-5", 200, slice(None)),
    ("lines=1-2", 200, slice(None)),
    ("bytes=999999999-", 416, slice(0)),
]


async def test_ranges(server: Any) -> None:
    data = hostile.sound()
    async with Api(server.url, server.keys["alice"]) as alice:
        url = (await upload(alice, data, "a.wav"))["url"]
        for asked, status, part in RANGES:
            response = await alice.http.get(url, headers={"Range": asked})
            assert (response.status_code, response.content) == (status, data[part]), asked
        tag = response.headers["etag"]
        same = await alice.http.get(url, headers={"If-None-Match": tag})
        changed = await alice.http.get(url, headers={"Range": "bytes=0-9", "If-Range": '"old"'})
    assert same.status_code == 304
    assert (changed.status_code, changed.content) == (200, data)


async def test_carol_sees_nothing_of_alices_files(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice, Api(server.url, server.keys["carol"]) as carol:
        file = await upload(alice, b"private", "a.txt")
        for method, path in (("GET", ""), ("GET", "content/"), ("DELETE", "")):
            theirs = await carol.http.request(method, f"/api/files/{file['id']}/{path}")
            nobodys = await carol.http.request(method, f"/api/files/{uuid.uuid4()}/{path}")
            assert theirs.status_code == nobodys.status_code == 404
            assert refusal(theirs) == refusal(nobodys)
        assert file["id"] not in (await carol.http.get("/api/files/")).text
        carol.http.headers.pop("Authorization")
        assert (await carol.http.get(file["url"])).status_code == 401
        gone = await alice.http.delete(f"/api/files/{file['id']}/")
        after = await alice.http.get(file["url"])
    assert (gone.status_code, after.status_code) == (204, 404)


async def test_a_cookie_needs_its_token(server: Any) -> None:
    """An upload is read after that, not before."""
    async with Api(server.url, server.keys["alice"]) as alice:
        alice.http.headers.pop("Authorization")
        page = await alice.http.get("/login/")
        token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        form = {"username": "alice", "password": "alice-pass-word", "csrfmiddlewaretoken": token}
        await alice.http.post("/login/", data=form)
        without = await alice.http.post("/api/files/", files={"file": ("a.txt", b"x")})
        token = alice.http.cookies["csrftoken"]
        with_it = await alice.http.post(
            "/api/files/", files={"file": ("a.txt", b"x")}, headers={"X-CSRFToken": token}
        )
    assert (without.status_code, without.json()["error"]["code"]) == (403, "csrf_failed")
    assert with_it.status_code == 201


FORMS = [
    ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, "bad_form"),
    ({"files": {"file": ("a.txt", b"x"), "other": ("b.txt", b"x")}}, "several_files"),
    ({"content": b"--b--\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}, "no_file"),
]


@pytest.mark.parametrize(("body", "code"), FORMS, ids=[code for _, code in FORMS])
async def test_odd_forms(server: Any, body: dict[str, Any], code: str) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        response = await alice.http.post("/api/files/", **body)
    assert (response.status_code, response.json()["error"]["code"]) == (400, code)


async def upload(api: Api, data: bytes, name: str) -> dict[str, Any]:
    response = await api.http.post("/api/files/", files={"file": (name, data)})
    assert response.status_code == 201, response.text
    return dict(response.json())


def stored_text(server: Any, file: dict[str, Any]) -> str:
    found = [path for path in bytes_on_disk(server) if path.name == f"{uuid.UUID(file['id']).hex}.txt"]
    return found[0].read_text() if found else ""


def bytes_on_disk(server: Any) -> list[Path]:
    return [path for path in (server.log.parent / "uploads").rglob("*") if path.is_file()]


def memory_of(server: Any) -> int:
    """KiB in use."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


async def in_pieces(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 65536):
        yield data[start : start + 65536]
