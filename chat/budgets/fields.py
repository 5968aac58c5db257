"""A budget as the API writes it, with what is used and left of it now."""

from collections.abc import Sequence
from copy import copy
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from rest_framework import serializers

from chat.access import Person
from chat.budgets.amounts import Amounts, Share, end_of
from chat.budgets.left import Left
from chat.budgets.rules import Payer, Rule, rule_of, rules_for
from chat.models import ApiKey, Budget, BudgetCounter, Run
from providers.serializers import StrictSerializer

AMOUNTS = ("period", "runs", "tokens", "money", "sockets")


class _ByName(serializers.SlugRelatedField[Any]):
    """By name, or by id where nothing has that name."""

    def to_internal_value(self, data: Any) -> Any:
        rows = self.get_queryset()
        if not isinstance(data, str | int) or isinstance(data, bool) or rows is None:
            self.fail("invalid")
        told = str(data)
        named = rows.filter(**{str(self.slug_field): told}).first()
        numbered = told.isascii() and told.isdecimal() and len(told) < 18
        found = named or (rows.filter(pk=int(told)).first() if numbered else None)
        if found is None:
            self.fail("does_not_exist", slug_name=self.slug_field, value=told[:80])
        return found


class AmountFields(StrictSerializer, serializers.ModelSerializer[Budget]):
    """A period and at least one amount of it."""

    owned: dict[str, Any] = {"key_id": UUID(int=0)}  # whose it is, is said elsewhere

    class Meta:
        model = Budget
        fields = AMOUNTS

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        budget = copy(self.instance) if self.instance else Budget(**self.owned)
        for name, value in attrs.items():
            setattr(budget, name, value)
        try:
            budget.clean()
        except DjangoValidationError as error:
            raise serializers.ValidationError(_told(error)) from error
        return attrs


class BudgetFields(AmountFields):
    owned = {}
    user = _ByName(slug_field="username", queryset=get_user_model().objects, required=False, allow_null=True)
    group = _ByName(slug_field="name", queryset=Group.objects, required=False, allow_null=True)
    key: Any = serializers.PrimaryKeyRelatedField(
        queryset=ApiKey.objects.all(), required=False, allow_null=True
    )

    class Meta:
        model = Budget
        fields = ("id", "user", "group", "key", "route", "each", *AMOUNTS)


class BudgetOut(BudgetFields):
    used = serializers.DictField(help_text="of each amount that is limited, now")
    left = serializers.DictField()
    resets_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        model = Budget
        fields = (*BudgetFields.Meta.fields, "used", "left", "resets_at")


def _told(error: DjangoValidationError) -> Any:
    return error.message_dict if hasattr(error, "error_dict") else {"non_field_errors": error.messages}


def budgets_for(user: Person, *, whole: bool) -> QuerySet[Budget]:
    """All, or those that count for a person."""
    rows = Budget.objects.select_related("user", "group", "key")
    if whole:
        return rows
    mine = Q(user__pk=user.pk) | Q(group__user__pk=user.pk) | Q(key__user__pk=user.pk)
    return rows.filter(mine).distinct()


def budget_json(budget: Budget, user: Person) -> dict[str, Any]:
    """`used`, `left` and `resets_at` are of the period that is now; for each member, the caller's own."""
    left = left_of(budget, user)
    return {**BudgetFields(budget).data, **left.as_state()}


def left_of(budget: Budget, user: Person | None) -> Left:
    return _lefts([rule_of(budget)], user.pk if user else None)[0]


def budgets_of(run: Run) -> list[dict[str, Any]]:
    """What is left now of those that count for whoever asked."""
    named = (run.route or {}).get("name", "")
    payer = Payer(user_id=run.user_id, key_id=run.api_key, refs=(named, run.agent, run.asked))
    rules = [rule for rule in rules_for(payer) if rule.limits.given]
    return [left.as_json() for left in _lefts(rules, run.user_id)] if rules else []


def _lefts(rules: Sequence[Rule], user_id: Any) -> list[Left]:
    now = timezone.now()
    names = [rule.counter(user_id, now) for rule in rules]
    rows = BudgetCounter.objects.in_bulk(names)

    def left(rule: Rule, name: str) -> Left:
        row = rows.get(name, BudgetCounter())
        used = Amounts(row.runs, row.tokens, row.nanodollars)
        return Left(rule=rule, share=Share(name, Amounts()), used=used, ends_at=end_of(rule.period, now))

    return list(map(left, rules, names))
