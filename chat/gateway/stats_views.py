"""How the guide's and the agent's doors do: `/api/streaming/stats`, `/stats` and `/reset-stats`."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase

from chat.access import Person
from chat.actions.tallies import tally_of, tally_reset
from chat.db import in_database
from chat.gateway import agent_views, guide_request
from chat.gateway.edge import OWN, any_caller, any_operator, door, json_response
from chat.guard import Caller
from providers.health import health_of
from providers.models import Provider
from providers.survey import survey


@door(OWN, "GET", admit=any_operator, scope="admin")
async def guide_stats(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    """Of the whole server, for operators."""
    return json_response(await in_database(_guide_stats))


@door(OWN, "GET", admit=any_caller)
async def agent_stats(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    """Staff see the server, others what is theirs."""
    return json_response(await in_database(_agent_stats, caller.user))


@door(OWN, "POST", admit=any_operator, scope="admin")
async def reset_agent_stats(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    await in_database(lambda: tally_reset(door=agent_views.DOOR))
    return json_response({"message": "The statistics were reset."})


def _guide_stats() -> dict[str, Any]:
    seen = survey()
    healths = (health_of(provider, seen) for provider in Provider.objects.all())
    return {
        "providers": {health["provider"]: _health(health) for health in healths},
        "streaming": {"active_sessions": seen.gauges["answer"]},
        "websocket": {
            "active_connections": seen.gauges["socket"],
            "connections": seen.gauges["connections"],
        },
        **tally_of(door=guide_request.DOOR, user=None),
    }


def _health(health: dict[str, Any]) -> dict[str, Any]:
    """Of the last minutes: what passed through any door."""
    milliseconds = health["average_ms"]
    return {
        "healthy": health["enabled"]
        and health["breaker"] != "open"
        and health["check"]["status"] != "failed",
        "check": health["check"]["status"],
        "breaker": health["breaker"],
        "window_seconds": health["window_seconds"],
        "total_requests": health["requests"],
        "error_rate": health["error_rate"],
        "avg_response_time": None if milliseconds is None else milliseconds / 1000,
    }


def _agent_stats(user: Person) -> dict[str, Any]:
    whole = user.is_staff
    scope = "server" if whole else "own"
    return {"scope": scope, **tally_of(door=agent_views.DOOR, user=None if whole else user)}
