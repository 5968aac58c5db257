"""A provider and its models as the API, the files and Python programs write them: checked on the way in,
without their secrets on the way out.
"""

from collections.abc import Iterable
from copy import copy
from typing import Any, Final

from django.core.exceptions import ValidationError as DjangoValidationError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from providers.health import check_json
from providers.models import Provider, ProviderModel, Route, RouteTarget
from providers.models.routes import model_of_name
from providers.moving import refuse_moved_secrets
from providers.presets import PRESETS
from providers.registry import kinds
from providers.signals import tell_along, writing
from providers.validation import validate_api_key, validate_headers, validate_proxy_login

MAX_MODELS: Final = 2_000  # of one request; the largest vendors list some hundreds
MAX_TARGETS: Final = 50  # of one route
PRESET_KIND: Final = "openai-compatible"
MAX_DEPTH: Final = 20  # of a body; the deepest that means something has five levels


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know or does not take: a misspelt one would be lost without a word."""

    def to_internal_value(self, data: Any) -> Any:
        if _deeper(data, MAX_DEPTH):
            raise serializers.ValidationError({"": "The body is nested too deeply."})
        if isinstance(data, dict):
            unknown = set(data) - {name for name, field in self.fields.items() if not field.read_only}
            if unknown:
                raise serializers.ValidationError(
                    {min(unknown): "There is no such field."}, code="unknown_field"
                )
        return super().to_internal_value(data)


def _deeper(value: Any, depth: int) -> bool:
    """JSON libraries raise at some thousand levels, each at its own."""
    level = [value]
    for _ in range(depth):
        level = [child for item in level for child in _children(item)]
    return bool(level)


def _children(item: Any) -> Iterable[Any]:
    if isinstance(item, dict):
        return item.values()
    return item if isinstance(item, list) else ()


class ModelFields(StrictSerializer, serializers.ModelSerializer[ProviderModel]):
    """A model; its name alone will do."""

    class Meta:
        model = ProviderModel
        fields = (
            *("name", "label", "enabled", "is_default", "context_length", "max_output_tokens"),
            *("capabilities", "input_price", "output_price", "cache_read_price", "cache_write_price"),
        )

    def run_validation(self, data: Any = empty) -> Any:
        return super().run_validation({"name": data} if isinstance(data, str) else data)


class ProviderFields(StrictSerializer, serializers.ModelSerializer[Provider]):
    """Save within a transaction that holds the provider's row: see `providers.registration`."""

    kind = serializers.CharField(max_length=64, required=False)
    preset = serializers.ChoiceField(tuple(PRESETS), allow_blank=True, required=False)
    api_key = serializers.CharField(
        write_only=True,
        required=False,
        allow_blank=True,
        max_length=4000,
        validators=[validate_api_key],
        help_text="Stored encrypted and never shown; empty removes it.",
    )
    headers = serializers.JSONField(
        write_only=True,
        required=False,
        validators=[validate_headers],
        help_text="Names and values, which are stored encrypted and never shown; they replace what is there.",
    )
    proxy_login = serializers.CharField(
        write_only=True,
        required=False,
        allow_blank=True,
        max_length=500,
        validators=[validate_proxy_login],
        help_text="`user:password` for the proxy, stored encrypted and never shown; empty removes it.",
    )
    has_proxy_login = serializers.SerializerMethodField()
    models = ModelFields(many=True, required=False, max_length=MAX_MODELS)  # type: ignore[call-arg]  # of the list
    api_key_hint = serializers.SerializerMethodField(help_text="The last characters of a stored key.")
    header_hints = serializers.SerializerMethodField()
    check = serializers.SerializerMethodField(help_text="How the last test went.")

    class Meta:
        model = Provider
        fields = (
            *("id", "kind", "preset", "label", "base_url", "api_key", "api_key_hint", "api_key_variable"),
            *("organization", "project", "api_version", "enabled", "position", "priority", "weight"),
            *("max_retries", "max_concurrency", "requests_per_minute", "tokens_per_minute"),
            *("proxy", "proxy_login", "has_proxy_login", "verify_tls", "ca_file"),
            *("headers", "header_hints", "timeouts", "extra", "models"),
            *("from_environment", "check", "created_at", "updated_at"),
        )
        read_only_fields = ("from_environment",)

    def get_api_key_hint(self, provider: Provider) -> str:
        return provider.api_key_hint

    def get_has_proxy_login(self, provider: Provider) -> bool:
        return bool(provider.proxy_login_encrypted)

    def get_header_hints(self, provider: Provider) -> dict[str, str]:
        return provider.header_hints

    def get_check(self, provider: Provider) -> dict[str, Any]:
        return check_json(provider)

    def validate_id(self, value: str) -> str:
        if self.instance and value != self.instance.pk:
            raise serializers.ValidationError("The id of a provider stays as it was made.")
        return value

    def validate_kind(self, value: str) -> str:
        """Underscores are as good as hyphens."""
        offered = kinds()
        kind = value if value in offered else value.replace("_", "-")
        if kind not in offered:
            raise serializers.ValidationError(f"There is no such kind. There are: {', '.join(offered)}.")
        return kind

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.instance is None:
            attrs = {**preset_fields(attrs.get("preset", "")), **attrs}
        if self.instance is None and not attrs.get("kind"):
            raise serializers.ValidationError({"kind": "This field is required."}, code="required")
        try:
            refuse_moved_secrets(self.instance, self._changed(attrs))
        except DjangoValidationError as error:
            raise serializers.ValidationError(serializers.as_serializer_error(error)) from error
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Provider:
        provider = self._changed(validated_data)
        provider.save(force_insert=True)
        models_save(provider, validated_data.get("models", []))
        return provider

    def update(self, instance: Provider, validated_data: dict[str, Any]) -> Provider:
        provider = self._changed(validated_data)
        provider.save()
        models_save(provider, validated_data.get("models", []))
        return provider

    def _changed(self, attrs: dict[str, Any]) -> Provider:
        """A copy of what is there, with the changes."""
        provider = copy(self.instance) if self.instance else Provider()
        for name in attrs.keys() - {"api_key", "headers", "proxy_login", "models"}:
            setattr(provider, name, attrs[name])
        if "api_key" in attrs:
            provider.set_api_key(attrs["api_key"])
        if "headers" in attrs:
            provider.set_headers(attrs["headers"])
        if "proxy_login" in attrs:
            provider.set_proxy_login(attrs["proxy_login"])
        return provider


