"""The socket's commands over HTTP: the same frame in, the same reply out."""

import time
from typing import Any

import orjson
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.access import session_to_comment
from chat.commands import AnyCommand, Ping, Subscribe, Typing, Unsubscribe, decode_command
from chat.errors import Invalid
from chat.performing import perform


class CommandsView(APIView):
    """For clients that cannot open a WebSocket. A refused command is an error response, as everywhere."""

    @extend_schema(request=dict[str, Any], responses=dict[str, Any])
    def post(self, request: Request) -> Response:
        command = decode_command(orjson.dumps(request.data).decode())
        if isinstance(command, Ping):
            return Response({"type": "pong", "id": command.id, "ts": int(time.time() * 1000)})
        return Response({"type": "reply", "id": command.id, "ok": True, **_done(request, command)})


def _done(request: Request, command: AnyCommand) -> dict[str, Any]:
    match command:
        case Subscribe() | Unsubscribe():
            raise Invalid("Read the session's feed instead.", code="not_over_http", field="type")
        case Typing():
            session_to_comment(request.user, command.session_id)
            return {}
        case _:
            return perform(request.user, command)
