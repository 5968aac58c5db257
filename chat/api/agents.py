"""REST: agents. Who is signed in reads them; operators set them up."""

from typing import Any, cast

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.agents.fields import AgentFields, agent_save
from chat.api.permissions import ReadsOrOperates
from chat.errors import NotFound
from chat.models import Agent, Permit
from chat.rights import may_use


class AgentsView(APIView):
    permission_classes = [ReadsOrOperates]
    table = "agent"

    @extend_schema(responses=AgentFields(many=True))
    def get(self, request: Request) -> Response:
        return Response({"results": AgentFields(_usable(request), many=True).data})

    @extend_schema(request=AgentFields, responses={201: AgentFields})
    def post(self, request: Request) -> Response:
        agent, _ = agent_save(cast(dict[str, Any], request.data))
        return Response(AgentFields(agent).data, 201)


def _usable(request: Request) -> list[Agent]:
    rows = Agent.objects.all()
    return [row for row in rows if may_use(request.user.pk, Permit.Kind.AGENT, row.name)]


class AgentView(APIView):
    permission_classes = [ReadsOrOperates]
    table = "agent"

    @extend_schema(responses=AgentFields)
    def get(self, request: Request, name: str) -> Response:
        agent = get_object_or_404(Agent, name=name)
        if not may_use(request.user.pk, Permit.Kind.AGENT, name):
            raise NotFound
        return Response(AgentFields(agent).data)

    @extend_schema(request=AgentFields(partial=True), responses=AgentFields)
    def patch(self, request: Request, name: str) -> Response:
        there = get_object_or_404(Agent, name=name)
        agent, _ = agent_save(cast(dict[str, Any], request.data), there.name)
        return Response(AgentFields(agent).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, name: str) -> Response:
        get_object_or_404(Agent, name=name).delete()
        return Response(status=204)
