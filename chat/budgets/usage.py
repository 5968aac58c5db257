"""What was used, summed up: from the rows of runs, and of answers that have none here (any more)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db.models import BigIntegerField, Count, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, TruncDate

from chat.models import ApiKey, Run, UsageRecord

SIDES: Final = ("day", "model", "provider", "user", "key")
_COLUMNS: Final = {"user": "user_id", "key": "api_key"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Days from `since` to `until`, both included, of `zone`; by which of SIDES; `where` are conditions on
    columns."""

    since: date
    until: date
    zone: tzinfo
    by: tuple[str, ...]
    where: dict[str, Any]


def usage_of(asked: Asked) -> dict[str, Any]:
    """`results` by what was asked, in its order, and the `total`."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    total = dict.fromkeys(_SUMS, 0)
    for row in (*_summed(Run.objects.all(), Q(parent=None), asked), *_kept(asked)):
        sides = tuple(row[_COLUMNS.get(side, side)] for side in asked.by)
        found[sides] = _added(found.get(sides, {}), row)
        total = _added(total, row)
    named = _named(asked.by, found)
    ordered = sorted(found, key=lambda sides: [(side is None, str(side)) for side in sides])
    return {
        "results": [{**named(sides), **_figures(found[sides])} for sides in ordered],
        "total": _figures(total),
    }


def _kept(asked: Asked) -> Iterable[dict[str, Any]]:
    return _summed(UsageRecord.objects.all(), Q(is_part=False), asked)


def _summed(rows: "QuerySet[Any]", is_answer: Q, asked: Asked) -> Iterable[dict[str, Any]]:
    begin = datetime.combine(asked.since, time(), asked.zone)
    end = datetime.combine(asked.until + timedelta(days=1), time(), asked.zone)
    ended = rows.filter(finished_at__gte=begin, finished_at__lt=end, **asked.where).order_by()
    if "day" in asked.by:
        ended = ended.annotate(day=TruncDate("finished_at", tzinfo=asked.zone))
    sides = [_COLUMNS.get(side, side) for side in asked.by]
    first = Cast(KeyTextTransform("first_token_ms", "timings"), BigIntegerField())
    summed: Iterable[dict[str, Any]] = ended.values(*sides).annotate(
        runs=Count("pk", filter=is_answer),
        input_tokens=_tokens("input_tokens"),
        output_tokens=_tokens("output_tokens"),
        money=Sum("cost"),
        unpriced=Count("pk", filter=Q(cost=None, usage__isnull=False)),
        first_ms=Sum(first),
        firsts=Count(first),
    )
    return summed


def _tokens(name: str) -> Sum:
    return Sum(Cast(KeyTextTransform(name, "usage"), BigIntegerField()))


def _added(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {name: (one.get(name) or 0) + (other[name] or 0) for name in _SUMS}


def _figures(sums: Mapping[str, Any]) -> dict[str, Any]:
    """`cost` is of what has a price; `unpriced` is how many answers have none."""
    firsts = sums["firsts"]
    return {
        **{name: sums[name] for name in ("runs", "input_tokens", "output_tokens")},
        "cost": format(Decimal(sums["money"]).normalize(), "f"),
        "unpriced": sums["unpriced"],
        "average_first_token_ms": round(sums["first_ms"] / firsts) if firsts else None,
    }


def _named(
    by: Sequence[str], found: Iterable[tuple[Any, ...]]
) -> Callable[[tuple[Any, ...]], dict[str, Any]]:
    """Sides as they are shown: people and keys with their names, where they still have one."""
    ids = {side: {sides[place] for sides in found} for place, side in enumerate(by)}
    users = get_user_model().objects.in_bulk([one for one in ids.get("user", ()) if one])
    keys = ApiKey.objects.in_bulk([one for one in ids.get("key", ()) if one])
    names: dict[str, dict[Any, Any]] = {"user": users, "key": keys}

    def shown(side: str, value: Any) -> Any:
        if side in names:
            return value and {"id": str(value), "name": str(names[side].get(value, ""))}
        return value.isoformat() if side == "day" else value

    return lambda sides: {side: shown(side, value) for side, value in zip(by, sides, strict=True)}


_SUMS: Final = (
    *("runs", "input_tokens", "output_tokens", "money", "unpriced"),
    *("first_ms", "firsts"),
)
