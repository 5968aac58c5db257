"""Who does what one process at a time does: when its lease ends without it, another follows."""

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from chat.models import Duty


def duty_take(*, name: str, owner: str, seconds: float) -> bool:
    """Whether it is this owner's for so many seconds more: one conditional update decides."""
    free = Q(owner=owner) | Q(until__lt=Now())
    mine = {"owner": owner, "until": Now() + timedelta(seconds=seconds)}
    if Duty.objects.filter(free, name=name).update(**mine):
        return True
    if Duty.objects.filter(name=name).exists():
        return False
    Duty.objects.bulk_create(
        [Duty(name=name, until=timezone.now() - timedelta(days=1))], ignore_conflicts=True
    )
    return bool(Duty.objects.filter(free, name=name).update(**mine))


def duty_tell(*, name: str, told: str) -> None:
    """What is wrong; nothing where all is well."""
    Duty.objects.filter(name=name).update(told=told)
