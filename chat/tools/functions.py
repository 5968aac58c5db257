"""Python functions as tools: by the decorator `@tool`, or by the entry point group `parley.tools`.

    @tool(policy="always", side_effects=False)
    async def population(city: str) -> int:
        '''How many people live in a city.

        Args:
            city: the city's name in English
        '''

Where the package has an entry point in `parley.tools` that names the function's module or the function,
Parley finds it by itself; otherwise the module has to be imported by the process that executes runs.
"""

import asyncio
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Final, TypeVar

from chat.tools.contract import OUTPUT_LIMIT, TIMEOUT, CallContext, Policy, ServerTool
from chat.tools.schemas import Signature

ENTRY_POINTS: Final = "parley.tools"

_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Registered:
    function: Callable[..., Any]
    description: str
    side_effects: bool
    policy: Policy
    timeout: float
    output_limit: int
    by_default: bool


_registered: dict[str, _Registered] = {}


def tool(
    *,
    name: str = "",
    description: str = "",
    side_effects: bool = True,
    policy: Policy | None = None,
    timeout: float = TIMEOUT,
    output_limit: int = OUTPUT_LIMIT,
    by_default: bool = False,
) -> Callable[[_F], _F]:
    """Register a function, sync (it runs in a thread, which cannot be stopped) or async.

    Unless told otherwise, a tool with side effects asks first, and others always run.
    """

    def register(function: _F) -> _F:
        _registered[name or function.__name__] = _Registered(
            function=function,
            description=description,
            side_effects=side_effects,
            policy=policy or ("ask" if side_effects else "always"),
            timeout=timeout,
            output_limit=output_limit,
            by_default=by_default,
        )
        _built.cache_clear()
        return function

    return register


def function_tools() -> list[ServerTool]:
    """All that are registered, by name. Loads the entry points once."""
    _load_entry_points()
    return [_built(name) for name in sorted(_registered)]


@cache
def _load_entry_points() -> None:
    for point in entry_points(group=ENTRY_POINTS):
        loaded = point.load()
        if callable(loaded) and all(known.function is not loaded for known in _registered.values()):
            tool(name=point.name)(loaded)


@cache
def _built(name: str) -> ServerTool:
    found = _registered[name]
    signature = Signature(found.function)

    async def run(arguments: Mapping[str, Any], context: CallContext) -> Any:
        keywords = signature.keywords(dict(arguments), context)
        if inspect.iscoroutinefunction(found.function):
            return await found.function(**keywords)
        return await asyncio.to_thread(found.function, **keywords)

    return ServerTool(
        name=name,
        run=run,
        description=found.description or signature.description,
        parameters=signature.parameters,
        side_effects=found.side_effects,
        policy=found.policy,
        by_default=found.by_default,
        timeout=found.timeout,
        output_limit=found.output_limit,
    )
