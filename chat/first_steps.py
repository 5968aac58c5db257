"""What an operator does first: a provider, a test of it, a chat. On the empty page until all is done."""

from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chat.access import Person
from chat.models import Message
from providers.models import Provider

BUILT_IN: Final = "demo"  # answers without anybody's account


@dataclass(frozen=True)
class Step:
    label: str | Promise
    done: bool
    url: str = ""  # empty: here


def first_steps(user: Person) -> list[Step]:
    """Empty for those who may not set providers up, and once all is done."""
    if not (user.is_staff and user.has_perm("providers.add_provider")):
        return []
    providers = Provider.objects.filter(enabled=True).exclude(kind=BUILT_IN)
    steps = [
        Step(_("Add a provider"), providers.exists(), reverse("admin:providers_provider_add")),
        Step(_("Test it"), _works(providers), _where_it_is_tested(providers)),
        Step(_("Ask the first question"), Message.objects.filter(author_id=user.pk).exists()),
    ]
    return [] if all(step.done for step in steps) else steps


def _works(providers: "QuerySet[Provider]") -> bool:
    return providers.filter(check_status=Provider.Check.OK).exists()


def _where_it_is_tested(providers: "QuerySet[Provider]") -> str:
    newest = providers.order_by("-created_at").first()
    if newest is None:
        return ""
    return reverse("admin:providers_provider_change", args=[newest.pk])
