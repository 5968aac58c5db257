"""REST: the tools that there are, and the calls of a run."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.access import run_for
from chat.api.serializers import StrictSerializer
from chat.commands import DecideTool, command_from
from chat.errors import NotFound
from chat.performing import decide
from chat.rights import permitted_tools, tools_for
from chat.tools.contract import ServerTool
from chat.tools.wishes import stricter, wish_set


class ToolOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    description = serializers.CharField()
    parameters = serializers.DictField(help_text="a JSON schema")
    server = serializers.CharField(help_text="of an MCP server, empty for the tools that are built in")
    policy = serializers.ChoiceField(["always", "ask"])
    by_default = serializers.BooleanField(help_text="on in chats where nobody chose the tools")
    side_effects = serializers.BooleanField()


class WishFields(StrictSerializer):
    policy = serializers.ChoiceField(["always", "ask", "never"])


class WishOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    policy = serializers.ChoiceField(["always", "ask", "never"], help_text="what holds: the stricter one")


class DecisionFields(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(["approve", "reject"])
    arguments = serializers.DictField(required=False, help_text="to be run instead of the model's")


class ToolsView(APIView):
    """Those that the caller may use. A message chooses among them with `tools`, a list of names."""

    @extend_schema(responses=ToolOut(many=True))
    def get(self, request: Request) -> Response:
        return Response({"results": [_shown(tool) for tool in tools_for(request.user.pk)]})


class ToolView(APIView):
    """One's own wish: `ask` or `never` where the operator allows more, `always` for what the operator set."""

    @extend_schema(request=WishFields, responses=WishOut)
    def patch(self, request: Request, name: str) -> Response:
        given = WishFields(data=request.data)
        given.is_valid(raise_exception=True)
        tool = next((one for one in permitted_tools(request.user.pk) if one.name == name), None)
        if tool is None:
            raise NotFound
        wish = given.validated_data["policy"]
        wish_set(user_id=request.user.pk, tool=name, policy=wish)
        return Response({"name": name, "policy": stricter(tool.policy, wish)})


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
