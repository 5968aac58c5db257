"""REST: who the caller is, and what others call them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.accounts.names import LONGEST
from chat.accounts.roles import role_of
from chat.actions.profiles import profile_update
from chat.api.serializers import StrictSerializer, checked
from chat.wire import person_json


class ProfileFields(StrictSerializer):
    name = serializers.CharField(max_length=LONGEST, allow_blank=True, help_text="empty: the username")


class MeOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField(help_text="what others see")
    username = serializers.CharField()
    role = serializers.CharField()


class MeView(APIView):
    scopes = {"PATCH": ("admin",)}

    @extend_schema(responses=MeOut)
    def get(self, request: Request) -> Response:
        return Response(_me(request.user))

    @extend_schema(request=ProfileFields, responses=MeOut)
    def patch(self, request: Request) -> Response:
        profile_update(user=request.user, **checked(ProfileFields, request))
        return Response(_me(request.user))


def _me(user: Any) -> dict[str, Any]:
    return {**person_json(user), "username": user.get_username(), "role": role_of(user)}
