"""Providers in the words of the streaming guide: `POST /api/streaming/providers/register` and the list."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from providers.api.permissions import Operates
from providers.api.views import body_of
from providers.catalogue import is_set_up
from providers.models import Provider
from providers.presets import PRESETS
from providers.registration import provider_save

_OWN_NAMES: Final = {"provider_id": "id", "provider_type": "kind"}
_GUIDES: Final = {name: word for word, name in _OWN_NAMES.items()}


class Registration(serializers.Serializer[Any]):
    """Further fields are those of `POST /api/providers/`."""

    provider_id = serializers.CharField(max_length=64)
    provider_type = serializers.CharField(max_length=64, help_text="a kind, or the name of a preset")
    model_name = serializers.CharField(max_length=200, required=False)
    api_key = serializers.CharField(required=False, allow_blank=True)
    base_url = serializers.CharField(required=False, allow_blank=True)


class RegisterView(APIView):
    """Registers a provider, or changes the one of this id: 201 for a new one, 200 for a known one."""

    permission_classes = [Operates]
    table = "provider"

    @extend_schema(request=Registration, responses={201: dict[str, Any], 200: dict[str, Any]})
    def post(self, request: Request) -> Response:
        form = Registration(data=request.data)
        form.is_valid(raise_exception=True)
        fields = _own_fields({**body_of(request), **form.validated_data})
        try:
            provider, created = provider_save(fields, fields["id"])
        except serializers.ValidationError as error:
            raise serializers.ValidationError(_in_guides_words(error.detail)) from error
        return Response({**streaming_json(provider), "created": created}, 201 if created else 200)


class StreamingProvidersView(APIView):
    """The providers that can be asked; for everybody who is signed in, so without addresses and keys."""

    @extend_schema(responses=dict[str, Any])
    def get(self, request: Request) -> Response:
        rows = Provider.objects.filter(enabled=True).prefetch_related("models")
        return Response({"providers": [streaming_json(row) for row in rows if is_set_up(row)]})


def streaming_json(provider: Provider) -> dict[str, Any]:
    names = [model.name for model in provider.models.all() if model.enabled]
    return {
        "provider_id": provider.pk,
        "provider_type": provider.kind,
        "model_name": names[0] if names else "",
        "models": names,
        "label": str(provider),
    }


def _own_fields(fields: dict[str, Any]) -> dict[str, Any]:
    own = {_OWN_NAMES.get(name, name): value for name, value in fields.items() if name != "model_name"}
    if own["kind"] in PRESETS:
        own["preset"] = own.pop("kind")
    if fields.get("model_name"):
        own["models"] = [*own.get("models", []), fields["model_name"]]
    return own


def _in_guides_words(detail: Any) -> Any:
    return {_GUIDES.get(name, name): value for name, value in detail.items()}
