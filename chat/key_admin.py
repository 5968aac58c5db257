"""Keys, budgets and usage in the admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat.actions.keys import key_revoke
from chat.admin_bases import KeptAdmin
from chat.budgets.fields import left_of
from chat.models import ApiKey, Budget, Permit, UsageRecord
from chat.models.keys import HINT, SCOPES, key_digest, new_key

UNITS = {"runs": "answers", "tokens": "tokens", "money": "US dollars"}  # translated for refusals as well
SCOPE_LABELS = {
    "chat": _("chat: ask, and read what was answered"),
    "read": _("read"),
    "files": _("files"),
    "providers": _("providers: set them up, where the owner may"),
    "admin": _("administration: set the server up, where the owner may"),
}


class ApiKeyForm(forms.ModelForm[ApiKey]):
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        required=False,
        choices=[(scope, SCOPE_LABELS[scope]) for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all that the owner may."),
    )
    routes = forms.CharField(
        label=_("Routes"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Routes, agents and provider/model that may be asked with it, one a line. Empty: all."),
    )

    class Meta:
        model = ApiKey
        fields = ("user", "name", "scopes", "routes", "expires_at", "revoked_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["routes"] = "\n".join(self.instance.routes or ())

    def clean_routes(self) -> list[str] | None:
        names = [line.strip() for line in self.cleaned_data["routes"].splitlines()]
        return [name for name in names if name] or None


class AmountsInline(admin.TabularInline[Budget, ApiKey]):
    model = Budget
    fields = ("period", "runs", "tokens", "money", "sockets")
    extra = 0


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin[ApiKey]):
    form = ApiKeyForm
    list_display = ("name", "user", "hint", "scopes", "last_used_at", "expires_at", "revoked_at")
    fields = ("user", "name", "scopes", "routes", "expires_at", "revoked_at")
    search_fields = ("name", "user__username")
    autocomplete_fields = ("user",)
    inlines = (AmountsInline,)
    actions = ("revoke",)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """A new key is made here and shown this once."""
        if not change:
            key = new_key()
            obj.digest, obj.hint = key_digest(key), key[-HINT:]
            messages.warning(request, _("Copy the key now, it is not shown again: %s") % key)
        super().save_model(request, obj, form, change)

    @admin.action(description=_("Revoke the chosen keys"), permissions=["change"])
    def revoke(self, request: HttpRequest, rows: QuerySet[ApiKey]) -> None:
        for key in rows:
            key_revoke(key=key)


@admin.register(Budget)
class BudgetAdmin(admin.ModelAdmin[Budget]):
    list_display = ("owner", "each", "period", "used", "sockets", "resets")
    list_filter = ("period",)
    list_select_related = ("user", "group", "key")
    fields = (*("user", "group", "each", "key", "route"), *("period", "runs", "tokens", "money", "sockets"))
    autocomplete_fields = ("user", "group", "key")

    @admin.display(description=_("whose"))
    def owner(self, budget: Budget) -> str:
        return budget.owner_label

    @admin.display(description=_("used of it"))
    def used(self, budget: Budget) -> str:
        """Each member has used something else."""
        left = left_of(budget, None)
        used, limits = left.as_state()["used"], left.as_json()
        return ", ".join(
            f"{'…' if budget.each else value} / {limits[name]['limit']} {gettext(UNITS[name])}"
            for name, value in used.items()
        )

    @admin.display(description=_("resets"))
    def resets(self, budget: Budget) -> Any:
        return left_of(budget, None).ends_at


@admin.register(Permit)
class PermitAdmin(admin.ModelAdmin[Permit]):
    list_display = ("name", "kind", "allowed")
    list_filter = ("kind",)
    filter_horizontal = ("users", "groups")

    @admin.display(description=_("who"))
    def allowed(self, permit: Permit) -> str:
        return ", ".join(map(str, (*permit.users.all(), *permit.groups.all())))


@admin.register(UsageRecord)
class UsageAdmin(KeptAdmin):
    """Answers that have no run here. What was used is summed up at `/api/usage/`."""

    list_display = ("created_at", "user", "door", "status", "provider", "model", "cost")
    list_select_related = ("user",)  # who may not be there any more
    list_filter = ("door", "status", "provider")
