"""What an operator has set up: providers, and the models that each offers. Keys are stored encrypted."""

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any, Final

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from providers import secrets, validation
from providers.fields import JSONField
from providers.secrets import Secret, SecretUnreadable

MAX_RETRIES: Final = 10
MOST: Final = 2_000_000_000  # of any count: what every database's integer holds


def _count_validators() -> list[Any]:
    return [MinValueValidator(1), MaxValueValidator(MOST)]


def _price_field(name: Any) -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(
        name,
        max_digits=12,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )


class Provider(models.Model):
    """An account at a vendor, or a server. Its id is the first half of `provider/model`.

    Of providers that offer the same model, the lowest `priority` is asked first; `weight` is its share where
    a route chooses by weight. Limits hold for all processes together; empty is no limit.
    `headers` are those of an older version, in clear; saving encrypts them.
    """

    class Check(models.TextChoices):
        NEVER = "never", _("never tested")
        OK = "ok", _("works")
        FAILED = "failed", _("failed")

    id = models.SlugField(_("id"), primary_key=True, max_length=64)
    kind = models.CharField(_("kind"), max_length=64)
    label = models.CharField(_("label"), max_length=200, blank=True)
    base_url = models.CharField(
        _("base URL"),
        max_length=500,
        blank=True,
        validators=[validation.validate_base_url],
        help_text=_("Empty for the vendor's own address."),
    )
    api_key_encrypted = models.TextField(blank=True, default="", editable=False)
    api_key_variable = models.CharField(
        _("key variable"),
        max_length=100,
        blank=True,
        default="",
        db_default="",
        validators=[validation.validate_key_variable],
        help_text=_("The environment variable that holds the key, for a key that is not stored here."),
    )
    preset = models.CharField(_("preset"), max_length=64, blank=True, default="", db_default="")
    organization = models.CharField(_("organization"), max_length=200, blank=True, default="", db_default="")
    project = models.CharField(_("project"), max_length=200, blank=True, default="", db_default="")
    api_version = models.CharField(_("API version"), max_length=100, blank=True, default="", db_default="")
    enabled = models.BooleanField(_("enabled"), default=True)
    position = models.PositiveIntegerField(_("position"), default=100)
    priority = models.PositiveIntegerField(
        _("priority"), default=100, db_default=100, validators=[MaxValueValidator(MOST)]
    )
    weight = models.PositiveIntegerField(
        _("weight"), default=1, db_default=1, validators=[MaxValueValidator(1_000_000)]
    )
    max_retries = models.PositiveSmallIntegerField(
        _("retries"), default=2, db_default=2, validators=[MaxValueValidator(MAX_RETRIES)]
    )
    max_concurrency = models.PositiveIntegerField(
        _("requests at once"), null=True, blank=True, validators=_count_validators()
    )
    requests_per_minute = models.PositiveIntegerField(
        _("requests a minute"), null=True, blank=True, validators=_count_validators()
    )
    tokens_per_minute = models.PositiveIntegerField(
        _("tokens a minute"), null=True, blank=True, validators=_count_validators()
    )
    proxy = models.CharField(
        _("proxy"),
        max_length=500,
        blank=True,
        default="",
        db_default="",
        validators=[validation.validate_proxy],
    )
    proxy_login_encrypted = models.TextField(blank=True, default="", db_default="", editable=False)
    verify_tls = models.BooleanField(_("check certificates"), default=True, db_default=True)
    ca_file = models.CharField(
        _("certificates"),
        max_length=500,
        blank=True,
        default="",
        db_default="",
        help_text=_("A file on the server with the certificates to trust beside the usual ones."),
    )
    headers = JSONField(default=dict, blank=True, editable=False)
    headers_encrypted = models.TextField(blank=True, default="", db_default="", editable=False)
    timeouts = JSONField(
        _("time limits"),
        default=dict,
        blank=True,
        validators=[validation.validate_timeouts],
        help_text=_("Seconds: connect, first_token, between_tokens, total."),
    )
    extra = JSONField(_("extra"), default=dict, blank=True, validators=[validation.validate_object])
    from_environment = models.BooleanField(_("from the environment"), default=False, editable=False)
    check_status = models.CharField(
        _("last test"), max_length=10, choices=Check.choices, default=Check.NEVER, editable=False
    )
    check_latency_ms = models.PositiveIntegerField(_("latency (ms)"), null=True, editable=False)
    check_message = models.TextField(_("message"), blank=True, default="", editable=False)
    checked_at = models.DateTimeField(_("tested at"), null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("provider")
        verbose_name_plural = _("providers")

    def __str__(self) -> str:
        return self.label or self.id

    @property
    def api_key(self) -> Secret:
        """Raises SecretUnreadable when the encryption key is gone."""
        return secrets.decrypt(self.api_key_encrypted)

    def set_api_key(self, key: Secret | str) -> None:
        """Encrypts; the caller saves."""
        plain = key.reveal() if isinstance(key, Secret) else key
        self.api_key_encrypted = secrets.encrypt(Secret(plain.strip()))

    @property
    def api_key_hint(self) -> str:
        """What may be shown of the stored key; empty without one that can be read."""
        with suppress(SecretUnreadable):
            return self.api_key.hint
        return ""

    @property
    def header_hints(self) -> dict[str, str]:
        """What may be shown of the default headers' values."""
        with suppress(SecretUnreadable):
            return {name: Secret(value).hint for name, value in self.secret_headers.items()}
        return {}

    @property
    def secret_headers(self) -> dict[str, str]:
        """The default headers, which may hold keys. Raises SecretUnreadable."""
        stored = json.loads(secrets.decrypt(self.headers_encrypted).reveal() or "{}")
        return {**self.headers, **stored}

    def set_headers(self, headers: dict[str, str]) -> None:
        """Encrypts; the caller saves."""
        self.headers = {}
        self.headers_encrypted = secrets.encrypt(Secret(json.dumps(headers))) if headers else ""

    @property
    def proxy_login(self) -> Secret:
        """`user:password`. Raises SecretUnreadable."""
        return secrets.decrypt(self.proxy_login_encrypted)

    def set_proxy_login(self, login: str) -> None:
        """Encrypts; the caller saves."""
        self.proxy_login_encrypted = secrets.encrypt(Secret(login))

    def save(self, **kwargs: Any) -> None:
        if self.headers:
            self.set_headers(self.secret_headers)
        super().save(**kwargs)


class ProviderModel(models.Model):
    """A model that a provider offers. Prices are US dollars per million tokens; empty ones are looked up.
    `capabilities` is a list of contract.Capability, or None where nobody has told."""

    provider = models.ForeignKey(
        Provider, on_delete=models.CASCADE, related_name="models", verbose_name=_("provider")
    )
    name = models.CharField(_("name"), max_length=200)
    label = models.CharField(_("label"), max_length=200, blank=True)
    enabled = models.BooleanField(_("enabled"), default=True)
    is_default = models.BooleanField(_("default"), default=False)
    context_length = models.PositiveIntegerField(_("context length"), null=True, blank=True)
    max_output_tokens = models.PositiveIntegerField(_("most output tokens"), null=True, blank=True)
    capabilities = JSONField(
        _("capabilities"), null=True, blank=True, validators=[validation.validate_capabilities]
    )
    input_price = _price_field(_("input price"))
    output_price = _price_field(_("output price"))
    cache_read_price = _price_field(_("cache read price"))
    cache_write_price = _price_field(_("cache write price"))

    class Meta:
        ordering = ["provider", "pk"]
        verbose_name = _("model")
        verbose_name_plural = _("models")
        constraints = [
            models.UniqueConstraint(fields=["provider", "name"], name="one_model_of_a_name"),
            models.CheckConstraint(
                condition=models.Q(input_price__isnull=True) | models.Q(input_price__gte=0),
                name="input_price_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(output_price__isnull=True) | models.Q(output_price__gte=0),
                name="output_price_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(cache_read_price__isnull=True) | models.Q(cache_read_price__gte=0),
                name="cache_read_price_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(cache_write_price__isnull=True) | models.Q(cache_write_price__gte=0),
                name="cache_write_price_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.name

    @property
    def ref(self) -> str:
        """`provider/model`, as callers name it."""
        return f"{self.provider_id}/{self.name}"
