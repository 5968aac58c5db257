"""All tools of this server, and those of one run. Reads rows; connects to nothing."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from chat.models import McpServer, ToolRule
from chat.tools import builtin  # noqa: F401 - its tools register themselves
from chat.tools.contract import ServerTool
from chat.tools.functions import function_tools
from chat.tools.servers import call_tool
from providers.briefly import briefly
from providers.contract import Tool

LONGEST: Final = 64  # characters of a name, for every vendor


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The tools of one run: those that this server runs, by name, and those that the caller will run."""

    server: Mapping[str, ServerTool]
    client: tuple[Tool, ...] = ()

    @property
    def client_names(self) -> frozenset[str]:
        return frozenset(tool.name for tool in self.client)

    @property
    def has_effects(self) -> bool:
        """Whether a call may change something; of the caller's tools nobody knows."""
        return bool(self.client) or any(tool.side_effects for tool in self.server.values())

    @property
    def offered(self) -> tuple[Tool, ...]:
        return (*(tool.offered for tool in self.server.values()), *self.client)

    @property
    def unattended(self) -> "Toolbox":
        """Without those that a person has to allow each time."""
        return replace(self, server={name: t for name, t in self.server.items() if t.policy == "always"})

    def joined_by(self, tools: Mapping[str, ServerTool]) -> "Toolbox":
        """With more of this server's. The caller's names go before them."""
        more = {name: tool for name, tool in tools.items() if name not in self.client_names}
        return replace(self, server={**self.server, **more}) if more else self


def all_tools() -> tuple[ServerTool, ...]:
    """By name. Of those with the policy `never` too."""
    return _all_tools()


def toolbox(selection: Sequence[Any] | None) -> Toolbox:
    """What a run may use: `selection` holds names of this server's tools and definitions of the caller's;
    None is the operator's choice. A name that is not there is passed over. The caller's go first."""
    allowed = [tool for tool in all_tools() if tool.policy != "never"]
    if selection is None:
        return Toolbox({tool.name: tool for tool in allowed if tool.by_default})
    client = tuple(defined_tool(item) for item in selection if isinstance(item, Mapping))
    taken = {tool.name for tool in client}
    names = {item for item in selection if isinstance(item, str)} - taken
    return Toolbox({tool.name: tool for tool in allowed if tool.name in names}, client)


def defined_tool(item: Mapping[str, Any]) -> Tool:
    """Of a definition as `chat.commands` checked it."""
    return Tool(
        name=item["name"],
        description=item.get("description", ""),
        parameters=item.get("parameters") or {"type": "object", "properties": {}},
        strict=item.get("strict"),
    )


@briefly
def unlisted_servers() -> tuple[int, ...]:
    """Those whose tools nobody has read yet."""
    rows = McpServer.objects.filter(enabled=True, listed_at__isnull=True)
    return tuple(rows.values_list("pk", flat=True))


@briefly
def _all_tools() -> tuple[ServerTool, ...]:
    rules = {rule.tool: rule for rule in ToolRule.objects.all()}
    found = [*function_tools(), *_of_servers(McpServer.objects.filter(enabled=True))]
    named = {tool.name: tool for tool in reversed(_without_doubles(found))}  # the first of a name stays
    return tuple(_ruled(named[name], rules.get(name)) for name in sorted(named))


def _of_servers(servers: Iterable[McpServer]) -> list[ServerTool]:
    return [_mcp_tool(server, listed) for server in servers for listed in server.tools]


def _mcp_tool(server: McpServer, listed: Mapping[str, Any]) -> ServerTool:
    return ServerTool(
        name=_usable(listed["name"]),
        run=partial(call_tool, server.pk, listed["name"]),
        description=listed["description"],
        parameters=listed["parameters"],
        server=server.name,
        server_id=server.pk,
        side_effects=not listed["read_only"],
        policy=server.policy,  # type: ignore[arg-type]  # a choice of Policy
        by_default=server.by_default,
        timeout=server.timeout_seconds,
    )


def _without_doubles(tools: Sequence[ServerTool]) -> list[ServerTool]:
    """A name that is there twice gets its server's before it; Python functions keep theirs."""
    count = Counter(tool.name for tool in tools)
    return [
        replace(tool, name=_usable(f"{tool.server}_{tool.name}"))
        if tool.server and count[tool.name] > 1
        else tool
        for tool in tools
    ]


def _ruled(tool: ServerTool, rule: ToolRule | None) -> ServerTool:
    if rule is None:
        return tool
    by_default = tool.by_default if rule.by_default is None else rule.by_default
    policy: Any = rule.policy or tool.policy
    return replace(tool, policy=policy, by_default=by_default)


def _usable(name: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:LONGEST] or "tool"
