"""The operator's form for a provider. A key goes in and never comes out again."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from providers.environment import ENVIRONMENT
from providers.models import Provider
from providers.registry import kinds
from providers.secrets import SecretUnreadable
from providers.validation import validate_api_key, validate_headers


class ProviderForm(forms.ModelForm[Provider]):
    api_key = forms.CharField(
        label=_("API key"),
        required=False,
        max_length=4000,
        validators=[validate_api_key],
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
    )
    clear_api_key = forms.BooleanField(label=_("Remove the stored key"), required=False)
    default_headers = forms.JSONField(label=_("Headers"), required=False, validators=[validate_headers])

    class Meta:
        model = Provider
        fields = (
            *("id", "kind", "preset", "label", "base_url", "api_key_variable"),
            *("organization", "project", "api_version", "enabled", "position", "priority", "weight"),
            *("max_retries", "max_concurrency", "requests_per_minute", "tokens_per_minute"),
            *("proxy", "verify_tls", "ca_file", "timeouts", "extra"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["api_key"].help_text = self._key_help()
        if "kind" in self.fields:
            self.fields["kind"] = forms.ChoiceField(
                label=_("Kind"), choices=[(kind, kind) for kind in kinds()]
            )

    def clean_timeouts(self) -> dict[str, float]:
        return self.cleaned_data["timeouts"] or {}

    def clean_extra(self) -> dict[str, Any]:
        return self.cleaned_data["extra"] or {}

    def clean(self) -> dict[str, Any] | None:
        """A key is for the address that it was given for: whoever changes that must know the key."""
        cleaned = super().clean()
        moved = {"base_url", "kind"} & set(self.changed_data)
        leaves_key = not (self.cleaned_data.get("api_key") or self.cleaned_data.get("clear_api_key"))
        if moved and leaves_key and self._has_key():
            self.add_error(
                "api_key",
                ValidationError(_("The address has changed: enter the API key again, or remove it.")),
            )
        return cleaned

    def save(self, commit: bool = True) -> Provider:
        if self.cleaned_data["clear_api_key"]:
            self.instance.set_api_key("")
        if self.cleaned_data["api_key"]:
            self.instance.set_api_key(self.cleaned_data["api_key"])
        if self.cleaned_data["default_headers"] is not None:
            self.instance.set_headers(self.cleaned_data["default_headers"])
        saved: Provider = super().save(commit=commit)
        return saved

    def _has_key(self) -> bool:
        return bool(self.instance.api_key_encrypted) or self._key_from_environment()

    def _key_from_environment(self) -> bool:
        told = ENVIRONMENT.get(self.instance.pk) if self.instance.from_environment else None
        return bool(told and told.key)

    def _key_help(self) -> str:
        if not self.instance.api_key_encrypted:
            return gettext("Read from the environment.") if self._key_from_environment() else ""
        try:
            hint = self.instance.api_key.hint
        except SecretUnreadable:
            return gettext("The stored key cannot be read any more. Enter it again.")
        return gettext("A key is stored (…%(hint)s). Leave empty to keep it.") % {"hint": hint}
