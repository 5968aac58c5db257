"""What was typed into a form that is refused, or sent to a server that complains, is not shown again."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from chat.tools.targets import Target
from providers.secrets import Secret
from tests.canaries.words import HEADER, LOGIN, STORED, TOOLS, found_in

SECRETS = {"key": STORED, "header": HEADER, "login": LOGIN, "tools": TOOLS}
FORMS = {
    "chat/mcpserver": {"transport": "http", "headers": f'{{"x-key": "{TOOLS}"}}'},
    "providers/provider": {
        "kind": "openai-compatible",
        "api_key": STORED,
        "default_headers": f'{{"x-key": "{HEADER}"}}',
        "proxy_login": f"me:{LOGIN}",
    },
}


@pytest.mark.django_db
@pytest.mark.parametrize("form", FORMS)
def test_a_refused_form_comes_back_without_its_secrets(form: str) -> None:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("olive"))
    page = client.post(f"/admin/{form}/add/", FORMS[form])
    assert page.status_code == 200 and b"errorlist" in page.content
    assert found_in(page.content, SECRETS) == []


def test_what_a_server_of_tools_repeats_is_taken_out() -> None:
    target = Target(server_id=1, name="it", transport="http", headers={"x-key": Secret(f"Basic {TOOLS}")})
    assert target.without_secrets(f"wrong: {TOOLS} (Basic {TOOLS})") == "wrong: •••• (••••)"
