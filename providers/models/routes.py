"""Routes: names for an ordered choice of models, so that one can answer when another cannot."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.models.providers import Provider, ProviderModel

HEDGE_SECONDS = 2.0  # more than most models need to their first token, less than most people wait
ROUTE_NAME = r"\A[\w.:+-]+(?: [\w.:+-]+)*\Z"


class Route(models.Model):
    """A name that callers use as a model. `strategy` says which of its targets is asked first; the others
    follow in order. `hedge_after` is in seconds and for races alone."""

    class Strategy(models.TextChoices):
        PRIORITY = "priority", _("in order")
        WEIGHTED = "weighted", _("by weight")
        LEAST_BUSY = "least-busy", _("least busy")
        RACE = "race", _("race")

    name = models.CharField(
        _("name"),
        max_length=100,
        unique=True,
        validators=[RegexValidator(ROUTE_NAME, _("A name has letters, digits and . : _ + - only."))],
        help_text=_("What callers name as the model."),
    )
    label = models.CharField(_("label"), max_length=200, blank=True)
    strategy = models.CharField(_("strategy"), max_length=12, choices=Strategy, default=Strategy.PRIORITY)
    hedge_after = models.FloatField(
        _("hedge after"),
        default=HEDGE_SECONDS,
        validators=[MinValueValidator(0.0), MaxValueValidator(600.0)],
        help_text=_("In a race: seconds without a token until the next one starts."),
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("route")
        verbose_name_plural = _("routes")

    def __str__(self) -> str:
        return self.label or self.name

    def clean(self) -> None:
        """A bare name means the first provider that lists it: a route may not take that name away."""
        taken = model_of_name(self.name)
        if taken:
            raise ValidationError(
                {"name": _("A model has this name: %(model)s. Choose another one.") % {"model": taken.ref}}
            )


def model_of_name(name: str) -> ProviderModel | None:
    """The model that this bare name means already."""
    return ProviderModel.objects.filter(name=name).first()


class RouteTarget(models.Model):
    """One of a route's models. The lowest position is asked first; weights count against each other."""

    route = models.ForeignKey(Route, on_delete=models.CASCADE, related_name="targets")
    provider = models.ForeignKey(
        Provider, on_delete=models.CASCADE, related_name="route_targets", verbose_name=_("provider")
    )
    model = models.CharField(_("model"), max_length=200)
    weight = models.PositiveIntegerField(_("weight"), default=1, validators=[MaxValueValidator(1_000_000)])
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        constraints = [
            models.UniqueConstraint(fields=["route", "provider", "model"], name="one_target_of_a_model"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """`provider/model`, as callers name it."""
        return f"{self.provider_id}/{self.model}"
