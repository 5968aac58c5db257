"""What an agent's settings may say. The messages are for the admin's forms, the API and files alike."""

from typing import Any, Final

import msgspec
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from chat.actions.tool_choice import checked_tools
from chat.agents.problems import circle_through, problem_with
from chat.agents.stages import MOST_AGENTS, stages_from
from chat.errors import Invalid
from chat.models import Agent
from chat.pacing.wishes import PaceWish, checked_pace
from providers.catalogue import resolve
from providers.errors import ProviderError
from providers.models import ProviderModel, Route

CIRCLE: Final = "agent_circle"


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
    """None, or stages of agents that are there and have neither stages nor a team of their own."""
    try:
        stages = stages_from(told)
    except msgspec.ValidationError as error:
        raise ValidationError(str(error)) from None
    if problem := problem_with(stages, _is_usable):
        raise ValidationError(problem)


def check_team(team: Any) -> None:
    """None, or names of agents that are there and have no team of their own."""
    if team is None:
        return
    if not isinstance(team, list) or not all(isinstance(name, str) for name in team):
        raise ValidationError(_("A team is a list of agents' names."))
    if len(set(team)) < len(team) or len(team) > MOST_AGENTS:
        raise ValidationError(_("A team has %d agents at most, each once.") % MOST_AGENTS)
    members = {agent.name: agent for agent in Agent.objects.filter(name__in=team)}
    for name in team:
        if name not in members or members[name].team:
            raise ValidationError(
                _("There is no agent called %s without a team of its own.") % repr(name[:80])
            )


def check_circle(name: str, stages: Any, team: Any, *, instead_of: str = "") -> None:
    """An agent cannot work for itself, through others neither. What is wrong with the form of its fields is
    for the other checks. Raises ValidationError for the field that begins the circle."""
    own = {"stages": _staged(stages), "team": _teamed(team)}
    rows = Agent.objects.exclude(name=instead_of).values_list("name", "stages", "team")
    named = {other: (*_staged(there), *_teamed(its)) for other, there, its in rows}
    for field, members in own.items():
        circle = circle_through(name, {**named, name: members})
        if circle:
            told = _("It would work for itself: %s.") % " → ".join(circle)
            raise ValidationError({field: ValidationError(told, code=CIRCLE)})


def _staged(told: Any) -> tuple[str, ...]:
    try:
        return tuple(agent for stage in stages_from(told) for agent in stage.agents)
    except msgspec.ValidationError:
        return ()


def _teamed(told: Any) -> tuple[str, ...]:
    return tuple(name for name in told if isinstance(name, str)) if isinstance(told, list) else ()


def check_pace(pace: Any) -> None:
    """None, a name, or an object with name and settings."""
    try:
        if pace is not None:
            checked_pace(msgspec.convert(pace, PaceWish | str))
    except msgspec.ValidationError as error:
        raise ValidationError(str(error)) from None
    except Invalid as error:
        raise ValidationError(error.message) from error


def _is_usable(name: str) -> bool:
    agent = Agent.objects.filter(name=name).first()
    return agent is not None and not agent.stages and not agent.team


CHECKS = {
    "name": check_name,
    "model": check_model,
    "tools": check_tools,
    "options": check_options,
    "output_schema": check_schema,
    "stages": check_stages,
    "team": check_team,
    "pace": check_pace,
}
