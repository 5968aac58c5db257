"""What is remembered, in the admin: the operator's word. What people are remembered by is not shown."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from chat.models import MemorySettings
from providers.catalogue import resolve
from providers.errors import ProviderError


class MemorySettingsForm(forms.ModelForm[MemorySettings]):
    class Meta:
        model = MemorySettings
        fields = (
            *("model", "titles", "summaries", "memory", "memory_tokens"),
            *("response_cache", "response_cache_seconds"),
        )

    def clean_model(self) -> str:
        ref: str = self.cleaned_data["model"]
        try:
            _ = ref and resolve(ref)
        except ProviderError as error:
            raise ValidationError(str(error.message)) from error
        return ref


@admin.register(MemorySettings)
class MemorySettingsAdmin(admin.ModelAdmin[MemorySettings]):
    """One row: the list leads to it."""

    form = MemorySettingsForm

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        row, _ = MemorySettings.objects.get_or_create(pk=1)
        return redirect(reverse("admin:chat_memorysettings_change", args=[row.pk]))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: MemorySettings | None = None) -> bool:
        return False
