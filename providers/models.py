"""What an operator has set up: providers, and the models that each offers. Keys are stored encrypted."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from providers import secrets, validation
from providers.secrets import Secret


class Provider(models.Model):
    """An account at a vendor, or a server. Its id is the first half of `provider/model`."""

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
    enabled = models.BooleanField(_("enabled"), default=True)
    position = models.PositiveIntegerField(_("position"), default=100)
    headers = models.JSONField(
        _("headers"), default=dict, blank=True, validators=[validation.validate_headers]
    )
    timeouts = models.JSONField(
        _("time limits"),
        default=dict,
        blank=True,
        validators=[validation.validate_timeouts],
        help_text=_("Seconds: connect, first_token, between_tokens."),
    )
    extra = models.JSONField(_("extra"), default=dict, blank=True, validators=[validation.validate_object])
    from_environment = models.BooleanField(_("from the environment"), default=False, editable=False)
    check_status = models.CharField(
        _("last test"), max_length=10, choices=Check.choices, default=Check.NEVER, editable=False
    )
    check_latency_ms = models.PositiveIntegerField(null=True, editable=False)
    check_message = models.TextField(blank=True, default="", editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)
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


class ProviderModel(models.Model):
    """A model that a provider offers. Prices are US dollars per million tokens; empty is unknown."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="models")
    name = models.CharField(_("name"), max_length=200)
    label = models.CharField(_("label"), max_length=200, blank=True)
    enabled = models.BooleanField(_("enabled"), default=True)
    is_default = models.BooleanField(_("default"), default=False)
    context_length = models.PositiveIntegerField(_("context length"), null=True, blank=True)
    input_price = models.DecimalField(
        _("input price"),
        max_digits=12,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    output_price = models.DecimalField(
        _("output price"),
        max_digits=12,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )

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
        ]

    def __str__(self) -> str:
        return self.label or self.name

    @property
    def ref(self) -> str:
        """`provider/model`, as callers name it."""
        return f"{self.provider_id}/{self.name}"
