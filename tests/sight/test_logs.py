"""The log says which request, session and run a line is about, and no secret."""

import json
import logging
from typing import Any

import pytest

from chat import logs
from tests.clients import Api, eventually

PLANTED = "sk-canary-openai-0123456789"


def record(message: str, *args: object, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("chat.test", logging.INFO, __file__, 1, message, args, None)
    made.fields = fields
    return made


@pytest.mark.parametrize(
    "secret",
    [
        "sk-ant-0123456789abcdef",
        "pk-0123456789abcdef",
        "Authorization: Bearer opaque.words.of.somebody",
        "redis://user:pass-word@127.0.0.1/0",
        "/ws/chat/?ticket=abc:def-0123456789",
    ],
)
@pytest.mark.parametrize("formatter", [logs.Plain(), logs.Json()], ids=["plain", "json"])
def test_what_looks_like_a_secret_is_not_written(formatter: logging.Formatter, secret: str) -> None:
    line = formatter.format(record("refused: %s", secret, told=secret))
    assert logs.HIDDEN in line
    for part in ("0123456789abcdef", "opaque.words", "pass-word", "def-0123456789"):
        assert part not in line


def test_what_only_resembles_one_stays() -> None:
    told = "task-0123456789 at http://host:8000/risk_assessment-of-all"
    assert told in logs.Plain().format(record("%s", told))


def test_a_secret_of_the_environment_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENDOR_API_KEY", "correct horse battery")
    logs._given_secrets.cache_clear()
    try:
        assert "battery" not in logs.Plain().format(record("it said %s", "correct horse battery"))
    finally:
        logs._given_secrets.cache_clear()


async def test_lines_name_their_request_their_session_and_their_run(own_server: Any) -> None:
    own_server.environment["PARLEY_LOG_FORMAT"] = "json"
    own_server.start()
    async with Api(own_server.url, own_server.cast()["alice"]) as alice:
        session = await alice.session()
        run = (await alice.send(session["id"], model="openai/gpt-5.5"))["runs"][0]
        await alice.ended(run["id"])
        named = await alice.http.get("/api/nowhere/", headers={"X-Request-ID": "from-a-proxy-1"})
        strange = await alice.http.get("/api/nowhere/", headers={"X-Request-ID": "two words\tand more"})

    def lines() -> list[dict[str, Any]]:
        return [json.loads(line) for line in own_server.log.read_text().splitlines() if line.startswith("{")]

    def of(message: str, **fields: str) -> list[dict[str, Any]]:
        told = [line for line in lines() if line["message"] == message]
        return [line for line in told if fields.items() <= line.items()]

    async def told() -> bool:
        return bool(of("run ended", run_id=run["id"]))

    await eventually(told)
    [ended] = of("run ended", run_id=run["id"])
    assert ended["session_id"] == session["id"]
    assert ended["status"] in ("completed", "failed")
    assert of("request", request_id="from-a-proxy-1", route="none")
    assert named.headers["x-request-id"] == named.json()["error"]["request_id"] == "from-a-proxy-1"
    assert strange.headers["x-request-id"].startswith("req_")
    assert PLANTED not in own_server.log.read_text()
