"""REST: budgets and limits. Everybody sees those that count for him; operators set them up."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.api.pagination import NewestFirst
from chat.api.permissions import ReadsOrOperates
from chat.authentication import in_scope
from chat.budgets.fields import BudgetFields, BudgetOut, budget_json, budgets_for
from chat.models import Budget


class BudgetView(APIView):
    permission_classes = [ReadsOrOperates]
    table = "budget"

    @extend_schema(responses=BudgetOut)
    def get(self, request: Request, budget_id: int) -> Response:
        rows = budgets_for(request.user, whole=operates(request, "view_budget"))
        return Response(budget_json(get_object_or_404(rows, pk=budget_id), request.user))

    @extend_schema(request=BudgetFields(partial=True), responses=BudgetOut)
    def patch(self, request: Request, budget_id: int) -> Response:
        budget = get_object_or_404(Budget, pk=budget_id)
        return Response(_saved(BudgetFields(budget, data=request.data, partial=True), request))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, budget_id: int) -> Response:
        get_object_or_404(Budget, pk=budget_id).delete()
        return Response(status=204)


class BudgetsView(APIView):
    permission_classes = [ReadsOrOperates]
    table = "budget"

    @extend_schema(responses=BudgetOut(many=True))
    def get(self, request: Request) -> Response:
        rows = budgets_for(request.user, whole=operates(request, "view_budget"))
        paginator = NewestFirst()
        page = paginator.paginate_queryset(rows, request, view=self) or []
        return paginator.get_paginated_response([budget_json(row, request.user) for row in page])

    @extend_schema(request=BudgetFields, responses={201: BudgetOut})
    def post(self, request: Request) -> Response:
        return Response(_saved(BudgetFields(data=request.data), request), 201)


def operates(request: Request, right: str) -> bool:
    """Staff with this right of the admin, and no key that is for less."""
    user: Any = request.user
    return user.is_staff and user.has_perm(f"chat.{right}") and in_scope(user, "admin")


def _saved(form: BudgetFields, request: Request) -> dict[str, Any]:
    form.is_valid(raise_exception=True)
    return budget_json(form.save(), request.user)
