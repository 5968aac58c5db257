"""REST: files. Parse, access, action, render."""

from collections.abc import Mapping
from typing import IO, Any
from uuid import UUID

from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.utils.datastructures import MultiValueDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser, DataAndFiles
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.access import file_for, file_to_own
from chat.actions.files import file_delete, file_receive
from chat.api.pagination import NewestFirst
from chat.files.receiving import announced_size, receive
from chat.files.serving import content_response
from chat.models import File
from chat.wire import file_json

NAME = OpenApiParameter("filename", description="for a body that is the file itself")
FORM = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}


class LeftUnread(BaseParser):
    """DRF looks into a body for the CSRF token before it knows the caller. An upload is not read until then;
    its token comes in the header."""

    media_type = "*/*"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        return DataAndFiles(QueryDict(), MultiValueDict())


class FileOut(serializers.ModelSerializer[File]):
    session_id = serializers.UUIDField(allow_null=True)
    url = serializers.CharField()

    class Meta:
        model = File
        fields = (
            "id",
            "session_id",
            "name",
            "media_type",
            "size",
            "sha256",
            "width",
            "height",
            "pages",
            "duration",
            "has_text",
            "status",
            "url",
            "created_at",
        )


SCOPES = {"GET": ("read", "files"), "HEAD": ("read", "files"), "*": ("files",)}


class FilesView(APIView):
    scopes = SCOPES
    parser_classes = [LeftUnread]

    @extend_schema(responses=FileOut(many=True))
    def get(self, request: Request) -> Response:
        paginator = NewestFirst()
        mine = File.objects.filter(owner_id=request.user.pk, status=File.Status.READY)
        page = paginator.paginate_queryset(mine, request, view=self) or []
        return paginator.get_paginated_response([file_json(file) for file in page])

    @extend_schema(
        parameters=[NAME],
        request={"multipart/form-data": FORM, "application/octet-stream": OpenApiTypes.BINARY},
        responses={201: FileOut},
    )
    def post(self, request: Request) -> Response:
        body = request._request
        file = file_receive(
            owner=request.user,
            size=announced_size(body),
            receive=lambda incoming: receive(body, incoming),
        )
        return Response(file_json(file), 201)


class FileView(APIView):
    scopes = SCOPES

    @extend_schema(responses=FileOut)
    def get(self, request: Request, file_id: UUID) -> Response:
        return Response(file_json(file_for(request.user, file_id)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, file_id: UUID) -> Response:
        file_delete(file=file_to_own(request.user, file_id))
        return Response(status=204)


class FileContentView(APIView):
    scopes = SCOPES

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, file_id: UUID) -> HttpResponseBase:
        return content_response(request._request, file_for(request.user, file_id))
