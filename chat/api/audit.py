"""REST: the audit log, for operators."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.api.budgets import operates
from chat.api.pagination import NewestFirst
from chat.api.serializers import StrictSerializer
from chat.audit.chain import entry_json
from chat.errors import Forbidden
from chat.models import AuditEntry

_FILTERS: Final = {"since": "at__gte", "until": "at__lt", "user": "user_id"}
_PAGES: Final = ("cursor", "page_size")


class AuditQuery(StrictSerializer):
    action = serializers.CharField(required=False, max_length=64, help_text="such as key.revoked")
    kind = serializers.CharField(required=False, max_length=32, help_text="of what was changed")
    object_id = serializers.CharField(required=False, max_length=200)
    user = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1, help_text="who did it")
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False, help_text="not included")


class AuditOut(serializers.ModelSerializer[AuditEntry]):
    class Meta:
        model = AuditEntry
        fields = "__all__"


class NewestNumbers(NewestFirst):
    ordering = "-number"


class AuditView(APIView):
    @extend_schema(parameters=[AuditQuery], responses=AuditOut(many=True))
    def get(self, request: Request) -> Response:
        if not operates(request, "view_auditentry"):
            raise Forbidden
        asked = {name: value for name, value in request.query_params.items() if name not in _PAGES}
        query = AuditQuery(data=asked)
        query.is_valid(raise_exception=True)
        wanted: dict[str, Any] = {_FILTERS.get(n, n): value for n, value in query.validated_data.items()}
        paginator = NewestNumbers()
        rows = AuditEntry.objects.filter(**wanted)
        page = paginator.paginate_queryset(rows, request, view=self) or []
        return paginator.get_paginated_response([entry_json(row) for row in page])
