"""What the doors whose answers nobody keeps have answered, in sums."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class DoorTally(models.Model):
    """One row per door and person, since it was reset last. `cost` is in US dollars, of what has a price."""

    door = models.CharField(max_length=40)
    # No constraint: the version before this one deletes people and knows nothing of tallies.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_constraint=False)
    requests = models.PositiveBigIntegerField(default=0)
    failures = models.PositiveBigIntegerField(default=0)
    input_tokens = models.PositiveBigIntegerField(default=0)
    output_tokens = models.PositiveBigIntegerField(default=0)
    cost = models.DecimalField(max_digits=18, decimal_places=8, default=0)
    milliseconds = models.PositiveBigIntegerField(default=0)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        constraints = [models.UniqueConstraint(fields=["door", "user"], name="tally_of_door_and_user")]

    def __str__(self) -> str:
        return f"{self.door} {self.user_id}"
