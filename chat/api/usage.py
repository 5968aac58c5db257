"""REST: what was used. Everybody sees his own; operators see the server."""

from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.api.budgets import operates
from chat.api.serializers import StrictSerializer
from chat.budgets.usage import SIDES, Asked, usage_of

USUAL: Final = timedelta(days=29)
MOST: Final = timedelta(days=366)
_FILTERS: Final = {"model": "model", "provider": "provider", "key": "api_key", "user": "user_id"}


class UsageQuery(StrictSerializer):
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)
    by = serializers.CharField(required=False)
    tz = serializers.CharField(required=False, max_length=64)
    model = serializers.CharField(required=False)
    provider = serializers.CharField(required=False)
    key = serializers.UUIDField(required=False)
    user = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)

    def validate_by(self, value: str) -> tuple[str, ...]:
        sides = tuple(dict.fromkeys(value.split(",")))
        if not set(sides) <= set(SIDES):
            raise serializers.ValidationError(f"These are some of: {', '.join(SIDES)}, with commas between.")
        return sides

    def validate_tz(self, value: str) -> ZoneInfo:
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise serializers.ValidationError("There is no such time zone.") from None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        zone = attrs.setdefault("tz", ZoneInfo("UTC"))
        until: date = attrs.setdefault("until", datetime.now(zone).date())
        since: date = attrs.setdefault("since", max(until, date.min + USUAL) - USUAL)
        if not timedelta(0) <= until - since < MOST:
            raise serializers.ValidationError({"since": [f"Ask for 1 to {MOST.days} days."]})
        if date.max in (since, until) or date.min in (since, until):
            raise serializers.ValidationError({"until": ["There is nothing so far away."]})
        return attrs


class UsageView(APIView):
    """Days are those of `tz`, and `until` is one of them. `by` is day where it is not given. Costs are in US
    dollars."""

    @extend_schema(
        parameters=[
            OpenApiParameter("since", date, description="29 days before `until` by default"),
            OpenApiParameter("until", date, description="today by default"),
            OpenApiParameter("by", description=f"some of {', '.join(SIDES)}, with commas between"),
            OpenApiParameter("tz", description="a name of the IANA time zone database; UTC by default"),
            *(OpenApiParameter(name) for name in _FILTERS),
        ],
        responses={200: dict[str, Any]},
    )
    def get(self, request: Request) -> Response:
        form = UsageQuery(data=request.query_params.dict())
        form.is_valid(raise_exception=True)
        told = form.validated_data
        whole = operates(request, "view_usagerecord")
        where = {column: told[name] for name, column in _FILTERS.items() if name in told}
        asked = Asked(
            since=told["since"],
            until=told["until"],
            zone=told["tz"],
            by=told.get("by", ("day",)),
            where=where if whole else {**where, "user_id": request.user.pk},
        )
        days = {"since": asked.since.isoformat(), "until": asked.until.isoformat(), "tz": str(asked.zone)}
        return Response({"scope": "server" if whole else "own", **days, **usage_of(asked)})
