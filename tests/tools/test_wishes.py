"""What a person wishes of tools: stricter than the operator, for this person alone, in every answer."""

from typing import Any

import pytest

from tests.clients import Api, eventually

NOON = [{"tool": "current_time", "arguments": "{}"}, {"text": "Done."}]


async def wish(api: Api, name: str, policy: Any) -> Any:
    return await api.http.patch(f"/api/tools/{name}/", json={"policy": policy})


async def listed(api: Api) -> dict[str, str]:
    return {tool["name"]: tool["policy"] for tool in (await api.http.get("/api/tools/")).json()["results"]}


async def is_waiting(api: Api, run_id: str) -> bool:
    return bool((await api.run(run_id))["status"] == "waiting")


async def test_a_tool_asks_or_never_runs_for_who_wishes_that(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice, Api(server.url, server.keys["bob"]) as bob:
        before = await listed(alice)
        asks = await wish(alice, "current_time", "ask")
        session = await alice.session()
        asked = {"model": "demo/tools", "tools": ["current_time"], "options": {"script": NOON}}
        run = (await alice.send(session["id"], **asked))["runs"][0]
        await eventually(lambda: is_waiting(alice, run["id"]))
        never = await wish(alice, "current_time", "never")
        during = await listed(alice), await listed(bob)
        await alice.http.post(f"/api/runs/{run['id']}/cancel/")
        back = await wish(alice, "current_time", "always")
        after = await listed(alice)
    assert (asks.json()["policy"], never.json()["policy"], back.json()["policy"]) == (
        "ask",
        "never",
        "always",
    )
    assert "current_time" not in during[0]
    assert during[1] == after == before


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("no_such_tool", {"policy": "ask"}, 404),
        ("current_time", {"policy": "often"}, 400),
        ("current_time", {}, 400),
        ("current_time", {"policy": "ask", "by_default": True}, 400),
    ],
)
async def test_a_wrong_wish_is_refused(server: Any, name: str, body: Any, status: int) -> None:
    async with Api(server.url, server.keys["carol"]) as carol:
        refused = await carol.http.patch(f"/api/tools/{name}/", json=body)
    assert refused.status_code == status
    assert refused.json()["error"]["code"]


@pytest.mark.django_db
def test_a_wish_never_lets_more_than_the_operator(alice: Any) -> None:
    from chat.models import ToolRule
    from chat.rights import tools_for
    from chat.tools.wishes import wish_set

    ToolRule.objects.create(tool="calculator", policy="ask")
    wish_set(user_id=alice.pk, tool="calculator", policy="always")
    assert {tool.name: tool.policy for tool in tools_for(alice.pk)}["calculator"] == "ask"
