"""The forms of django-allauth, where ours differ."""

from typing import Any

from allauth.account.forms import LoginForm
from django.utils.translation import gettext_lazy as _


class SignInForm(LoginForm):  # type: ignore[misc]
    """By name or e-mail address, sent as `username` as ever."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["login"]
        name.label = _("Username or e-mail address")
        name.widget.attrs.update(autocomplete="username", autofocus=True, autocapitalize="none")

    def add_prefix(self, field_name: str) -> str:
        named: str = super().add_prefix({"login": "username"}.get(field_name, field_name))
        return named
