"""The operator's forms for a provider and its models. A key goes in and never comes out again."""

import json
from copy import copy
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from providers.environment import ENVIRONMENT
from providers.models import Provider, ProviderModel
from providers.moving import refuse_moved_secrets
from providers.presets import PRESETS
from providers.registry import kinds
from providers.secrets import SecretUnreadable
from providers.serializers import preset_fields
from providers.validation import CAPABILITIES, validate_api_key, validate_headers, validate_proxy_login

_FIELD_NAMES: Final = {"headers": "default_headers"}  # of an error, to those of the form
USUAL_KIND: Final = "openai-compatible"  # what most servers speak


class PresetSelect(forms.Select):
    """Carries what each preset fills in, for the page's script."""

    class Media:
        js = (forms.Script("js/admin/presets.js", type="module"),)

    def __init__(self, **kwargs: Any) -> None:
        filled = {name: {**preset_fields(name), "models": None} for name in PRESETS}
        super().__init__(attrs={"data-presets": json.dumps(filled)}, **kwargs)


class HeadersField(forms.JSONField):
    """What was typed is not shown again, like a password: there may be keys in it."""

    def prepare_value(self, value: Any) -> str:
        return ""


class ProviderForm(forms.ModelForm[Provider]):
    preset = forms.ChoiceField(
        label=_("Preset"),
        required=False,
        choices=[("", "—"), *((preset.id, preset.label) for preset in PRESETS.values())],
        widget=PresetSelect,
        help_text=_("Fills in the address and the kind of a well-known service."),
    )
    api_key = forms.CharField(
        label=_("API key"),
        required=False,
        max_length=4000,
        validators=[validate_api_key],
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
    )
    clear_api_key = forms.BooleanField(label=_("Remove the stored key"), required=False)
    default_headers = HeadersField(
        label=_("Headers"),
        required=False,
        validators=[validate_headers],
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    clear_headers = forms.BooleanField(label=_("Remove the stored headers"), required=False)

    proxy_login = forms.CharField(
        label=_("Proxy login"),
        required=False,
        max_length=500,
        validators=[validate_proxy_login],
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
    )
    clear_proxy_login = forms.BooleanField(label=_("Remove the stored login"), required=False)

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
        helps = {
            "api_key": self._key_help(),
            "default_headers": self._headers_help(),
            "proxy_login": self._login_help(),
        }
        for name in helps.keys() & self.fields.keys():
            self.fields[name].help_text = helps[name]
        if "kind" in self.fields:
            self.fields["kind"] = forms.ChoiceField(
                label=_("Kind"), choices=[(kind, kind) for kind in kinds()], initial=USUAL_KIND
            )

    def clean_timeouts(self) -> dict[str, float]:
        return self.cleaned_data["timeouts"] or {}

    def clean_extra(self) -> dict[str, Any]:
        return self.cleaned_data["extra"] or {}

    def clean(self) -> dict[str, Any]:
        """A key is for the address that it was given for: whoever changes that must know the key."""
        cleaned = super().clean() or {}
        if self.instance._state.adding:
            filled = preset_fields(cleaned.get("preset", ""))
            cleaned |= {name: value for name, value in filled.items() if not cleaned.get(name)}
        after = copy(self.instance)
        for name in {field.name for field in Provider._meta.concrete_fields} & cleaned.keys():
            setattr(after, name, cleaned[name])
        self._set_secrets(after, cleaned)
        try:
            refuse_moved_secrets(Provider.objects.filter(pk=self.instance.pk).first(), after)
        except ValidationError as error:
            for name, said in error.error_dict.items():
                self.add_error(_FIELD_NAMES.get(name, name), said)
        return cleaned

    def save(self, commit: bool = True) -> Provider:
        self._set_secrets(self.instance, self.cleaned_data)
        saved: Provider = super().save(commit=commit)
        return saved

    def _set_secrets(self, provider: Provider, cleaned: dict[str, Any]) -> None:
        if cleaned.get("clear_api_key"):
            provider.set_api_key("")
        if cleaned.get("api_key"):
            provider.set_api_key(cleaned["api_key"])
        if cleaned.get("clear_headers"):
            provider.set_headers({})
        if cleaned.get("default_headers") is not None:
            provider.set_headers(cleaned["default_headers"])
        if cleaned.get("clear_proxy_login"):
            provider.set_proxy_login("")
        if cleaned.get("proxy_login"):
            provider.set_proxy_login(cleaned["proxy_login"])

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

    def _headers_help(self) -> str:
        said = gettext("A JSON object of names and values, which are stored encrypted and not shown again.")
        stored = ", ".join(f"{name} …{hint}" for name, hint in self.instance.header_hints.items())
        kept = gettext("Stored: %s. Leave empty to keep them.") % stored if stored else ""
        return f"{said} {kept}".strip()

    def _login_help(self) -> str:
        said = gettext("As user:password; stored encrypted and not shown again.")
        kept = gettext("A login is stored. Leave empty to keep it.")
        return f"{said} {kept}" if self.instance.proxy_login_encrypted else said


class ProviderModelForm(forms.ModelForm[ProviderModel]):
    capabilities = forms.MultipleChoiceField(
        label=_("Capabilities"),
        required=False,
        choices=[(name, name.replace("_", " ")) for name in CAPABILITIES],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: not known."),
    )

    class Meta:
        model = ProviderModel
        fields = (
            *("label", "enabled", "is_default", "capabilities", "context_length", "max_output_tokens"),
            *("input_price", "output_price", "cache_read_price", "cache_write_price"),
        )

    def clean_capabilities(self) -> list[str] | None:
        return self.cleaned_data["capabilities"] or None
