"""REST: one's own prompts, for a slash and a command in the message field."""

import re
from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.access import prompt_for, prompts_for
from chat.actions.prompts import MOST, prompt_create, prompt_delete, prompt_update
from chat.api.serializers import StrictSerializer, checked
from chat.models.prompts import COMMAND_LENGTH, TEXT_LENGTH, TITLE_LENGTH

COMMAND: Final = re.compile(r"[\w-]+")  # as the page reads it: static/js/helpers/slash.js


class PromptFields(StrictSerializer):
    command = serializers.CharField(
        max_length=COMMAND_LENGTH, help_text="letters, digits, - and _, with or without its slash"
    )
    title = serializers.CharField(max_length=TITLE_LENGTH, allow_blank=True, required=False)
    text = serializers.CharField(max_length=TEXT_LENGTH, help_text="{{name}} is a place to be filled in")

    def validate_command(self, value: str) -> str:
        command = value.removeprefix("/").lower()
        if not COMMAND.fullmatch(command):
            raise serializers.ValidationError("A command has letters, digits, - and _ only.")
        return command


class PromptChanges(PromptFields):
    command = serializers.CharField(max_length=COMMAND_LENGTH, required=False)
    text = serializers.CharField(max_length=TEXT_LENGTH, required=False)


class PromptOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    command = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class PromptsOut(serializers.Serializer[Any]):
    results = PromptOut(many=True)


class PromptsView(APIView):
    @extend_schema(
        operation_id="prompts_list", responses=PromptsOut, description=f"All, by command: {MOST} at most."
    )
    def get(self, request: Request) -> Response:
        return Response({"results": PromptOut(prompts_for(request.user), many=True).data})

    @extend_schema(request=PromptFields, responses={201: PromptOut})
    def post(self, request: Request) -> Response:
        return Response(
            PromptOut(prompt_create(user=request.user, **checked(PromptFields, request))).data, 201
        )


class PromptView(APIView):
    @extend_schema(responses=PromptOut)
    def get(self, request: Request, prompt_id: UUID) -> Response:
        return Response(PromptOut(prompt_for(request.user, prompt_id)).data)

    @extend_schema(request=PromptChanges, responses=PromptOut)
    def patch(self, request: Request, prompt_id: UUID) -> Response:
        prompt = prompt_for(request.user, prompt_id)
        return Response(PromptOut(prompt_update(prompt=prompt, **checked(PromptChanges, request))).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, prompt_id: UUID) -> Response:
        prompt_delete(prompt=prompt_for(request.user, prompt_id))
        return Response(status=204)
