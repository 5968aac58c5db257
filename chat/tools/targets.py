"""Where an MCP server is and how it is reached: plain values, so that no SDK is imported for them."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings

from chat.models import McpServer
from chat.tools.errors import ToolUnavailable
from providers.secrets import Secret, SecretUnreadable, without_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`url` for http and sse, `command` (program and arguments) for stdio."""

    server_id: int
    name: str
    transport: str
    url: str = ""
    command: tuple[str, ...] = ()
    headers: Mapping[str, Secret] = field(default_factory=dict)

    def without_secrets(self, text: str) -> str:
        """What the server wrote, fit for logs and people: it may have repeated its headers."""
        return without_values(text, [value.reveal() for value in self.headers.values()])


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTool:
    """A tool as its server describes it; `read_only` is the server's own word."""

    name: str
    description: str = ""
    parameters: Mapping[str, object] = field(default_factory=lambda: {"type": "object"})
    read_only: bool = False


def target_of(server: McpServer) -> Target:
    """Raises ToolUnavailable where it cannot be reached as it is set up."""
    try:
        headers = {name: Secret(value) for name, value in server.headers.items()}
    except SecretUnreadable as error:
        raise ToolUnavailable(str(error)) from None
    stdio = server.transport == McpServer.Transport.STDIO
    return Target(
        server_id=server.pk,
        name=server.name,
        transport=server.transport,
        url="" if stdio else server.url,
        command=_command(server.command) if stdio else (),
        headers=headers,
    )


def commands() -> dict[str, tuple[str, ...]]:
    """PARLEY_MCP_COMMANDS: what may be started on this machine, by name."""
    return {
        name: tuple(shlex.split(told) if isinstance(told, str) else map(str, told))
        for name, told in settings.MCP_COMMANDS.items()
    }


def _command(name: str) -> tuple[str, ...]:
    command = commands().get(name)
    if not command:
        raise ToolUnavailable("Its command is not in PARLEY_MCP_COMMANDS.")
    return command
