"""REST: what is remembered of the caller, the summaries of a session, and the runs in the background."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.access import memories_for, memory_for, session_for, session_to_drive
from chat.actions.memories import (
    memories_delete,
    memory_create,
    memory_delete,
    memory_update,
    settings_of,
    settings_update,
    summary_delete,
    summary_update,
)
from chat.api.pagination import NewestFirst
from chat.api.serializers import RunOut, StrictSerializer
from chat.errors import Invalid, NotFound
from chat.models import Run, Summary
from chat.models.memory import FACT_LENGTH
from chat.wire import memory_json, run_json, summary_json

LONGEST_QUERY = 200  # characters


class LatestFirst(NewestFirst):
    ordering = ("-updated_at", "-id")


class MemoryFields(StrictSerializer):
    text = serializers.CharField(max_length=FACT_LENGTH)


class SummaryFields(StrictSerializer):
    text = serializers.CharField(max_length=20_000)


class SettingsFields(StrictSerializer):
    memory = serializers.BooleanField(required=False, help_text="may anything be remembered and recalled")


class MemoryOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    text = serializers.CharField()
    session_id = serializers.UUIDField(allow_null=True)
    message_id = serializers.UUIDField(allow_null=True, help_text="where it was said")
    edited = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class SummaryOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    session_id = serializers.UUIDField()
    upto_id = serializers.UUIDField(help_text="the last message that it stands for")
    text = serializers.CharField()
    edited = serializers.BooleanField()
    run_id = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class MemoriesView(APIView):
    @extend_schema(parameters=[OpenApiParameter("q", str)], responses=MemoryOut(many=True))
    def get(self, request: Request) -> Response:
        query = request.query_params.get("q", "").strip()
        if len(query) > LONGEST_QUERY:
            raise Invalid(f"A query has {LONGEST_QUERY} characters at most.", field="q")
        found = memories_for(request.user)
        for word in query.split():
            found = found.filter(text__icontains=word)
        pages = LatestFirst()
        page = pages.paginate_queryset(found, request, view=self) or []
        return pages.get_paginated_response([memory_json(row) for row in page])

    @extend_schema(request=MemoryFields, responses={201: MemoryOut})
    def post(self, request: Request) -> Response:
        return Response(memory_json(memory_create(user=request.user, text=_text(MemoryFields, request))), 201)

    @extend_schema(operation_id="memory_clear", responses={204: None}, description="Forgets everything.")
    def delete(self, request: Request) -> Response:
        memories_delete(user=request.user)
        return Response(status=204)


class MemoryView(APIView):
    @extend_schema(responses=MemoryOut)
    def get(self, request: Request, memory_id: UUID) -> Response:
        return Response(memory_json(memory_for(request.user, memory_id)))

    @extend_schema(request=MemoryFields, responses=MemoryOut)
    def patch(self, request: Request, memory_id: UUID) -> Response:
        memory = memory_for(request.user, memory_id)
        return Response(memory_json(memory_update(memory=memory, text=_text(MemoryFields, request))))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, memory_id: UUID) -> Response:
        memory_delete(memory=memory_for(request.user, memory_id))
        return Response(status=204)


class SummariesView(APIView):
    @extend_schema(responses=SummaryOut(many=True))
    def get(self, request: Request, session_id: UUID) -> Response:
        rows = session_for(request.user, session_id).summaries.all()
        return Response({"results": [summary_json(row) for row in rows]})


class SummaryView(APIView):
    @extend_schema(request=SummaryFields, responses=SummaryOut)
    def patch(self, request: Request, session_id: UUID, summary_id: UUID) -> Response:
        summary = _summary(request, session_id, summary_id)
        return Response(summary_json(summary_update(summary=summary, text=_text(SummaryFields, request))))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, session_id: UUID, summary_id: UUID) -> Response:
        summary_delete(summary=_summary(request, session_id, summary_id))
        return Response(status=204)


class SessionRunsView(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("kind", str, enum=[str(kind) for kind in Run.Kind if kind])],
        responses=RunOut(many=True),
        description="Those in the background (`kind`) among them: they cost too.",
    )
    def get(self, request: Request, session_id: UUID) -> Response:
        runs = session_for(request.user, session_id).runs.all()
        kind = request.query_params.get("kind")
        if kind is not None and kind not in Run.Kind.values:
            raise Invalid("There is no such kind.", field="kind")
        pages = NewestFirst()
        page = pages.paginate_queryset(runs if kind is None else runs.filter(kind=kind), request, view=self)
        return pages.get_paginated_response([run_json(row) for row in page or []])


class SettingsView(APIView):
    @extend_schema(responses=SettingsFields)
    def get(self, request: Request) -> Response:
        return Response({"memory": settings_of(request.user).memory})

    @extend_schema(request=SettingsFields, responses=SettingsFields)
    def patch(self, request: Request) -> Response:
        fields = SettingsFields(data=request.data)
        fields.is_valid(raise_exception=True)
        return Response({"memory": settings_update(user=request.user, **fields.validated_data).memory})


def _text(fields: type[StrictSerializer], request: Request) -> str:
    given = fields(data=request.data)
    given.is_valid(raise_exception=True)
    return str(given.validated_data["text"])


def _summary(request: Request, session_id: UUID, summary_id: UUID) -> Summary:
    found: Summary | None = session_to_drive(request.user, session_id).summaries.filter(id=summary_id).first()
    if found is None:
        raise NotFound
    return found
