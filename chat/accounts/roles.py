"""Owner, operator, member, guest: Django's own flags and groups under their names here.

owner      a superuser
operator   staff in the group `operators`, whose permissions the owner may change
member     everybody else
guest      in the group `guests`: reads what is shared with him, and uses what a permit gives to him
"""

from typing import Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission

from chat.actions.audit import audited
from chat.models import Role
from providers.briefly import briefly, forget

OPERATORS: Final = "operators"
GUESTS: Final = "guests"
# Of people, operators make and change those who are no more than they: chat/account_admin.py.
_PEOPLE: Final = ("view_user", "add_user", "change_user", "view_group")


def role_of(user: Any) -> Role:
    if user.is_superuser:
        return Role.OWNER
    if user.is_staff:
        return Role.OPERATOR
    return Role.GUEST if user.groups.filter(name=GUESTS).exists() else Role.MEMBER


@audited()
def role_set(user: Any, role: str) -> None:
    user.is_superuser = role == Role.OWNER
    user.is_staff = role in (Role.OWNER, Role.OPERATOR)
    user.save(update_fields=["is_superuser", "is_staff"])
    for name, belongs in ((OPERATORS, role == Role.OPERATOR), (GUESTS, role == Role.GUEST)):
        group = Group.objects.get_or_create(name=name)[0]
        (user.groups.add if belongs else user.groups.remove)(group)
    forget()


def is_guest(user_id: Any) -> bool:
    return user_id in _guests()


@briefly
def _guests() -> frozenset[Any]:
    return frozenset(get_user_model().objects.filter(groups__name=GUESTS).values_list("pk", flat=True))


@audited()
def roles_ship() -> None:
    """The groups, made once; what the owner takes from the operators stays taken."""
    Group.objects.get_or_create(name=GUESTS)
    group, is_new = Group.objects.get_or_create(name=OPERATORS)
    if is_new:
        rooms = Permission.objects.filter(content_type__app_label__in=("chat", "providers"))
        people = Permission.objects.filter(content_type__app_label="auth", codename__in=_PEOPLE)
        group.permissions.set((*rooms, *people))
