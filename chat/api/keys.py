"""REST: one's own API keys. A key that comes with a key reaches no further than that one."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.actions.keys import key_create, key_revoke
from chat.api.pagination import NewestFirst
from chat.api.serializers import StrictSerializer
from chat.budgets.fields import AmountFields
from chat.models import ApiKey
from chat.models.keys import SCOPES, came_with

MOST_ROUTES = 100


class KeyFields(StrictSerializer):
    name = serializers.CharField(max_length=100, allow_blank=True, required=False)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(SCOPES),
        required=False,
        max_length=len(SCOPES),
        help_text="empty: all that the owner may",
    )
    routes = serializers.ListField(
        child=serializers.CharField(max_length=300),
        required=False,
        allow_null=True,
        max_length=MOST_ROUTES,
        help_text="names of routes and agents, and provider/model, that may be asked; null for all",
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    budget = AmountFields(required=False, write_only=True)

    def validate_expires_at(self, value: Any) -> Any:
        if value and value <= timezone.now():
            raise serializers.ValidationError("This is in the past.")
        return value


class KeyChanges(KeyFields):
    """What may be changed: a key is never given more than it was made with."""

    scopes = routes = budget = None  # type: ignore[assignment]


class KeyOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    hint = serializers.CharField(help_text="its last characters")
    scopes = serializers.ListField(child=serializers.CharField())
    routes = serializers.ListField(child=serializers.CharField(), allow_null=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)


class NewKeyOut(KeyOut):
    key = serializers.CharField(help_text="shown this once")


class KeysView(APIView):
    scopes = {"*": ("admin",), "GET": ("admin",)}

    @extend_schema(responses=KeyOut(many=True))
    def get(self, request: Request) -> Response:
        paginator = NewestFirst()
        page = paginator.paginate_queryset(_own(request), request, view=self) or []
        return paginator.get_paginated_response(KeyOut(page, many=True).data)

    @extend_schema(request=KeyFields, responses={201: NewKeyOut})
    def post(self, request: Request) -> Response:
        form = KeyFields(data=request.data)
        form.is_valid(raise_exception=True)
        fields = form.validated_data
        _refuse_more(request.user, fields)
        row, key = key_create(user=request.user, **fields)
        return Response({**KeyOut(row).data, "key": key}, 201)


class KeyView(APIView):
    scopes = {"*": ("admin",), "GET": ("admin",)}

    @extend_schema(responses=KeyOut)
    def get(self, request: Request, key_id: UUID) -> Response:
        return Response(KeyOut(get_object_or_404(_own(request), pk=key_id)).data)

    @extend_schema(request=KeyChanges, responses=KeyOut)
    def patch(self, request: Request, key_id: UUID) -> Response:
        row = get_object_or_404(_own(request), pk=key_id)
        form = KeyChanges(data=request.data)
        form.is_valid(raise_exception=True)
        _refuse_longer(request.user, row, form.validated_data)
        for name, value in form.validated_data.items():
            setattr(row, name, value)
        row.save(update_fields=list(form.validated_data))
        return Response(KeyOut(row).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, key_id: UUID) -> Response:
        """Revokes it, at once."""
        key_revoke(key=get_object_or_404(_own(request), pk=key_id))
        return Response(status=204)


def _own(request: Request) -> QuerySet[ApiKey]:
    return ApiKey.objects.filter(user__pk=request.user.pk or 0)


def _refuse_more(user: Any, fields: dict[str, Any]) -> None:
    """Than the key has that asks for it, or it could make itself another one without its limits."""
    own = came_with(user)
    if own is None:
        return
    asked = fields.get("scopes") or SCOPES
    if not all(map(own.allows, asked)):
        raise serializers.ValidationError({"scopes": ["This key has fewer scopes itself."]})
    routes = fields.get("routes")
    if own.routes is not None and (routes is None or not set(routes) <= set(own.routes)):
        raise serializers.ValidationError({"routes": ["This key reaches fewer routes itself."]})
    if own.expires_at and (fields.get("expires_at") is None or fields["expires_at"] > own.expires_at):
        raise serializers.ValidationError({"expires_at": ["This key ends earlier itself."]})
    if own.budgets.exists():
        raise serializers.ValidationError({"budget": ["A key with a budget makes no other keys."]})


def _refuse_longer(user: Any, row: ApiKey, fields: dict[str, Any]) -> None:
    """A key makes none last longer."""
    if came_with(user) is None or row.expires_at is None or "expires_at" not in fields:
        return
    if fields["expires_at"] is None or fields["expires_at"] > row.expires_at:
        raise serializers.ValidationError({"expires_at": ["With a key, only an earlier time can be set."]})
