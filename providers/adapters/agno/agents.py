"""The Agno agents of this process, by name. What is imported for a name is imported at its first use."""

from importlib import import_module
from typing import Any, Final, Protocol

from providers.errors import ModelNotFound, ProviderUnreachable

_agents: Final[dict[str, Any]] = {}


class Agent(Protocol):
    """What is needed of `agno.agent.Agent` and `agno.team.Team`."""

    def arun(self, input: Any, *, stream: bool, stream_events: bool) -> Any: ...


def register_agno_agent(name: str, target: Any) -> None:
    """`target` is an agent or a team, a function that makes one, or the dotted path of either
    (`package.module:attribute`). The name is its model's name in Parley. Paths are the operator's to give,
    in Python or in the environment, never a user's: their modules are run."""
    _agents[name] = target


def agno_agents() -> list[str]:
    return sorted(_agents)


def agno_agent(name: str) -> Agent:
    """A fresh agent of this name: one agent serves one run at a time. Raises ModelNotFound, and
    ProviderUnreachable where it cannot be imported. May take a while the first time."""
    if name not in _agents:
        raise ModelNotFound
    target = _agents[name]
    if isinstance(target, str):
        target = _agents[name] = _imported(target)
    if not hasattr(target, "arun"):
        target = target()
    fresh: Agent = target.deep_copy() if hasattr(target, "deep_copy") else target
    return fresh


def _imported(path: str) -> Any:
    module, _, attribute = path.replace(":", ".").rpartition(".")
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ProviderUnreachable(detail=f"the agent {path!r} cannot be imported: {error!r}") from error
