"""REST: the tools that there are, and the calls of a run."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.access import run_for
from chat.commands import DecideTool, command_from
from chat.performing import decide
from chat.rights import tools_for
from chat.tools.contract import ServerTool


class ToolOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    description = serializers.CharField()
    parameters = serializers.DictField(help_text="a JSON schema")
    server = serializers.CharField(help_text="of an MCP server, empty for the tools that are built in")
    policy = serializers.ChoiceField(["always", "ask"])
    by_default = serializers.BooleanField(help_text="on in chats where nobody chose the tools")
    side_effects = serializers.BooleanField()


class DecisionFields(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(["approve", "reject"])
    arguments = serializers.DictField(required=False, help_text="to be run instead of the model's")


class ToolsView(APIView):
    """Those that the caller may use. A message chooses among them with `tools`, a list of names."""

    @extend_schema(responses=ToolOut(many=True))
    def get(self, request: Request) -> Response:
        return Response({"results": [_shown(tool) for tool in tools_for(request.user.pk)]})


class ToolCallsView(APIView):
    @extend_schema(responses={200: dict[str, Any]})
    def get(self, request: Request, run_id: UUID) -> Response:
        calls = run_for(request.user, run_id).tool_calls.all()
        return Response({"results": [call.as_json() for call in calls]})


class DecideView(APIView):
    @extend_schema(request=DecisionFields, responses={200: dict[str, Any]})
    def post(self, request: Request, run_id: UUID, tool_call_id: str) -> Response:
        place = {"type": "tool.decide", "run_id": str(run_id), "tool_call_id": tool_call_id}
        command = command_from(DecideTool, {**dict(request.data), **place})
        return Response(decide(request.user, command)["run"])


def _shown(tool: ServerTool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
        "server": tool.server,
        "policy": tool.policy,
        "by_default": tool.by_default,
        "side_effects": tool.side_effects,
    }
