"""Fields of the REST API: checked on the way in, described for OpenAPI on the way out.

The JSON on the way out is made by `chat.wire`, as for every door.
"""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from chat.actions.tool_choice import checked_tools
from chat.agents.catalogue import agent_or_invalid
from chat.errors import Invalid
from chat.models import ChatSession


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know: a misspelt one would be lost without a word."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields)
        if unknown:
            raise Invalid("There is no such field.", code="unknown_field", field=min(unknown))
        return super().to_internal_value(data)


def checked(fields: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """The body's fields. Raises ValidationError and Invalid."""
    serializer = fields(data=request.data)
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


class SessionFields(StrictSerializer):
    title = serializers.CharField(max_length=200, allow_blank=True, required=False)
    system_prompt = serializers.CharField(max_length=100_000, allow_blank=True, required=False)
    model = serializers.CharField(max_length=200, allow_blank=True, required=False)
    agent = serializers.CharField(
        source="agent_id", max_length=64, allow_blank=True, required=False, help_text="who answers"
    )
    metadata = serializers.DictField(required=False)
    tools = serializers.ListField(
        child=serializers.CharField(max_length=64),
        required=False,
        allow_null=True,
        help_text="names of the server's tools; null for the operator's choice",
    )

    memory = serializers.BooleanField(
        required=False, help_text="may answers here use what is remembered, and what is said be remembered"
    )
    history_tokens = serializers.IntegerField(
        min_value=100,
        max_value=100_000_000,
        required=False,
        allow_null=True,
        help_text="tokens that a request holds at most; null for as many as the model reads",
    )

    def validate_agent(self, value: str) -> str:
        return agent_or_invalid(value).name if value else ""

    def validate_tools(self, value: list[str] | None) -> list[str] | None:
        return None if value is None else checked_tools(value)


class SessionChanges(SessionFields):
    leaf_id = serializers.UUIDField(required=False, help_text="the branch to stand at")
    archived = serializers.BooleanField(required=False)
    pinned = serializers.BooleanField(required=False)
    folder = serializers.CharField(
        max_length=80,
        allow_blank=True,
        required=False,
        help_text="where the owner's list has it; empty: none",
    )


class SendFields(serializers.Serializer[Any]):
    client_id = serializers.CharField(max_length=100)
    text = serializers.CharField(required=False)
    parts = serializers.ListField(child=serializers.DictField(), required=False)
    parent_id = serializers.UUIDField(required=False)
    provider = serializers.CharField(required=False)
    model = serializers.CharField(required=False, help_text="provider/model, a route or an agent")
    agent = serializers.CharField(required=False, help_text="who answers")
    options = serializers.DictField(required=False)
    targets = serializers.ListField(
        child=serializers.DictField(),
        min_length=2,
        max_length=4,
        required=False,
        help_text="who answers side by side: {provider?, model?, agent?, options?} each",
    )
    tools = serializers.ListField(required=False, help_text="names, and definitions of the caller's own")
    tool_choice = serializers.CharField(required=False, help_text="auto, none, required or a tool's name")
    pace = serializers.JSONField(
        required=False, help_text="standard, buffered, chunked or priority, or {name, settings}"
    )


class SessionOut(serializers.ModelSerializer[ChatSession]):
    leaf_id = serializers.UUIDField(allow_null=True)
    owner = serializers.DictField()
    agent = serializers.CharField(source="agent_id")
    archived = serializers.BooleanField()
    pinned = serializers.BooleanField()

    class Meta:
        model = ChatSession
        fields = (
            "id",
            "title",
            "system_prompt",
            "model",
            "agent",
            "owner",
            "leaf_id",
            "metadata",
            "tools",
            "memory",
            "history_tokens",
            "archived",
            "pinned",
            "folder",
            "created_at",
            "updated_at",
        )


class SentOut(serializers.Serializer[Any]):
    session_id = serializers.UUIDField()
    message = serializers.DictField()
    runs = serializers.ListField(child=serializers.DictField())


class RunOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    session_id = serializers.UUIDField()
    message_id = serializers.UUIDField()
    status = serializers.CharField()
    attempt = serializers.IntegerField()
    provider = serializers.CharField()
    model = serializers.CharField()
    agent = serializers.CharField(allow_blank=True)
    parent_id = serializers.UUIDField(allow_null=True, help_text="the run that it works for")
    stage = serializers.CharField(allow_blank=True, help_text="of that run's workflow, or its call")
    kind = serializers.CharField(allow_blank=True, help_text="title, summary or memory; empty for an answer")
    context = serializers.DictField(  # type: ignore[assignment]  # a field of the answer, not DRF's own
        allow_null=True, help_text="what was left out, recalled or repeated"
    )
    usage = serializers.DictField(allow_null=True)
    cost = serializers.CharField(allow_null=True, help_text="with that of its agents")
    agents_spent = serializers.DictField(allow_null=True, help_text="runs, tokens and cost of its agents")
    price = serializers.DictField(allow_null=True, help_text="US dollars per million tokens")
    timings = serializers.DictField(allow_null=True)
    error = serializers.DictField(allow_null=True)
    budgets = serializers.ListField(child=serializers.DictField(), help_text="what is left of them now")
