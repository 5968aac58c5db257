"""The AsyncAPI 3 document of the WebSockets, the native one and the streaming guide's, made from the types
that read and write them.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from collections.abc import Iterable
from typing import Any, Final, get_args

import msgspec
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import events as session_events
from chat.actions.feedback import GivenFeedback
from chat.commands import AnyCommand
from chat.consumers import PROTOCOL
from chat.gateway.guide_request import GuideBody
from providers.events import RunEvent

SESSION_EVENTS: Final = (
    session_events.MessageAdded,
    session_events.MessageUpdated,
    session_events.RunAdded,
    session_events.RunUpdated,
    session_events.SessionUpdated,
    session_events.MemberAdded,
    session_events.MemberRemoved,
    session_events.CommentAdded,
    session_events.CommentRemoved,
    session_events.State,
)

# What is around every event: docs/protocol.md.
ENVELOPE: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["stream", "seq", "session_id", "ts"],
    "properties": {
        "stream": {"type": "string", "description": "`session:<id>` or `run:<id>`"},
        "seq": {"type": "integer", "minimum": 1, "description": "1, 2, 3 … in each stream"},
        "session_id": {"type": "string", "format": "uuid"},
        "run_id": {"type": "string", "format": "uuid", "description": "in the streams of runs"},
        "message_id": {"type": "string", "format": "uuid", "description": "in the streams of runs"},
        "agent": {"type": "string", "description": "who answers, where it is an agent"},
        "ts": {"type": "integer", "description": "Unix time in milliseconds"},
    },
}
_ERROR: Final = {
    "type": "object",
    "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "field": {"type": "string"}},
    "required": ["code", "message"],
}
# What the server says that is in no stream.
FRAMES: Final[dict[str, dict[str, Any]]] = {
    "reply": {"id": {}, "ok": {"type": "boolean"}, "error": _ERROR},
    "snapshot": {
        "session_id": {"type": "string"},
        "session": {"type": "object"},
        "messages": {"type": "array", "items": {"type": "object"}},
        "runs": {"type": "array", "items": {"type": "object"}},
        "members": {"type": "array", "items": {"type": "object"}},
        "comments": {"type": "array", "items": {"type": "object"}},
        "state": {"type": "object"},
        "position": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
        "more": {"type": "boolean"},
        "newest_first": {"type": "boolean", "description": "in the first frame, where asked for"},
    },
    "presence": {
        "session_id": {"type": "string"},
        "people": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "name": {"type": "string"},
                    "typing": {"type": "boolean"},
                },
            },
        },
    },
    "unsubscribed": {"session_id": {"type": "string"}, "error": _ERROR},
    "pong": {"id": {}, "ts": {"type": "integer"}},
    "goaway": {"reason": {"type": "string"}},
}
_TEXT: Final = {"type": "string"}
# The `data` of the streaming guide's frames: what is heard, and what is said.
GUIDE_HEARD: Final[dict[str, dict[str, Any]]] = {
    "chat_request": {"$ref": "#/components/schemas/GuideBody"},
    "feedback": {"$ref": "#/components/schemas/GivenFeedback"},
    "cancel": {"type": "object"},
    "ping": {"type": "object"},
}
GUIDE_SAID: Final[dict[str, dict[str, Any]]] = {
    "stream_event": {
        "type": "object",
        "properties": {
            "event_type": _TEXT,
            "event_data": {"type": "object"},
            "session_id": _TEXT,
            "source": {**_TEXT, "description": "who answers, where several do"},
        },
        "required": ["event_type", "event_data"],
    },
    "cancelled": {"type": "object", "properties": {"cancelled": {"type": "boolean"}}},
    "pong": {"type": "object", "properties": {"timestamp": {"type": "integer"}}},
    "feedback_received": {"type": "object", "properties": {"id": {**_TEXT, "format": "uuid"}}},
    "goaway": {"type": "object", "properties": {"reason": _TEXT}},
    "error": _ERROR,
}


class AsyncAPIView(APIView):
    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(document())


def document() -> dict[str, Any]:
    commands = get_args(AnyCommand)
    events = (*get_args(RunEvent), *SESSION_EVENTS)
    described = (*commands, *events, GuideBody, GivenFeedback)
    _, types = msgspec.json.schema_components(described, ref_template="#/components/schemas/{name}")
    said = {kind: _frame(kind, fields) for kind, fields in FRAMES.items()}
    heard = {_tag(command): _schema(command) for command in commands}
    logged = {_tag(event): {"allOf": [_ref("schemas", "Envelope"), _schema(event)]} for event in events}
    asked = {f"guide-{kind}": _guide_frame(kind, data) for kind, data in GUIDE_HEARD.items()}
    told = {f"guide-{kind}": _guide_frame(kind, data) for kind, data in GUIDE_SAID.items()}
    payloads = heard | said | logged | asked | told
    native, guide = (*heard, *said, *logged), (*asked, *told)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Parley", "version": "1", "description": "docs/protocol.md and docs/doors.md"},
        "channels": {
            "socket": _channel("/ws/chat/", f"The subprotocol {PROTOCOL} may be offered.", native),
            "guide": {
                **_channel("/api/streaming/ws/{user}", "The streaming guide's.", guide),
                "parameters": {"user": {"description": "the caller's id or name"}},
            },
        },
        "operations": {
            "hear": _operation("receive", "socket", heard),
            "say": _operation("send", "socket", said | logged),
            "hearGuide": _operation("receive", "guide", asked),
            "sayGuide": _operation("send", "guide", told),
        },
        "components": {
            "schemas": types | {"Envelope": ENVELOPE},
            "messages": {name: {"name": name, "payload": schema} for name, schema in payloads.items()},
        },
    }


def _channel(address: str, about: str, messages: Iterable[str]) -> dict[str, Any]:
    return {
        "address": address,
        "description": f"JSON text frames. {about}",
        "messages": {name: _ref("messages", name) for name in messages},
    }


def _operation(action: str, channel: str, messages: Iterable[str]) -> dict[str, Any]:
    """As the server sees it: it receives commands and sends the rest."""
    named = [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages]
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "messages": named}


def _guide_frame(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    fields = {"message_type": {"const": kind}, "data": data}
    return {"type": "object", "properties": fields, "required": ["message_type"]}


def _frame(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {"type": {"const": kind}, **fields}, "required": ["type"]}


def _schema(type_: Any) -> dict[str, str]:
    return _ref("schemas", type_.__name__)


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _tag(type_: Any) -> str:
    return str(type_.__struct_config__.tag)
