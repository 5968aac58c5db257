"""REST: what people say of messages to each other."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.access import comment_to_remove, comments_of, session_for, session_to_comment
from chat.actions.comments import LONGEST, comment_add, comment_remove
from chat.api.serializers import StrictSerializer, checked
from chat.wire import comment_json


class CommentFields(StrictSerializer):
    client_id = serializers.CharField(max_length=100)
    text = serializers.CharField(max_length=LONGEST, trim_whitespace=False)
    message_id = serializers.UUIDField(required=False, help_text="without it the last message")


class PersonOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()


class CommentOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    session_id = serializers.UUIDField()
    message_id = serializers.UUIDField()
    author = PersonOut(allow_null=True)
    name = serializers.CharField(help_text="of an author who has no account here")
    text = serializers.CharField()
    created_at = serializers.DateTimeField()


class CommentsView(APIView):
    @extend_schema(responses=CommentOut(many=True))
    def get(self, request: Request, session_id: UUID) -> Response:
        session = session_for(request.user, session_id)
        return Response({"results": [comment_json(row) for row in comments_of(session)]})

    @extend_schema(request=CommentFields, responses={201: CommentOut, 200: CommentOut})
    def post(self, request: Request, session_id: UUID) -> Response:
        session = session_to_comment(request.user, session_id)
        fields = {"message_id": None, **checked(CommentFields, request)}
        comment, is_new = comment_add(user=request.user, session=session, **fields)
        return Response(comment_json(comment), 201 if is_new else 200)


class CommentView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, session_id: UUID, comment_id: UUID) -> Response:
        comment_remove(comment=comment_to_remove(request.user, session_id, comment_id))
        return Response(status=204)
