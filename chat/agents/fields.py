"""An agent as the API and files write it, and the one way in for both."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import transaction
from rest_framework import serializers

from chat.actions.audit import audited
from chat.agents.checks import CHECKS, CIRCLE, check_circle
from chat.models import Agent
from providers.briefly import forget
from providers.serializers import StrictSerializer


class AgentFields(StrictSerializer, serializers.ModelSerializer[Agent]):
    class Meta:
        model = Agent
        fields = (
            *("name", "label", "description", "instructions", "model", "tools", "options", "output_schema"),
            *("stages", "team", "pace", "max_steps", "timeout_seconds", "enabled", "listed"),
        )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        self._refuse_circle(attrs)
        errors: dict[str, Any] = {}
        for name in attrs.keys() & CHECKS.keys():
            try:
                CHECKS[name](attrs[name])
            except DjangoValidationError as error:
                errors[name] = list(error.messages)
        if errors:
            raise serializers.ValidationError(errors)
        return attrs

    def _refuse_circle(self, attrs: dict[str, Any]) -> None:
        there = self.instance
        said: dict[str, Any] = {
            name: attrs.get(name, getattr(there, name, None)) for name in ("name", "stages", "team")
        }
        try:
            check_circle(**said, instead_of=there.name if there else "")
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.message_dict, code=CIRCLE) from None


@audited()
def agent_save(fields: Mapping[str, Any], name: str | None = None) -> tuple[Agent, bool]:
    """The agent and whether it is new. With a name, one that is there is changed by what is given;
    without, it must be new. Raises rest_framework's ValidationError."""
    there = Agent.objects.select_for_update().filter(name=name).first() if name else None
    form = AgentFields(there, data=dict(fields), partial=there is not None)
    form.is_valid(raise_exception=True)
    saved: Agent = form.save()
    transaction.on_commit(forget)
    return saved, there is None
