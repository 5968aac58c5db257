"""Every route, asked by every kind of caller about every kind of id: what is not one's own is not there,
nobody gets in who should not, and nothing fails. A new route is walked by itself, or named in routes.py with
a reason.
"""

import uuid
from typing import Any

import pytest
import websockets

from tests.clients import Socket
from tests.walk.routes import COMMON, OPEN, OWN, Route, routes
from tests.walk.walking import NEVER, Answer, Walk, fine, gathered

SESSION = "api/sessions/<uuid:session_id>/"
STRANGERS = ("nobody", "disabled", "revoked", "expired", "disabled-page")
ABSENT = {name: str(uuid.UUID(int=5)) for name in OWN} | {"budget_id": "999999999", "tool_call_id": "nothing"}
MALFORMED = ("no-id", "%00", "..%2f..%2fetc", "1" * 300)


def operations() -> list[tuple[Route, str]]:
    return [(route, method) for route in routes() for method in route.methods]


@pytest.mark.timeout(300)
async def test_nobody_gets_in_who_may_not(walk: Walk) -> None:
    asked = [
        ((caller, method, route), walk.route(caller, route, method, walk.own["alice"]))
        for route, method in operations()
        for caller in STRANGERS
        if route.path not in OPEN
    ]
    assert len(asked) > 400
    wrong = [
        (caller, method, route.path, answer)
        for (caller, method, route), answer in await gathered(asked)
        if not fine(answer) or not (answer.status == 401 or answer.no_method)
    ]
    assert not wrong, "\n".join(" ".join(map(str, one)) for one in wrong[:40])


@pytest.mark.timeout(300)
async def test_what_is_somebody_elses_is_told_as_what_is_not_there(walk: Walk) -> None:
    """Of every own object in a path: another person's, one that is deleted, one that never was."""
    alice = walk.own["alice"]
    before = await stored(walk)
    asked = []
    for route, method in operations():
        for name in route.own if route.path not in OPEN else ():
            for caller, ids in (
                ("other", alice),
                ("other", walk.own["carol"] | {name: alice[name]}),
                ("other-page", alice),
                ("operator", alice),
                ("narrow", alice),
                ("owner", alice | {name: walk.own["gone"][name]}),
            ):
                pair = (ids, ids | {name: ABSENT[name]})
                asked += [
                    ((caller, method, route, name), walk.route(caller, route, method, one)) for one in pair
                ]
    assert len(asked) > 300
    answers = await gathered(asked)
    wrong = []
    for (what, given), (_, absent) in zip(answers[::2], answers[1::2], strict=True):
        caller, method, route, name = what
        if not fine(given) or not may_be_told(caller, method, route, name, given, absent):
            wrong.append((caller, method, route.path, name, given, absent))
    assert not wrong, "\n".join(" ".join(map(str, one)) for one in wrong[:40])
    assert await stored(walk) == before


def may_be_told(caller: str, method: str, route: Route, name: str, given: Answer, absent: Answer) -> bool:
    if caller == "narrow":
        return given.status == 403 or given.no_method
    if name == "budget_id" and (caller == "operator" or method != "GET"):
        return given.status in (200, 204, 403, 404)  # operators set them up
    expected = (*unknown(route), 400) if route.may_miss(method) else unknown(route)
    expected += (401,) if caller.endswith("-page") else ()  # of doors that take keys alone
    return given.told == absent.told and (given.no_method or given.status in expected)


@pytest.mark.timeout(300)
async def test_a_cookie_without_a_pages_token_writes_nothing(walk: Walk) -> None:
    """Whatever page elsewhere makes a browser send it."""
    alice = walk.own["alice"]
    before = await stored(walk)
    asked = [
        ((method, route), walk.route("owner-elsewhere", route, method, alice))
        for route, method in operations()
        if method != "GET" and route.path not in OPEN
    ]
    wrong = [
        (method, route.path, answer)
        for (method, route), answer in await gathered(asked)
        if not (answer.no_method or answer.status == 401 or (answer.status == 403 and "CSRF" in answer.text))
    ]
    assert not wrong, "\n".join(" ".join(map(str, one)) for one in wrong[:40])
    assert await stored(walk) == before
    changed = await walk.ask("owner-page", "PATCH", f"/api/keys/{alice['key_id']}/", {"name": "walked"})
    assert changed.status == 200, changed


def unknown(route: Route) -> tuple[int, ...]:
    """The AI SDK names its chats itself: one that nobody has begun is no error."""
    return (200, 204) if route.path.startswith("api/ai-sdk/") else (404,)


async def stored(walk: Walk) -> list[tuple[int, str]]:
    """What alice has."""
    alice = walk.own["alice"]
    urls = [
        f"/api/sessions/{alice['session_id']}/",
        f"/api/sessions/{alice['session_id']}/members/",
        f"/api/sessions/{alice['session_id']}/messages/",
        f"/api/sessions/{alice['session_id']}/links/",
        f"/api/memory/{alice['memory_id']}/",
        f"/api/prompts/{alice['prompt_id']}/",
        f"/api/files/{alice['file_id']}/",
        f"/api/keys/{alice['key_id']}/",
    ]
    answers = [await walk.ask("owner", "GET", url) for url in urls]
    assert [answer.status for answer in answers] == [200] * len(urls)
    return [(answer.status, answer.text) for answer in answers]


