"""REST: who is in a session. The owner decides; everybody who is in sees who else is, and may leave."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.access import session_for, session_to_leave, session_to_own
from chat.actions.members import member_add, member_change, member_remove
from chat.api.serializers import StrictSerializer, checked
from chat.models import SessionMember
from chat.wire import member_json, person_json


class RoleFields(StrictSerializer):
    role = serializers.ChoiceField(choices=SessionMember.Role.choices)


class MemberFields(RoleFields):
    username = serializers.CharField(max_length=150)


class MemberOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    role = serializers.CharField(help_text="owner, driver, commenter or viewer")


class MembersView(APIView):
    @extend_schema(responses=MemberOut(many=True))
    def get(self, request: Request, session_id: UUID) -> Response:
        session = session_for(request.user, session_id)
        members = [member_json(row) for row in session.members.select_related("user").order_by("id")]
        return Response({"results": [{**person_json(session.owner), "role": "owner"}, *members]})

    @extend_schema(request=MemberFields, responses={201: MemberOut})
    def post(self, request: Request, session_id: UUID) -> Response:
        session = session_to_own(request.user, session_id)
        return Response(member_json(member_add(session=session, **checked(MemberFields, request))), 201)


class MemberView(APIView):
    @extend_schema(request=RoleFields, responses=MemberOut)
    def patch(self, request: Request, session_id: UUID, user_id: int) -> Response:
        session = session_to_own(request.user, session_id)
        fields = checked(RoleFields, request)
        return Response(member_json(member_change(session=session, user_id=str(user_id), **fields)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, session_id: UUID, user_id: int) -> Response:
        session = session_to_leave(request.user, session_id, user_id)
        member_remove(session=session, user_id=str(user_id))
        return Response(status=204)
