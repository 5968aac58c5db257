"""Files as people send them, and as attackers do. Each function gives the bytes of one."""

import io
import struct
import wave
import zipfile
import zlib
from collections.abc import Iterator

import docx
from PIL import Image
from pypdf import PdfWriter

SECRET = b"GPS-of-my-house"


def picture(fmt: str = "PNG", size: tuple[int, int] = (64, 48)) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, fmt)
    return out.getvalue()


def photo() -> bytes:
    """A JPEG that lies on its side and says where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = SECRET.decode()
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(out, "JPEG", exif=exif, comment=SECRET)
    return out.getvalue()


def animation() -> bytes:
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "lime", "blue", "black")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=80, loop=0, comment=SECRET)
    return out.getvalue()


def polyglot() -> bytes:
    """A PNG with a page of HTML behind its end."""
    return picture() + b"<html><script>alert(1)</script></html>"


def huge_png(side: int = 60_000) -> bytes:
    """A PNG of a few hundred bytes that unpacks to gigabytes."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(b"\0" * 4096))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def sound(seconds: float = 0.5) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\0\0" * int(8000 * seconds))
    return out.getvalue()


def pdf(text: str = "Hello from a PDF", pages: int = 1) -> bytes:
    """Written by hand, so that it has text."""
    kids = " ".join(f"{4 + 2 * page} 0 R" for page in range(pages))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for page in range(pages):
        drawn = f"BT /F1 12 Tf 20 100 Td ({text} {page + 1}) Tj ET"
        fonts = "/Resources << /Font << /F1 3 0 R >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] {fonts} /Contents {5 + 2 * page} 0 R >>"
        )
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    return b"".join(_pdf_lines(objects))


def _pdf_lines(objects: list[str]) -> Iterator[bytes]:
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode()
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    yield body
    yield f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}".encode()
    yield f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF".encode()


def locked_pdf() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("a password", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def bomb_pdf() -> bytes:
    """One page whose content unpacks from kilobytes to a gigabyte."""
    packed = zlib.compress(b"(A) Tj " * 30_000_000, 9)
    fonts = b"/Resources << /Font << /F1 3 0 R >> >>"
    return b"".join(
        (
            b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n",
            b"2 0 obj\n<< /Type /Pages /Kids [4 0 R] /Count 1 >>\nendobj\n",
            b"3 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\n",
            b"4 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] "
            + fonts
            + b" /Contents 5 0 R >>\nendobj\n",
            b"5 0 obj\n<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed),
            packed,
            b"\nendstream\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF",
        )
    )


def looping_pdf() -> bytes:
    """A tree of pages that holds itself."""
    return (
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF"
    )


def word(text: str = "Hello from Word") -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    row = document.add_table(1, 2).rows[0]
    row.cells[0].text, row.cells[1].text = "left", "right"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def bomb_docx() -> bytes:
    """A document with a part that unpacks from a megabyte to a gigabyte."""
    return _with_part(word(), "word/media/image1.png", b"\0" * 1024**2, times=1024)


def entity_docx(target: str = "file:///etc/passwd") -> bytes:
    """A document that asks for a file of the server, and for a billion laughs."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    kind = f'<!DOCTYPE d [<!ENTITY l0 "laugh"><!ENTITY stolen SYSTEM "{target}">{laughs}]>'
    words = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    text = "<w:r><w:t>before &stolen; &l9; after</w:t></w:r>"
    xml = f'{kind}<w:document xmlns:w="{words}"><w:body><w:p>{text}</w:p></w:body></w:document>'
    return _with_part(word(), "word/document.xml", xml.encode())


def _with_part(archive: bytes, name: str, data: bytes, times: int = 1) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        with new.open(name, "w", force_zip64=True) as part_file:
            for _ in range(times):
                part_file.write(data)
    return out.getvalue()
