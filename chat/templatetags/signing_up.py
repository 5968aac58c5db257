"""Whether pages offer to make an account."""

from typing import Any

from django import template

from chat.accounts.adapter import Accounts

register = template.Library()


@register.simple_tag(takes_context=True)
def sign_up_is_open(context: dict[str, Any]) -> bool:
    return bool(Accounts().is_open_for_signup(context["request"]))
