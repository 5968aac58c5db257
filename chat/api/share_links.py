"""REST: links that show a conversation. Only its owner makes them, sees them and takes them back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.access import session_to_own
from chat.actions.share_links import LONGEST, link_create, link_revoke
from chat.api.serializers import StrictSerializer, checked
from chat.models import ShareLink


class LinkFields(StrictSerializer):
    days = serializers.IntegerField(
        min_value=1, max_value=LONGEST.days, default=7, help_text="how long it holds, unless expires_at says"
    )
    expires_at = serializers.DateTimeField(required=False)
    live = serializers.BooleanField(
        default=False, help_text="the conversation as it goes on, not as it stands"
    )


class LinkOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    live = serializers.BooleanField()
    expires_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    url = serializers.CharField(required=False, help_text="only in the answer that makes it")


class LinksView(APIView):
    @extend_schema(responses=LinkOut(many=True))
    def get(self, request: Request, session_id: UUID) -> Response:
        links = session_to_own(request.user, session_id).share_links
        hold = links.filter(revoked_at=None, expires_at__gt=timezone.now())
        return Response({"results": [_link_json(link) for link in hold]})

    @extend_schema(request=LinkFields, responses={201: LinkOut})
    def post(self, request: Request, session_id: UUID) -> Response:
        session = session_to_own(request.user, session_id)
        fields = checked(LinkFields, request)
        until = fields.get("expires_at") or timezone.now() + timedelta(days=fields["days"])
        link, token = link_create(session=session, user=request.user, expires_at=until, live=fields["live"])
        url = request.build_absolute_uri(reverse("share", args=[token]))
        return Response({**_link_json(link), "url": url}, 201)


class LinkView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, session_id: UUID, link_id: UUID) -> Response:
        link_revoke(session=session_to_own(request.user, session_id), link_id=link_id)
        return Response(status=204)


def _link_json(link: ShareLink) -> dict[str, Any]:
    return {
        "id": str(link.id),
        "live": link.leaf_id is None,
        "expires_at": link.expires_at.isoformat(),
        "created_at": link.created_at.isoformat(),
    }
