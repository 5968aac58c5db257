"""Keys and budgets as an operator sets them up in the admin."""

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages

from chat.authentication import user_of_key
from chat.models import ApiKey, Budget
from chat.models.keys import came_with

pytestmark = pytest.mark.django_db
INLINE = {
    "budgets-TOTAL_FORMS": "1",
    "budgets-INITIAL_FORMS": "0",
    "budgets-0-period": "month",
    "budgets-0-money": "5",
}


def test_a_key_with_scopes_routes_and_a_budget(client: Any, admin_user: Any, alice: Any) -> None:
    client.force_login(admin_user)
    fields = {"user": alice.pk, "name": "laptop", "scopes": ["chat"], "routes": "cheap\n demo/chat \n"}
    response = client.post("/admin/chat/apikey/add/", {**fields, **INLINE})
    assert response.status_code == 302, response.context["errors"]
    told = " ".join(map(str, get_messages(response.wsgi_request)))
    key = came_with(user_of_key(re.findall(r"pk-\S+", told)[0]))
    assert key
    assert (key.user, key.scopes, key.routes) == (alice, ["chat"], ["cheap", "demo/chat"])
    assert [str(budget.money) for budget in key.budgets.all()] == ["5.0000"]
    client.post("/admin/chat/apikey/", {"action": "revoke", "_selected_action": [str(key.pk)]})
    assert ApiKey.objects.get().revoked_at


def test_a_budget_that_makes_no_sense_is_refused_and_one_that_does_is_shown(
    client: Any, admin_user: Any, alice: Any
) -> None:
    client.force_login(admin_user)
    for wrong in (
        {},
        {"user": alice.pk, "route": "x", "runs": 1},
        {"user": alice.pk, "each": "on", "runs": 1},
    ):
        page = client.post("/admin/chat/budget/add/", {"period": "day", **wrong})
        assert page.status_code == 200
        assert page.context["errors"]
    saved = client.post("/admin/chat/budget/add/", {"period": "day", "user": alice.pk, "runs": 7})
    assert saved.status_code == 302
    assert Budget.objects.get().runs == 7
    assert "0 / 7 answers" in client.get("/admin/chat/budget/").content.decode()
