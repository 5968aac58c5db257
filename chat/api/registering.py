"""REST: making an account, where people may sign up by themselves or have an invitation."""

from typing import Any

from allauth.account import signals
from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.forms import SignupForm
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.accounts.adapter import INVITATION
from chat.actions.invitations import invitation_for
from chat.api.serializers import StrictSerializer, checked
from chat.errors import Forbidden


class NewAccount(StrictSerializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=1_000, trim_whitespace=False)
    email = serializers.EmailField(max_length=254, required=False)
    invitation = serializers.CharField(max_length=100, required=False, help_text="the last part of its link")


class AccountMade(serializers.Serializer[Any]):
    id = serializers.CharField(allow_null=True, help_text="null where the address has to be confirmed first")
    username = serializers.CharField()


class RegisterView(APIView):
    """Makes an account and signs nobody in: a browser does that at `/login/`, a program with a key."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=NewAccount, responses={201: AccountMade}, auth=[])
    def post(self, request: Request) -> Response:
        if settings.SIGN_UP not in ("open", "invitation"):
            raise Forbidden("Nobody can sign up here.", code="sign_up_closed")
        if not ratelimit.consume(request._request, action="signup"):
            raise Throttled
        fields = checked(NewAccount, request)
        token = fields.pop("invitation", "")
        if not token and settings.SIGN_UP != "open":
            raise Forbidden("Signing up takes an invitation here.", code="invitation_needed")
        invitation = invitation_for(token).pk if token else None
        user = _signed_up(request._request, fields, invitation)
        return Response({"id": str(user.pk) if user else None, "username": fields["username"]}, 201)


def _signed_up(request: Any, fields: dict[str, Any], invitation: Any) -> Any:
    """None where an address has to be confirmed: nobody is to learn whether it has an account already."""
    form = _checked_form(fields)
    request.session[INVITATION] = str(invitation) if invitation else None
    try:
        with transaction.atomic():
            user = form.try_save(request)[0]
    finally:
        request.session.flush()  # a program has no use for a cookie
    if user is None:
        return None
    signals.user_signed_up.send(sender=get_user_model(), request=request, user=user)
    asked = settings.ACCOUNT_EMAIL_VERIFICATION
    address = EmailAddress.objects.filter(user=user, verified=False).first()
    if address and asked != EmailVerificationMethod.NONE:
        address.send_confirmation(request, signup=True)
    return None if asked == EmailVerificationMethod.MANDATORY else user


def _checked_form(fields: dict[str, Any]) -> Any:
    """The page's own form. Raises ValidationError."""
    password = fields["password"]
    form = SignupForm({**fields, "password1": password, "password2": password})
    if not form.is_valid():
        errors = {("password" if name == "password1" else name): told for name, told in form.errors.items()}
        raise serializers.ValidationError(errors)
    return form