def preset_fields(name: str) -> dict[str, Any]:
    """What a preset fills in where nothing else is given."""
    preset = PRESETS.get(name)
    if preset is None:
        return {}
    models = [{"name": model} for model in preset.models]
    return {"kind": PRESET_KIND, "label": preset.label, "base_url": preset.base_url, "models": models}


def models_save(provider: Provider, models: list[dict[str, Any]]) -> None:
    """List these models, or change those that are listed under these names; others stay as they are."""
    writing.send(ProviderModel)
    for fields in models:
        ProviderModel.objects.update_or_create(
            provider=provider,
            name=fields["name"],
            defaults={name: value for name, value in fields.items() if name != "name"},
        )


@extend_schema_field(str)
class IdField(serializers.SlugRelatedField[Provider]):
    """A provider by its id."""


class TargetFields(StrictSerializer):
    """One model of a route."""

    provider = IdField(slug_field="pk", queryset=Provider.objects.all())
    model = serializers.CharField(max_length=200)
    weight = serializers.IntegerField(min_value=0, max_value=1_000_000, default=1)

    def to_representation(self, instance: RouteTarget) -> dict[str, Any]:
        return {"provider": instance.provider_id, "model": instance.model, "weight": instance.weight}


class RouteFields(StrictSerializer, serializers.ModelSerializer[Route]):
    """Targets are asked in the order in which they are written; writing them replaces all."""

    targets = TargetFields(many=True, allow_empty=False, max_length=MAX_TARGETS)  # type: ignore[call-arg]

    class Meta:
        model = Route
        fields = (
            "name",
            "label",
            "strategy",
            "hedge_after",
            "enabled",
            "targets",
            "created_at",
            "updated_at",
        )

    def validate_name(self, value: str) -> str:
        if (taken := model_of_name(value)) is not None:
            raise serializers.ValidationError(f"A model has this name: {taken.ref}. Choose another one.")
        return value

    def validate_targets(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        refs = [(target["provider"].pk, target["model"]) for target in value]
        if len(set(refs)) < len(refs):
            raise serializers.ValidationError("A route asks each model once.")
        return value

    def create(self, validated_data: dict[str, Any]) -> Route:
        return self._written(Route(), validated_data)

    def update(self, instance: Route, validated_data: dict[str, Any]) -> Route:
        return self._written(instance, validated_data)

    def _written(self, route: Route, fields: dict[str, Any]) -> Route:
        targets = fields.pop("targets", None)
        for name, value in fields.items():
            setattr(route, name, value)
        if targets is not None:
            tell_along(route, targets=[f"{target['provider'].pk}/{target['model']}" for target in targets])
        route.save()
        if targets is not None:
            _replace(route, targets)
        return route


def _replace(route: Route, targets: list[dict[str, Any]]) -> None:
    """Without a signal for each: the route's own entry tells of them."""
    old = route.targets.all()
    old._raw_delete(old.db)
    RouteTarget.objects.bulk_create(
        RouteTarget(route=route, position=position, **target) for position, target in enumerate(targets)
    )
