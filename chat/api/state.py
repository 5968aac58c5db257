"""REST: what programs keep with a session, under a version."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.access import session_for, session_to_drive
from chat.actions.state import LONGEST_TTL, state_change, state_read, state_replace
from chat.api.serializers import StrictSerializer, checked


class StateFields(StrictSerializer):
    session_data = serializers.DictField()
    version = serializers.IntegerField(min_value=0, help_text="that this is a change of; else 409")


class StateChanges(StrictSerializer):
    set = serializers.DictField(default=dict)
    remove = serializers.ListField(child=serializers.CharField(max_length=1000), default=list)
    ttl = serializers.FloatField(
        required=False,
        min_value=0.001,
        max_value=LONGEST_TTL,
        help_text="seconds that the keys of `set` live",
    )
    version = serializers.IntegerField(min_value=0, required=False, help_text="none: whatever it is by now")


class StateOut(serializers.Serializer[Any]):
    session_data = serializers.DictField()
    version = serializers.IntegerField()
    expires = serializers.DictField(help_text="Unix times of transient keys")


class StateView(APIView):
    @extend_schema(responses=StateOut)
    def get(self, request: Request, session_id: UUID) -> Response:
        return Response(state_read(session_for(request.user, session_id)).as_json())

    @extend_schema(request=StateFields, responses=StateOut)
    def put(self, request: Request, session_id: UUID) -> Response:
        session = session_to_drive(request.user, session_id)
        fields = checked(StateFields, request)
        written = state_replace(session=session, data=fields["session_data"], version=fields["version"])
        return Response(written.as_json())

    @extend_schema(request=StateChanges, responses=StateOut)
    def patch(self, request: Request, session_id: UUID) -> Response:
        session = session_to_drive(request.user, session_id)
        fields = checked(StateChanges, request)
        written = state_change(
            session=session,
            changes=fields["set"],
            removed=fields["remove"],
            ttl=fields.get("ttl"),
            version=fields.get("version"),
        )
        return Response(written.as_json())
