"""REST: conversations out of here and into here."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.access import Person, session_for
from chat.actions.carrying import exported_pieces, session_export, sessions_import
from chat.api.files import FORM, LeftUnread
from chat.carrying.markdown import to_markdown
from chat.db import in_database
from chat.errors import Invalid
from chat.files.names import cleaned_name
from chat.files.receiving import receive
from chat.files.store import Incoming
from chat.models import ChatSession

AS = OpenApiParameter("as", enum=["json", "markdown"], description="json, which can hold everything")
FILES = OpenApiParameter("files", bool, description="whether JSON holds the files' bytes; true")


class BroughtIn(serializers.Serializer[Any]):
    results = serializers.ListField(child=serializers.DictField(), help_text="sessions: id, title, messages")
    left_out = serializers.ListField(
        child=serializers.DictField(), help_text="index in the file, code, message"
    )


class ExportView(APIView):
    @extend_schema(parameters=[AS, FILES], responses={(200, "application/json"): OpenApiTypes.OBJECT})
    def get(self, request: Request, session_id: UUID) -> HttpResponseBase:
        session = session_for(request.user, session_id)
        kind = request.query_params.get("as", "json")
        if kind == "markdown":
            text = to_markdown(session_export(session))
            return _saved(HttpResponse(text, content_type="text/markdown; charset=utf-8"), session, "md")
        if kind != "json":
            raise Invalid("There are json and markdown.", field="as")
        with_files = serializers.BooleanField().run_validation(request.query_params.get("files", True))
        pieces = exported_pieces(session, with_files=bool(with_files))
        response = StreamingHttpResponse(_in_turn(pieces), content_type="application/json")
        return _saved(response, session, "json")


class ImportView(APIView):
    parser_classes = [LeftUnread]

    @extend_schema(
        request={"multipart/form-data": FORM, "application/octet-stream": OpenApiTypes.BINARY},
        responses={201: BroughtIn},
    )
    def post(self, request: Request) -> Response:
        return Response(_brought_in(request.user, request._request), 201)


def _brought_in(user: Person, request: HttpRequest) -> dict[str, Any]:
    with Incoming(settings.IMPORT_MAX_BYTES) as incoming:
        receive(request, incoming)
        incoming.finish()
        brought = sessions_import(owner=user, path=incoming.path)
    return msgspec.to_builtins(brought)  # type: ignore[no-any-return]


async def _in_turn(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each is read from the disk in a thread."""
    while piece := await in_database(next, pieces, b""):
        yield piece


def _saved(response: HttpResponseBase, session: ChatSession, ending: str) -> HttpResponseBase:
    name = cleaned_name(f"{session.title or session.id}.{ending}")
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response