@pytest.mark.timeout(300)
async def test_ids_that_are_none_are_not_there(walk: Walk) -> None:
    asked = [
        ((method, route, value), walk.ask("owner", method, url, route.body(method)))
        for route, method in operations()
        for place in range(len(route.parameters))
        for value in MALFORMED
        for url in [with_value(route, walk.own["alice"], place, value)]
    ]
    wrong = [
        (method, route.path, value, answer)
        for (method, route, value), answer in await gathered(asked)
        if not fine(answer) or answer.status not in (*unknown(route), 400, 403, 404, 405)
    ]
    assert not wrong, "\n".join(" ".join(map(str, one)) for one in wrong[:40])


def with_value(route: Route, ids: dict[str, Any], place: int, value: str) -> str:
    whole = {**COMMON, **ids}
    values = [value if at == place else whole[name] for at, name in enumerate(route.parameters)]
    return route.filled(values)


@pytest.mark.timeout(300)
async def test_rights_of_the_admin_are_for_staff_alone(walk: Walk) -> None:
    """Who was staff, and kept every single right, is told what everybody is told."""
    chosen = [(route, method) for route, method in operations() if not route.own and route.path not in OPEN]
    asked = [
        ((caller, method, route), walk.route(caller, route, method, {}))
        for route, method in chosen
        for caller in ("demoted", "other")
    ]
    answers = await gathered(asked)
    refused = set()
    for ((_, method, route), demoted), (_, plain) in zip(answers[::2], answers[1::2], strict=True):
        assert fine(demoted), (method, route, demoted)
        assert demoted.status == plain.status, (method, route, demoted, plain)
        if demoted.status == 403:
            refused.add((method, route.path))
    staffs = {
        ("GET", "api/audit/"),
        ("GET", "api/providers/"),
        ("POST", "api/budgets/"),
        ("POST", "api/agents/"),
    }
    assert refused >= staffs
    assert (await walk.ask("operator", "GET", "/api/audit/")).status == 200


@pytest.mark.timeout(300)
async def test_the_owner_reaches_everything_that_is_his(walk: Walk) -> None:
    """Or the refusals above would prove nothing. What deletes comes last, the innermost first."""
    alice = walk.own["spent"]
    chosen = [(route, method) for route, method in operations() if route.own and route.path not in OPEN]
    chosen.sort(key=lambda one: (one[1] == "DELETE", one[0].path == SESSION, -one[0].path.count("/")))
    for route, method in chosen:
        answer = await walk.route("owner", route, method, alice)
        assert fine(answer) or NEVER.search(answer.text), (method, route, answer)
        expected = (403,) if "budgets" in route.path and method != "GET" else (200, 201, 204, 409)
        expected += (400,) if route.may_miss(method) else ()
        assert answer.no_method or answer.status in expected, (method, route, answer)


async def test_sockets_let_in_whom_requests_do(walk: Walk) -> None:
    for path in (
        walk.server.ws_url,
        f"{walk.server.ws_url.removesuffix('/ws/chat/')}/api/streaming/ws/alice",
    ):
        for caller in STRANGERS:
            key = walk.keys.get(caller, "")
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            async with websockets.connect(path, additional_headers=headers) as connection:
                await connection.wait_closed()
            assert connection.close_code == 4401, (path, caller)


async def test_a_socket_tells_of_others_sessions_what_it_tells_of_none(walk: Walk) -> None:
    alice = walk.own["alice"]
    session, run, message = (alice[f"{name}_id"] for name in ("session", "run", "message"))
    absent, call = str(uuid.UUID(int=5)), {"tool_call_id": alice["tool_call_id"], "decision": "approve"}
    async with await Socket.open(walk.server.ws_url, walk.keys["other"]) as socket:
        for command, name, id_, more in (
            ("subscribe", "session_id", session, {}),
            ("message.send", "session_id", session, {"client_id": "w", "text": "x", "model": "demo/fast"}),
            ("message.edit", "message_id", message, {"client_id": "w", "text": "x"}),
            ("message.regenerate", "message_id", message, {"client_id": "w"}),
            ("run.cancel", "run_id", run, {}),
            ("tool.decide", "run_id", run, call),
            ("typing", "session_id", session, {}),
        ):
            of_hers = await socket.ask(command, **{name: id_}, **more)
            of_none = await socket.ask(command, **{name: absent}, **more)
            told = [(reply["ok"], reply["error"]) for reply in (of_hers, of_none)]
            assert told[0] == told[1], command
            assert told[0][1]["code"] == "not_found", command


def test_what_is_not_walked_is_a_route_and_has_a_reason() -> None:
    everything = {route.path for route in routes()}
    assert everything >= OPEN - {"usage", "compare", "api/register/"}
    unknown = {name for route in routes() for name in route.parameters} - {*OWN, *COMMON}
    assert not unknown, "say in routes.py what these parameters are"
