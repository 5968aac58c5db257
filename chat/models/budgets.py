"""What a user, a group, a key or a route may use in a period, and what of it is used."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from uuid import UUID

AMOUNTS = ("runs", "tokens", "money", "sockets")


class Budget(models.Model):
    """Exactly one of `user`, `group`, `key` and `route` says whose it is; a route is a route's name or
    `provider/model`. `each`: every member of the group has it for himself, otherwise all share it. An amount
    that is empty is not limited; money is in US dollars. Periods are of UTC. `now` is what goes on at the
    same time, where nothing but runs and sockets can be counted.

    No constraints in the database: the version before this one deletes people and keys and knows nothing of
    budgets.
    """

    class Period(models.TextChoices):
        NOW = "now", _("at once")
        MINUTE = "minute", _("a minute")
        DAY = "day", _("a day")
        MONTH = "month", _("a month")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="budgets",
        db_constraint=False,
        verbose_name=_("user"),
    )
    group = models.ForeignKey(
        "auth.Group",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="budgets",
        db_constraint=False,
        verbose_name=_("group"),
    )
    key = models.ForeignKey(
        "ApiKey",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="budgets",
        db_constraint=False,
        verbose_name=_("API key"),
    )
    route = models.CharField(
        _("route"),
        max_length=300,
        blank=True,
        default="",
        help_text=_("A route's name, or provider/model."),
    )
    each = models.BooleanField(
        _("for each member"), default=False, help_text=_("Of a group: nobody shares it with the others.")
    )
    period = models.CharField(_("period"), max_length=6, choices=Period)
    runs = models.PositiveIntegerField(_("answers"), null=True, blank=True, validators=[MinValueValidator(1)])
    tokens = models.PositiveBigIntegerField(
        _("tokens"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    money = models.DecimalField(
        _("US dollars"),
        max_digits=12,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.0001"))],
    )
    sockets = models.PositiveIntegerField(
        _("connections"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    created_at = models.DateTimeField(auto_now_add=True)

    user_id: int | None
    group_id: int | None
    key_id: "UUID | None"

    class Meta:
        ordering = ["id"]
        verbose_name = _("budget")
        verbose_name_plural = _("budgets and limits")

    def __str__(self) -> str:
        return f"{self.owner_label}: {self.get_period_display()}"

    @property
    def owner_label(self) -> str:
        """`user alice`, as refusals name it."""
        if self.user_id:
            return f"user {self.user}"
        if self.group_id:
            return f"group {self.group}"
        return f"key {self.key}" if self.key_id else f"route {self.route}"

    def clean(self) -> None:
        key = self.key_id or self._state.fields_cache.get("key")  # that is stored together with it
        owners = [self.user_id, self.group_id, key, self.route]
        if sum(bool(owner) for owner in owners) != 1:
            raise ValidationError(_("Name one of user, group, key and route."), code="owner")
        if all(getattr(self, name) is None for name in AMOUNTS):
            raise ValidationError(_("Set at least one of runs, tokens, money and sockets."), code="amount")
        if self.each and not self.group_id:
            raise ValidationError({"each": _("Only a group has members.")})
        self._check_period()

    def _check_period(self) -> None:
        at_once = self.period == self.Period.NOW
        wrong = [name for name in (("tokens", "money") if at_once else ("sockets",)) if self._has(name)]
        if wrong:
            message = _("This is not counted for this period.")
            raise ValidationError(dict.fromkeys(wrong, message))
        if self.route and self._has("sockets"):
            raise ValidationError({"sockets": _("A route has no connections.")})

    def _has(self, name: str) -> bool:
        value: Any = getattr(self, name)
        return value is not None


class BudgetCounter(models.Model):
    """What is used and reserved of one budget in one period. `ends_at` is None for what goes on at once.
    Counted whole, for sums of fractions come out differently from database to database: money is in
    nanodollars."""

    name = models.CharField(max_length=100, primary_key=True)  # chat/budgets/rules.py makes it
    runs = models.BigIntegerField(default=0)
    tokens = models.BigIntegerField(default=0)
    nanodollars = models.BigIntegerField(default=0)
    ends_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        verbose_name = _("counter")
        verbose_name_plural = _("counters")

    def __str__(self) -> str:
        return self.name
