"""One question through every door that answers, as one of the cast: what came back, and of which kind."""

import json
import uuid
from dataclasses import dataclass
from inspect import iscoroutinefunction
from itertools import cycle
from typing import Any, Final

import httpx2
import websockets

from tests.clients import Api, Socket

MODEL: Final = "demo/fast"
TEXT: Final = "Hello"
SAID: Final = [{"role": "user", "content": TEXT}]


@dataclass(frozen=True, slots=True)
class Answered:
    """`refused` is the error as the door wrote it, None where it answered."""

    refused: Any = None
    status: int = 200
    retry_after: str | None = None
    headers: Any = None


class Doors:
    """Of one server's processes in turn, as one person."""

    def __init__(self, server: Any, key: str, model: str = MODEL) -> None:
        self._processes = cycle([server, *server.others])
        self.name = server.names[key]
        self.key = key
        self.model = model
        self.headers = {"Authorization": f"Bearer {key}"}
        self.http = httpx2.AsyncClient(
            headers=self.headers, timeout=100, limits=httpx2.Limits(max_connections=100)
        )

    @property
    def server(self) -> Any:
        """The next one to ask."""
        return next(self._processes)

    async def rest(self) -> Answered:
        async with Api(self.server.url, self.key) as api:
            session = await api.session()
            body = {"client_id": uuid.uuid4().hex, "text": TEXT, "model": self.model}
            response = await api.http.post(f"/api/sessions/{session['id']}/messages/", json=body)
            if response.status_code == 201:
                await api.ended(response.json()["runs"][0]["id"])
        return _of(response)

    async def websocket(self) -> Answered:
        async with (
            Api(self.server.url, self.key) as api,
            await Socket.open(self.server.ws_url, self.key) as socket,
        ):
            sent = await socket.ask("message.send", client_id=uuid.uuid4().hex, text=TEXT, model=self.model)
            if sent["ok"]:
                await api.ended(sent["runs"][0]["id"])
                return Answered()
            return Answered(sent["error"], 429, str(sent["error"].get("retry_after")))

    async def commands(self) -> Answered:
        frame = {"type": "message.send", "id": 1, "client_id": uuid.uuid4().hex, "text": TEXT}
        async with Api(self.server.url, self.key) as api:
            response = await api.http.post("/api/commands/", json={**frame, "model": self.model})
            if response.status_code == 200:
                await api.ended(response.json()["runs"][0]["id"])
        return _of(response)

    async def chat_completions(self) -> Answered:
        return await self._posted("/v1/chat/completions", model=self.model, messages=SAID)

    async def chat_stream(self) -> Answered:
        return await self._posted("/v1/chat/completions", model=self.model, messages=SAID, stream=True)

    async def responses(self) -> Answered:
        return await self._posted("/v1/responses", model=self.model, input=TEXT)

    async def responses_unkept(self) -> Answered:
        return await self._posted("/v1/responses", model=self.model, input=TEXT, store=False)

    async def messages(self) -> Answered:
        return await self._posted("/v1/messages", model=self.model, messages=SAID, max_tokens=5000)

    async def ai_sdk(self) -> Answered:
        message = {"id": uuid.uuid4().hex, "role": "user", "parts": [{"type": "text", "text": TEXT}]}
        return await self._posted(
            "/api/ai-sdk/chat", id=uuid.uuid4().hex, messages=[message], model=self.model
        )

    async def ag_ui(self) -> Answered:
        named = {"threadId": uuid.uuid4().hex, "runId": uuid.uuid4().hex}
        said = [{"id": "1", **SAID[0]}]
        return await self._posted(
            "/api/ag-ui", **named, messages=said, forwardedProps={"model": self.model}, state={}, tools=[]
        )

    async def guide(self) -> Answered:
        return await self._posted("/api/streaming/chat", provider_id=self.model, messages=SAID)

    async def guide_socket(self) -> Answered:
        url = f"{self.server.url.replace('http', 'ws')}/api/streaming/ws/{self.name}"
        async with websockets.connect(url, additional_headers=self.headers, open_timeout=60) as socket:
            data = {"messages": SAID, "provider_id": self.model}
            await socket.send(json.dumps({"message_type": "chat_request", "data": data}))
            async for frame in socket:
                told = json.loads(frame)
                if told["message_type"] == "error":
                    return Answered(told["data"], 429, str(told["data"].get("retry_after")))
                if told["data"].get("event_type") == "finish":
                    break
        return Answered()

    async def agent(self) -> Answered:
        return await self._posted("/chat", message=TEXT, model=self.model)

    async def agent_stream(self) -> Answered:
        return await self._posted("/chat/stream", message=TEXT, model=self.model)

    async def studio(self) -> Answered:
        return await self._posted("/novachat", message=TEXT)

    async def _posted(self, path: str, **body: Any) -> Answered:
        return _of(await self.http.post(f"{self.server.url}{path}", json=body))


def _of(response: httpx2.Response) -> Answered:
    if response.status_code < 300:
        return Answered(headers=response.headers)
    json_ = "json" in response.headers["content-type"]
    return Answered(
        response.json() if json_ else response.text,
        response.status_code,
        response.headers.get("retry-after"),
        response.headers,
    )


ALL: Final = tuple(
    name for name, value in vars(Doors).items() if iscoroutinefunction(value) and not name.startswith("_")
)
