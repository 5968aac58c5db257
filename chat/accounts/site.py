"""The admin's door: django-allauth's sign-in, with its limits and second steps."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from chat.accounts.second_steps import lacks_second_step


class Site(AdminSite):
    site_title = "Parley"
    site_header = _("Parley administration")
    index_title = _("Administration")

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not lacks_second_step(request.user)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if request.user.is_authenticated and lacks_second_step(request.user):
            return redirect("mfa_index")
        return secure_admin_login(super().login)(request, extra_context=extra_context)
