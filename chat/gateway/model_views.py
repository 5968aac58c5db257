"""`GET /v1/models` and `GET /v1/models/{id}`, in the words of whoever asks: Anthropic's clients say a
version.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from chat.access import Person
from chat.agents.catalogue import agent_named
from chat.db import in_database
from chat.errors import NotFound
from chat.gateway.edge import ANTHROPIC, OPENAI, Shape, View, door, json_response
from chat.guard import Caller
from chat.middleware import METHODS
from chat.models import Permit
from chat.rights import may_use, model_for, models_for

EPOCH = "1970-01-01T00:00:00Z"  # nobody tells when a model was made


def _for_both(*methods: str) -> Callable[[View], View]:
    """The same view behind both doors' edges."""

    def decorate(view: View) -> View:
        doors: dict[Shape, View] = {shape: door(shape, *methods)(view) for shape in (OPENAI, ANTHROPIC)}

        @csrf_exempt
        async def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return await doors[_shape(request)](request, *args, **kwargs)

        return answer

    return decorate


@_for_both(*METHODS)
async def nowhere(request: HttpRequest, caller: Caller, name: str) -> HttpResponseBase:
    """What these doors do not have, in the words of whoever asks."""
    raise NotFound(f"There is nothing at /v1/{name}.", code="unknown_path")


@_for_both("GET")
async def models(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    listed = await in_database(models_for, caller.user)
    shown = [_shown(request, model["id"], model["label"], model["provider"]) for model in listed]
    if _shape(request) is OPENAI:
        return json_response({"object": "list", "data": shown})
    ends = {"first_id": shown[0]["id"], "last_id": shown[-1]["id"]} if shown else {}
    return json_response({"data": shown, "has_more": False, "first_id": None, "last_id": None, **ends})


@_for_both("GET")
async def model(request: HttpRequest, caller: Caller, name: str) -> HttpResponseBase:
    label, provider = await in_database(_found, caller.user, name)
    return json_response(_shown(request, name, label, provider))


def _found(person: Person, name: str) -> tuple[str, str]:
    """Label and provider. Raises UnknownProvider."""
    agent = agent_named(name)
    if agent and may_use(person.pk, Permit.Kind.AGENT, name):
        return str(agent), ""
    provider, model = model_for(person, name)
    return model, provider.id


def _shape(request: HttpRequest) -> Shape:
    return ANTHROPIC if "anthropic-version" in request.headers else OPENAI


def _shown(request: HttpRequest, id_: str, label: str, provider: str) -> dict[str, Any]:
    if _shape(request) is OPENAI:
        return {"id": id_, "object": "model", "created": 0, "owned_by": provider}
    return {"type": "model", "id": id_, "display_name": label, "created_at": EPOCH}
