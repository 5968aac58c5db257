"""REST: search over sessions and messages."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.api.pagination import NewestFirst
from chat.errors import Invalid
from chat.fulltext import MAX_QUERY
from chat.searching import found, shown

QUERY = OpenApiParameter("q", required=True, description='words, and "phrases"; all have to be there')


class Hits(NewestFirst):
    ordering = ("-at", "-id")
    page_size = 20
    max_page_size = 50


class HitOut(serializers.Serializer[Any]):
    session = serializers.DictField()
    message_id = serializers.UUIDField(allow_null=True, help_text="null: it is the session's title")
    role = serializers.CharField(allow_null=True)
    author = serializers.DictField(allow_null=True)
    snippet = serializers.ListField(child=serializers.DictField(), help_text="pieces of {text, hit}")
    created_at = serializers.DateTimeField()


class SearchView(APIView):
    @extend_schema(parameters=[QUERY], responses=HitOut(many=True))
    def get(self, request: Request) -> Response:
        query = request.query_params.get("q", "")
        if len(query) > MAX_QUERY or "\0" in query:
            raise Invalid(f"Look for {MAX_QUERY} characters at most.", code="bad_query", field="q")
        paginator = Hits()
        page: list[Any] = paginator.paginate_queryset(found(request.user, query), request, view=self) or []
        return paginator.get_paginated_response(shown(page, query))
