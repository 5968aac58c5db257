"""The body of an upload: a form with one file (`multipart/form-data`), or the bytes themselves with the name
in `?filename=` or in the header `X-Filename` (percent-encoded UTF-8)."""

from typing import Any, Final
from urllib.parse import unquote

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from chat.errors import Invalid
from chat.files.store import Incoming, too_large

PIECE: Final = 256 * 1024  # bytes
FRAME: Final = 16 * 1024  # bytes that a form may have around its file


def announced_size(request: HttpRequest) -> int:
    """The most that the file may be: what the sender announced, or the limit. Raises TooLarge."""
    told = request.headers.get("Content-Length", "")
    if not told.isdecimal():
        return int(settings.FILE_MAX_BYTES)
    size = int(told) - (FRAME if _is_form(request) else 0)
    if size > settings.FILE_MAX_BYTES:
        raise too_large()
    return min(int(told), int(settings.FILE_MAX_BYTES))


def receive(request: HttpRequest, incoming: Incoming) -> str:
    """Write the file as it comes; gives the name that was sent. Raises Invalid."""
    try:
        if _is_form(request):
            return _form(request, incoming)
        return _plain(request, incoming)
    except UnreadablePostError as error:
        raise Invalid("The upload broke off.", code="upload_broken", field="file") from error


def _is_form(request: HttpRequest) -> bool:
    return (request.content_type or "").startswith("multipart/")


def _plain(request: HttpRequest, incoming: Incoming) -> str:
    while piece := request.read(PIECE):
        incoming.write(piece)
    return str(request.GET.get("filename") or unquote(request.headers.get("X-Filename", "")))


def _form(request: HttpRequest, incoming: Incoming) -> str:
    handler = _OneFile(incoming)
    try:
        MultiPartParser(request.META, request, [handler], request.encoding or "utf-8").parse()
    except MultiPartParserError as error:
        raise Invalid("The form cannot be read.", code="bad_form", field="file") from error
    if handler.name is None:
        raise Invalid("The form holds no file.", code="no_file", field="file")
    return handler.name


class _OneFile(FileUploadHandler):
    def __init__(self, incoming: Incoming) -> None:
        super().__init__()
        self.name: str | None = None
        self._incoming = incoming

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        if self.name is not None:
            raise Invalid("Send one file at a time.", code="several_files", field="file")
        self.name = file_name
        super().new_file(field_name, file_name, *args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._incoming.write(raw_data)

    def file_complete(self, file_size: int) -> None:
        return None
