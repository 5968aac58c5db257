"""An MCP server over stdio that misbehaves on purpose: python odd_server.py JOURNAL

Written by hand, because the SDK's own server cannot be made to do these things. What it is asked is written
to the journal, one JSON object per line, so that a test sees what really reached it.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

TOOLS = ["count", "hang", "die", "flood", "huge", "grow", "fail", "slow"]
OBJECT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}


def main() -> None:
    server = OddServer(Path(sys.argv[1]))
    for line in sys.stdin:
        server.take(json.loads(line))


class OddServer:
    def __init__(self, journal: Path) -> None:
        self.journal = journal
        self.tools = list(TOOLS)

    def take(self, message: dict[str, Any]) -> None:
        with self.journal.open("a") as file:
            file.write(json.dumps({"method": message.get("method"), "params": message.get("params")}) + "\n")
        match message.get("method"):
            case "initialize":
                self.answer(message, self.hello(message["params"]))
            case "tools/list":
                self.answer(message, {"tools": [self.described(name) for name in self.tools]})
            case "tools/call":
                getattr(self, message["params"]["name"])(message)
            case str(method) if "id" in message:
                self.say({"id": message["id"], "error": {"code": -32601, "message": f"no {method}"}})

    # --- the tools --------------------------------------------------------------------------

    def count(self, message: dict[str, Any]) -> None:
        self.text(message, message["params"]["arguments"]["text"])

    def hang(self, message: dict[str, Any]) -> None:
        """No answer, ever; what else is asked is heard."""

    def slow(self, message: dict[str, Any]) -> None:
        time.sleep(1)
        self.text(message, "slept")

    def die(self, message: dict[str, Any]) -> None:
        os._exit(3)

    def fail(self, message: dict[str, Any]) -> None:
        content = [{"type": "text", "text": "this went wrong"}]
        self.answer(message, {"content": content, "isError": True})

    def flood(self, message: dict[str, Any]) -> None:
        for _ in range(2_000):
            sys.stderr.write("x" * 10_000 + "\n")
        self.text(message, "flooded")

    def huge(self, message: dict[str, Any]) -> None:
        """100 MB in one line."""
        sys.stdout.write(
            '{"jsonrpc": "2.0", "id": ' + json.dumps(message["id"]) + ', "result": {"content": ['
        )
        sys.stdout.write('{"type": "text", "text": "')
        for _ in range(100):
            sys.stdout.write("y" * 1_000_000)
        sys.stdout.write('"}]}}\n')
        sys.stdout.flush()

    def grow(self, message: dict[str, Any]) -> None:
        """Changes its list in the middle of a run, and calls of `grow` are no more."""
        self.tools = ["count", "grown"]
        self.say({"method": "notifications/tools/list_changed"})
        self.text(message, "grew")

    grown = count

    # --- the protocol -----------------------------------------------------------------------

    def hello(self, params: dict[str, Any]) -> dict[str, Any]:
        return {
            "protocolVersion": params["protocolVersion"],
            "capabilities": {"tools": {"listChanged": True}},
            "serverInfo": {"name": "odd", "version": "1"},
        }

    def described(self, name: str) -> dict[str, Any]:
        hints = {"readOnlyHint": name in ("hang", "slow")}
        return {"name": name, "description": name, "inputSchema": OBJECT, "annotations": hints}

    def text(self, message: dict[str, Any], text: str) -> None:
        self.answer(message, {"content": [{"type": "text", "text": text}]})

    def answer(self, message: dict[str, Any], result: dict[str, Any]) -> None:
        self.say({"id": message["id"], "result": result})

    def say(self, message: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
