"""What an agent's settings may say. The messages are for the admin's forms, the API and files alike."""

from typing import Any

import msgspec
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from chat.actions.tool_choice import checked_tools
from chat.agents.stages import problem_with, stages_from
from chat.errors import Invalid
from chat.models import Agent
from providers.catalogue import resolve
from providers.errors import ProviderError
from providers.models import ProviderModel, Route


def check_name(name: str) -> None:
    """It may not take a model's or a route's name away."""
    if ProviderModel.objects.filter(name=name).exists() or Route.objects.filter(name=name).exists():
        raise ValidationError(_("A model or a route has this name. Choose another one."))


def check_model(ref: str) -> None:
    try:
        if ref:
            resolve(ref)
    except ProviderError as error:
        raise ValidationError(error.message) from error


def check_tools(tools: Any) -> None:
    """A list of names of the server's tools, or None."""
    if tools is None:
        return
    if not isinstance(tools, list) or not all(isinstance(name, str) for name in tools):
        raise ValidationError(_("Tools are a list of names."))
    try:
        checked_tools(tools)
    except Invalid as error:
        raise ValidationError(error.message) from error


def check_options(options: Any) -> None:
    if not isinstance(options, dict):
        raise ValidationError(_("Options are an object."))


def check_schema(schema: Any) -> None:
    """None, or a JSON schema."""
    if schema is None:
        return
    try:
        if not isinstance(schema, dict):
            raise SchemaError("not an object")
        Draft202012Validator.check_schema(schema)
    except (SchemaError, RecursionError):
        raise ValidationError(_("This is not a JSON schema.")) from None


def check_stages(told: Any) -> None:
    """None, or stages of agents that are there and have none of their own."""
    try:
        stages = stages_from(told)
    except msgspec.ValidationError as error:
        raise ValidationError(str(error)) from None
    if problem := problem_with(stages, _is_usable):
        raise ValidationError(problem)


def _is_usable(name: str) -> bool:
    agent = Agent.objects.filter(name=name).first()
    return agent is not None and not agent.stages


CHECKS = {
    "name": check_name,
    "model": check_model,
    "tools": check_tools,
    "options": check_options,
    "output_schema": check_schema,
    "stages": check_stages,
}
