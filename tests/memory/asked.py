"""What the fake provider was asked, told apart by what it was asked for."""

import uuid
from typing import Any

from tests.clients import Api, Frame, eventually

TITLE, SUMMARY, FACTS = "Write a title", "Summarise the", "You keep notes"


def requests(vendor: Any, kind: str = "") -> list[Frame]:
    """Bodies of requests for one kind of background work, or for answers; the earliest first."""
    bodies = [received.body for received in vendor.requests if received.body]
    return [
        body
        for body in bodies
        if system_of(body).startswith(kind) and (body["model"] == "cheap") == bool(kind)
    ]


def system_of(body: Frame) -> str:
    return str(next((m["content"] for m in body["messages"] if m["role"] == "system"), ""))


def said_to(body: Frame) -> list[tuple[str, str]]:
    """Role and text of all but the system prompt."""
    return [(m["role"], _text(m["content"])) for m in body["messages"] if m["role"] != "system"]


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content or ())


async def say(api: Api, session_id: str, text: str, **fields: Any) -> Frame:
    """Send, and give the run once it is over."""
    sent = await api.send(session_id, text, **{"model": "openai/gpt-fake", **fields})
    return await api.ended(sent["runs"][0]["id"])


async def background(api: Api, session_id: str, kind: str, count: int = 1) -> list[Frame]:
    """The runs of one kind, once so many of them are over."""

    async def over() -> list[Frame]:
        found = (await api.http.get(f"/api/sessions/{session_id}/runs/?kind={kind}")).json()["results"]
        ended = [run for run in found if run["finished_at"]]
        return ended if len(ended) >= count else []

    return list(await eventually(over))


async def settled(api: Api) -> None:
    """Nothing goes on in the background any more: what it notes is none of the next test's."""

    async def over() -> bool:
        sessions = (await api.http.get("/api/sessions/")).json()["results"]
        paths = [f"/api/sessions/{session['id']}/runs/" for session in sessions]
        runs = [run for path in paths for run in (await api.http.get(path)).json()["results"]]
        return all(run["finished_at"] for run in runs)

    await eventually(over)


async def memories(api: Api, query: str = "") -> list[Frame]:
    return list((await api.http.get("/api/memory/", params={"q": query} if query else {})).json()["results"])


def unique(word: str) -> str:
    """A word that no other test says: the fake provider and the servers are shared."""
    return f"{word}{uuid.uuid4().hex[:8]}"
