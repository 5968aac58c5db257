"""REST: parse, access, action, render. Every rule lives further in."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.fields import BooleanField
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.access import (
    answered_now,
    listed_sessions,
    message_for,
    run_for,
    session_for,
    session_to_drive,
    session_to_own,
    shown_messages,
)
from chat.actions.sessions import session_create, session_delete, session_update
from chat.api import serializers
from chat.api.pagination import OldestFirst, RecentFirst
from chat.authentication import ticket_for
from chat.budgets.fields import budgets_of
from chat.commands import CancelRun, SendMessage, command_from
from chat.performing import cancel, send
from chat.rights import models_for
from chat.wire import message_json, run_json, session_json

ARCHIVED = OpenApiParameter("archived", bool, description="those that were put away, instead of the others")
FILED = OpenApiParameter("filed", bool, description="only those that are in a folder")
RUNNING = OpenApiParameter("running", bool, description="only those that are being answered now")
PINNED = OpenApiParameter("pinned", bool, description="only those that are pinned")


def _paged(
    view: APIView,
    request: Request,
    pages: type[CursorPagination],
    rows: "QuerySet[Any]",
    picture: Callable[[Any], dict[str, Any]],
) -> Response:
    paginator = pages()
    page = paginator.paginate_queryset(rows, request, view=view) or []
    return paginator.get_paginated_response([picture(row) for row in page])


def _asked(request: Request, name: str) -> bool:
    """Raises ValidationError."""
    try:
        return bool(BooleanField().run_validation(request.query_params.get(name, False)))
    except ValidationError as error:
        raise ValidationError({name: error.detail}) from None


class SessionsView(APIView):
    @extend_schema(parameters=[ARCHIVED, PINNED, FILED, RUNNING], responses=serializers.SessionOut(many=True))
    def get(self, request: Request) -> Response:
        rows = listed_sessions(request.user).filter(archived_at__isnull=not _asked(request, "archived"))
        if _asked(request, "pinned"):
            rows = rows.filter(pinned_at__isnull=False)
        if _asked(request, "filed"):
            rows = rows.exclude(folder="")
        if _asked(request, "running"):
            rows = rows.filter(id__in=answered_now())
        return _paged(self, request, RecentFirst, rows, session_json)

    @extend_schema(request=serializers.SessionFields, responses={201: serializers.SessionOut})
    def post(self, request: Request) -> Response:
        session = session_create(
            owner=request.user, **serializers.checked(serializers.SessionFields, request)
        )
        return Response(session_json(session), 201)


DRIVEN: Final = {"leaf_id", "model", "agent_id", "tools"}


class SessionView(APIView):
    @extend_schema(responses=serializers.SessionOut)
    def get(self, request: Request, session_id: UUID) -> Response:
        return Response(session_json(session_for(request.user, session_id)))

    @extend_schema(request=serializers.SessionChanges, responses=serializers.SessionOut)
    def patch(self, request: Request, session_id: UUID) -> Response:
        """Who drives may choose the branch and who answers; the rest is the owner's."""
        changes = serializers.checked(serializers.SessionChanges, request)
        may = session_to_drive if changes and changes.keys() <= DRIVEN else session_to_own
        session = may(request.user, session_id)
        return Response(session_json(session_update(session=session, **changes)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, session_id: UUID) -> Response:
        session_delete(session=session_to_own(request.user, session_id))
        return Response(status=204)


class MessagesView(APIView):
    @extend_schema(responses=serializers.SentOut)
    def get(self, request: Request, session_id: UUID) -> Response:
        rows = shown_messages(session_for(request.user, session_id))
        return _paged(self, request, OldestFirst, rows, message_json)

    @extend_schema(request=serializers.SendFields, responses={201: serializers.SentOut})
    def post(self, request: Request, session_id: UUID) -> Response:
        fields = {**dict(request.data), "type": "message.send", "session_id": str(session_id)}
        command = command_from(SendMessage, fields)
        sent = send(request.user, command)
        return Response(sent.as_json(), 201 if sent.created else 200)


class RunView(APIView):
    @extend_schema(responses=serializers.RunOut)
    def get(self, request: Request, run_id: UUID) -> Response:
        run = run_for(request.user, run_id)
        return Response({**run_json(run), "budgets": budgets_of(run)})


class RunMessageView(APIView):
    """What the run wrote; the one way to what an agent wrote for another run."""

    @extend_schema(responses={200: dict[str, Any]})
    def get(self, request: Request, run_id: UUID) -> Response:
        return Response(message_json(message_for(request.user, run_for(request.user, run_id).message_id)))


class RunCancelView(APIView):
    @extend_schema(request=None, responses=serializers.RunOut)
    def post(self, request: Request, run_id: UUID) -> Response:
        return Response(cancel(request.user, CancelRun(run_id=str(run_id)))["run"])


class ModelsView(APIView):
    @extend_schema(responses={200: dict[str, Any]})
    def get(self, request: Request) -> Response:
        return Response({"results": models_for(request.user)})


class TicketView(APIView):
    scopes = {"*": ("read",)}

    @extend_schema(request=None, responses={201: dict[str, str]})
    def post(self, request: Request) -> Response:
        return Response({"ticket": ticket_for(request.user)}, 201)
