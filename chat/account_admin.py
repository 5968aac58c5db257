"""People and invitations in the admin. Nobody makes or changes somebody who is more than himself here."""

from typing import Any

from allauth.account.models import EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chat.accounts.roles import GUESTS, OPERATORS, role_of, role_set
from chat.actions.invitations import DAYS, invitation_create
from chat.models import Invitation, Role

# What they hold lets others in: keys of sign-ins, secrets of second steps.
for hidden in (Authenticator, EmailConfirmation, SocialApp, SocialToken, UserSession):
    if admin.site.is_registered(hidden):
        admin.site.unregister(hidden)
admin.site.unregister(User)


def roles_given_by(person: Any) -> list[tuple[str, Any]]:
    plain = (Role.MEMBER, Role.GUEST)
    return [(role.value, role.label) for role in Role if person.is_superuser or role in plain]


class PersonForm(UserChangeForm):  # type: ignore[type-arg]
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["role"] = role_of(self.instance).value


class NewPersonForm(AdminUserCreationForm):  # type: ignore[type-arg]
    role = forms.ChoiceField(label=_("Role"))


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    form = PersonForm
    add_form = NewPersonForm
    list_display = ("username", "email", "role", "is_active", "last_login")
    list_filter = ("is_active", "is_superuser", "is_staff", "groups")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Personal info"), {"fields": ("first_name", "last_name", "email")}),
        (_("Rights"), {"fields": ("role", "is_active", "groups")}),
        (_("Important dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "role", "usable_password", "password1", "password2")}),)
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ("groups",)
    actions = ("forget_second_steps",)

    @admin.display(description=_("role"))
    def role(self, person: User) -> str:
        return str(role_of(person).label)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The choices are the asking person's."""
        form = super().get_form(request, obj, change=change, **kwargs)
        choices = roles_given_by(request.user)
        role = forms.ChoiceField(label=_("Role"), choices=choices, initial=Role.MEMBER.value)
        return type(form.__name__, (form,), {"role": role})

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            groups = Group.objects.exclude(name__in=(GUESTS, OPERATORS))
            owner = getattr(request.user, "is_superuser", False)
            kwargs["queryset"] = groups if owner else groups.filter(permissions=None)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_manage(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_manage(request.user, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """After the groups, two of which are the role's."""
        super().save_related(request, form, formsets, change)
        role_set(form.instance, form.cleaned_data["role"])

    @admin.action(description=_("Switch their second steps off"), permissions=["change"])
    def forget_second_steps(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """For those who lost their device."""
        if not all(_may_manage(request.user, person) for person in people):
            raise PermissionDenied
        Authenticator.objects.filter(user__in=people).delete()


def _may_manage(person: Any, other: User | None) -> bool:
    """Owners everybody; operators those who are no staff and hold no permissions."""
    if person.is_superuser or other is None:
        return True
    holds = other.groups.exclude(permissions=None).exists() or other.user_permissions.exists()
    return not (other.is_superuser or other.is_staff or holds)


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin[Invitation]):
    list_display = ("__str__", "role", "creator", "expires_at", "used_at", "taker")
    list_filter = ("role",)
    list_select_related = ("creator", "taker")
    fields = ("role", "note")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role":
            kwargs["choices"] = roles_given_by(request.user)
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        """The link is shown this once."""
        row, token = invitation_create(role=obj.role, creator=request.user, note=obj.note)
        obj.pk = row.pk
        obj.refresh_from_db()
        link = request.build_absolute_uri(reverse("invitation", args=[token]))
        told = _("Copy the link now, it is not shown again. It works once, for %(days)s days: %(link)s")
        messages.warning(request, told % {"days": DAYS, "link": link})
        if settings.SIGN_UP == "closed":
            messages.error(request, _("Nobody can sign up here: PARLEY_SIGN_UP is `closed`."))

    def response_add(
        self, request: HttpRequest, obj: Invitation, post_url_continue: Any = None
    ) -> HttpResponse:
        """To the list, for nothing of it can be changed."""
        return self.response_post_save_add(request, obj)
