"""REST for operators: providers, their tests and their models, and routes."""

from typing import Any, Final, cast

from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from providers.api.permissions import Operates
from providers.briefly import forget
from providers.checking import check_provider, checked_json, models_add
from providers.health import health_of
from providers.models import Provider, Route
from providers.registration import provider_save, route_save
from providers.serializers import (
    MAX_MODELS,
    ModelFields,
    ProviderFields,
    RouteFields,
    StrictSerializer,
    models_save,
)

_ANY: Final = {200: dict[str, Any]}


def body_of(request: Request) -> dict[str, Any]:
    """The parser lets JSON objects through and nothing else."""
    return cast(dict[str, Any], request.data)


class ModelsToAdd(StrictSerializer):
    """Models to list or to change; without any, all that the provider offers are listed."""

    models = ModelFields(many=True, required=False, max_length=MAX_MODELS)  # type: ignore[call-arg]


class ProviderView(APIView):
    """What the views of one provider share."""

    permission_classes = [Operates]
    table = "provider"

    def provider(self, provider_id: str) -> Provider:
        return get_object_or_404(Provider, pk=provider_id)


class ProvidersView(ProviderView):
    @extend_schema(responses=ProviderFields(many=True))
    def get(self, request: Request) -> Response:
        rows = Provider.objects.prefetch_related("models")
        return Response({"results": ProviderFields(rows, many=True).data})

    @extend_schema(request=ProviderFields, responses={201: ProviderFields})
    def post(self, request: Request) -> Response:
        provider, _ = provider_save(body_of(request))
        return Response(ProviderFields(provider).data, 201)


class OneProviderView(ProviderView):
    @extend_schema(responses=ProviderFields)
    def get(self, request: Request, provider_id: str) -> Response:
        return Response(ProviderFields(self.provider(provider_id)).data)

    @extend_schema(request=ProviderFields(partial=True), responses=ProviderFields)
    def patch(self, request: Request, provider_id: str) -> Response:
        provider, _ = provider_save(body_of(request), self.provider(provider_id).pk)
        return Response(ProviderFields(provider).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, provider_id: str) -> Response:
        self.provider(provider_id).delete()
        return Response(status=204)


class CheckView(ProviderView):
    """Tests the connection now; a provider that does not answer is an answer too."""

    @extend_schema(request=None, responses=_ANY)
    def post(self, request: Request, provider_id: str) -> Response:
        return Response(checked_json(self.provider(provider_id)))


class HealthView(ProviderView):
    @extend_schema(responses=_ANY)
    def get(self, request: Request, provider_id: str) -> Response:
        return Response(health_of(self.provider(provider_id)))


class ProviderModelsView(ProviderView):
    @extend_schema(responses=ModelFields(many=True))
    def get(self, request: Request, provider_id: str) -> Response:
        return Response({"results": ModelFields(self.provider(provider_id).models, many=True).data})

    @extend_schema(request=ModelsToAdd, responses={201: ModelFields(many=True)})
    def post(self, request: Request, provider_id: str) -> Response:
        provider = self.provider(provider_id)
        form = ModelsToAdd(data=request.data)
        form.is_valid(raise_exception=True)
        if "models" in form.validated_data:
            with transaction.atomic():
                models_save(provider, form.validated_data["models"])
            forget()
        else:
            models_add(provider, check_provider(provider))
        return Response({"results": ModelFields(provider.models.all(), many=True).data}, 201)


class ProviderModelView(ProviderView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, provider_id: str, name: str) -> Response:
        get_object_or_404(self.provider(provider_id).models, name=name).delete()
        return Response(status=204)


class RoutesView(APIView):
    permission_classes = [Operates]
    table = "route"

    @extend_schema(responses=RouteFields(many=True))
    def get(self, request: Request) -> Response:
        rows = Route.objects.prefetch_related("targets")
        return Response({"results": RouteFields(rows, many=True).data})

    @extend_schema(request=RouteFields, responses={201: RouteFields})
    def post(self, request: Request) -> Response:
        return Response(RouteFields(route_save(body_of(request))).data, 201)


class RouteView(APIView):
    permission_classes = [Operates]
    table = "route"

    @extend_schema(responses=RouteFields)
    def get(self, request: Request, name: str) -> Response:
        return Response(RouteFields(get_object_or_404(Route, name=name)).data)

    @extend_schema(request=RouteFields(partial=True), responses=RouteFields)
    def patch(self, request: Request, name: str) -> Response:
        route = route_save(body_of(request), get_object_or_404(Route, name=name))
        return Response(RouteFields(route).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, name: str) -> Response:
        get_object_or_404(Route, name=name).delete()
        return Response(status=204)
