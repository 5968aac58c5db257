"""REST: how long one's own sessions are kept."""

from dataclasses import asdict
from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.actions.lifetimes import lifetime_of, lifetime_set
from chat.api.serializers import StrictSerializer, checked
from chat.models import SessionEnd

_DAYS: Final[dict[str, Any]] = {"min_value": 0, "max_value": 36_500, "required": False, "allow_null": True}


class LifetimeFields(StrictSerializer):
    """null: the server's own."""

    idle_days = serializers.IntegerField(**_DAYS, help_text="without a message; 0 for ever")
    total_days = serializers.IntegerField(**_DAYS, help_text="in all; 0 for ever")
    end = serializers.ChoiceField(choices=SessionEnd.choices, required=False, allow_null=True)


class LifetimeView(APIView):
    @extend_schema(responses=LifetimeFields)
    def get(self, request: Request) -> Response:
        return Response(asdict(lifetime_of(request.user)))

    @extend_schema(request=LifetimeFields, responses=LifetimeFields)
    def patch(self, request: Request) -> Response:
        return Response(asdict(lifetime_set(user=request.user, **checked(LifetimeFields, request))))
